import BinHardware
import CGPIO
import Foundation
import Simulation
import Testing

extension RigTests {
    /// Our lines on the kernel's, through whichever libgpiod the tests were linked with.
    struct GPIOLinesTests {
        @Test(
            "the version is the one that was asked for",
            .enabled(if: Self.versionAsked != nil, "any will do"))
        func version() {
            #expect(Self.versionAsked == Int(cgpio_version()))
        }

        private static let versionAsked =
            ProcessInfo.processInfo.environment["STEELYARD_RIG_LIBGPIOD"].flatMap(Int.init)

        @Test func aChipIsFoundByLabelNameAndPath() throws {
            let chip = try SimulatedChip(label: "found", lines: 1)
            for name in [chip.label, chip.name, chip.device] {
                #expect(try GPIOLines.path(of: name) == chip.device)
            }
            try chip.remove()
            #expect(throws: LineError.self) { _ = try GPIOLines.path(of: "found") }
        }

        @Test func ofTwoChipsOfOneLabelNoneIsTaken() throws {
            // The second one has the first one's name for its label.
            let first = try SimulatedChip(label: "ambiguous", lines: 1)
            let second = try SimulatedChip(label: first.name, lines: 1)
            let error = #expect(throws: LineError.self) {
                _ = try GPIOLines.path(of: first.name)
            }
            #expect(error?.cause == .chipAmbiguous)
            #expect(try GPIOLines.path(of: second.name) == second.device)
        }

        @Test(
            "inputs are read, with either polarity", arguments: [false, true])
        func inputs(isActiveLow: Bool) throws {
            let chip = try SimulatedChip(label: "inputs", lines: 4)
            let pin = try chip.line(2)
            let lines = try GPIOLines(
                chip: "inputs", inputs: [0, 2], InputSetup(isActiveLow: isActiveLow))
            for isHigh in [true, false] {
                try pin.pull(high: isHigh)
                #expect(try lines.isActive(1) == (isHigh != isActiveLow))
                #expect(try lines.isActive(0) == isActiveLow)
            }
        }

        @Test func outputsAreDriven() throws {
            let chip = try SimulatedChip(label: "outputs", lines: 4)
            let pins = [try chip.line(3), try chip.line(1)]
            let lines = try GPIOLines(chip: "outputs", outputs: [3, 1], values: [true, false])
            #expect(try pins.map { try $0.isHigh() } == [true, false])
            try lines.set(1, to: true)
            try lines.set(0, to: false)
            #expect(try pins.map { try $0.isHigh() } == [false, true])
        }

        @Test func biasPulls() throws {
            let chip = try SimulatedChip(label: "bias", lines: 2)
            let up = try GPIOLines(chip: "bias", inputs: [0], InputSetup(bias: .pullUp))
            let down = try GPIOLines(chip: "bias", inputs: [1], InputSetup(bias: .pullDown))
            #expect(try up.isActive(0))
            #expect(try !down.isActive(0))
            withExtendedLifetime(chip) {}
        }

        @Test func edgesOfTwoLinesComeInTheirOrderWithTheKernelsTimes() throws {
            let chip = try SimulatedChip(label: "merged", lines: 2)
            let player = try WiegandPlayer(chip: chip, d0: 0, d1: 1)
            let lines = try GPIOLines(chip: "merged", inputs: [0, 1], InputSetup(edges: .falling))
            let bits = "0110100110010110".map { $0 == "1" }
            try player.playHere(WiegandWave(bits: bits))
            let batch = try lines.edges()
            #expect(batch.edges.map { $0.index == 1 } == bits)
            #expect(batch.edges.allSatisfy { !$0.isRising } && batch.lost == 0)
            for (edge, next) in zip(batch.edges, batch.edges.dropFirst()) {
                #expect(!Rig.timeIsVirtual || abs(next.atNs - edge.atNs - 2_000_000) < 5000)
            }
            #expect(try lines.edges().edges.isEmpty)
        }

        /// With libgpiod 1 the kernel keeps the oldest 16 of a line and says nothing; with 2 it
        /// keeps the newest of a long queue and numbers them.
        @Test("what a full queue drops", arguments: [16, 17, 1024, 1025, 1100])
        func fullQueue(pulses: Int) throws {
            let chip = try SimulatedChip(label: "full", lines: 2)
            let player = try WiegandPlayer(chip: chip, d0: 0, d1: 1)
            let lines = try GPIOLines(chip: "full", inputs: [0], InputSetup(edges: .falling))
            let bits = Array(repeating: false, count: pulses)
            try player.playHere(
                WiegandWave(bits: bits, timing: .init(pulseUs: 50, intervalUs: 200)))
            let batch = try lines.edges()
            let kept = cgpio_version() == 1 ? 16 : 1024
            #expect(batch.edges.count == min(pulses, kept))
            #expect(batch.lost == (cgpio_version() == 1 ? 0 : Int64(max(pulses - kept, 0))))
        }

        @Test func aLineThatSomebodyHasIsRefusedWithTheirName() throws {
            let chip = try SimulatedChip(label: "busy", lines: 2)
            let first = try GPIOLines(chip: "busy", inputs: [1], InputSetup())
            let error = #expect(throws: LineError.self) {
                _ = try GPIOLines(chip: "busy", inputs: [0, 1], InputSetup())
            }
            #expect(error?.cause == .busy(line: 1, consumer: "steelyardd"))
            let missing = #expect(throws: LineError.self) {
                _ = try GPIOLines(chip: "busy", inputs: [2], InputSetup())
            }
            #expect(missing?.cause == .lineMissing)
            #expect(try !first.isActive(0))
            withExtendedLifetime(chip) {}
        }

        @Test func aChipThatWentAwayIsAnError() throws {
            let chip = try SimulatedChip(label: "gone", lines: 1)
            let lines = try GPIOLines(chip: "gone", inputs: [0], InputSetup(edges: .falling))
            try chip.remove()
            #expect(throws: LineError.self) { _ = try lines.isActive(0) }
        }
    }
}
