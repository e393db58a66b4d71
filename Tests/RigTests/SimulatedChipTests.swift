import Foundation
import Simulation
import Testing

extension RigTests {
    struct SimulatedChipTests {
        @Test func aChipComesAndGoesWithItsOwner() throws {
            let device: String
            do {
                let chip = try SimulatedChip(label: "comes-and-goes", lines: 4)
                device = chip.device
                #expect(FileManager.default.fileExists(atPath: device))
                #expect(try KernelChip(device).label == "comes-and-goes")
                #expect(try KernelChip(device).linesCount == 4)
                withExtendedLifetime(chip) {}
            }
            #expect(!FileManager.default.fileExists(atPath: device))
        }

        @Test func removingItTwiceIsFine() throws {
            let chip = try SimulatedChip(label: "twice", lines: 1)
            try chip.remove()
            try chip.remove()
            #expect(!FileManager.default.fileExists(atPath: chip.device))
        }

        @Test func whatIsLeftOfTheSameLabelIsReplaced() throws {
            let left = try SimulatedChip(label: "left", lines: 2, lineNames: [1: "named"])
            let line = try left.line(1)
            let chip = try SimulatedChip(label: "left", lines: 3)
            #expect(try KernelChip(chip.device).linesCount == 3)
            #expect(throws: SimulatedGPIOError.self) { try line.pull(high: true) }
        }

        @Test func linesHaveNames() throws {
            let chip = try SimulatedChip(label: "names", lines: 3, lineNames: [1: "door"])
            let kernel = try KernelChip(chip.device)
            #expect(try (0..<3).map { try kernel.name(ofLine: $0) } == ["", "door", ""])
            withExtendedLifetime(chip) {}
        }

        @Test(
            "what can't be made leaves nothing",
            arguments: [
                ("", 1), (String(repeating: "x", count: 32), 1), ("a/b", 1), ("..", 1), ("a", 0),
                ("a", 65), ("a", -1),
            ])
        func malformed(label: String, lines: Int) throws {
            #expect(throws: SimulatedGPIOError.malformedChip(label: label, lines: lines)) {
                _ = try SimulatedChip(label: label, lines: lines)
            }
        }

        @Test func aLineThatIsNotThereIsRefused() throws {
            let chip = try SimulatedChip(label: "short", lines: 2)
            #expect(throws: SimulatedGPIOError.noSuchLine(2, chip: "short")) {
                _ = try chip.line(2)
            }
            #expect(throws: SimulatedGPIOError.noSuchLine(2, chip: "named")) {
                _ = try SimulatedChip(label: "named", lines: 2, lineNames: [2: "x"])
            }
        }

        @Test func anInputFollowsThePull() throws {
            let chip = try SimulatedChip(label: "input", lines: 2)
            let pin = try chip.line(1)
            let program = try KernelLines(chip.device, [1], as: .input)
            for isHigh in [true, false, true] {
                try pin.pull(high: isHigh)
                #expect(try program.values() == [isHigh])
            }
        }

        @Test func anOutputIsSeenAndIsStrongerThanThePull() throws {
            let chip = try SimulatedChip(label: "output", lines: 2)
            let pin = try chip.line(0)
            let program = try KernelLines(chip.device, [0], as: .output)
            #expect(try !pin.isHigh())
            try program.set([true])
            try pin.pull(high: false)
            #expect(try pin.isHigh())
        }

        @Test func everyEdgeIsSeenInItsOrder() throws {
            let chip = try SimulatedChip(label: "edges", lines: 2)
            let pins = [try chip.line(0), try chip.line(1)]
            let program = try KernelLines(chip.device, [0, 1], as: .bothEdges)
            for step in 0..<8 {
                try pins[step % 2].pull(high: step % 4 < 2)
                // One edge is read before the next one is made.
                let edge = try #require(try program.nextEdge(withinMs: 1000))
                #expect(edge.line == step % 2 && edge.isRising == (step % 4 < 2))
            }
            #expect(try program.nextEdge(withinMs: 0) == nil)
        }
    }
}
