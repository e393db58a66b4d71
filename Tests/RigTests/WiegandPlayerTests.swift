import Simulation
import Testing

extension RigTests {
    struct WiegandPlayerTests {
        /// H10301, facility 123, card 4567. Source: DOMAIN.md §3.3, also printed by proxmark3.
        private static let card = "10111101100010001110101110"

        private static func bits(_ text: String) -> [Bool] { text.map { $0 == "1" } }

        /// All edges that a frame makes, on lines 0 (D0) and 1.
        private func edges(_ wave: WiegandWave, label: String) throws -> [KernelLines.Edge] {
            let chip = try SimulatedChip(label: label, lines: 2)
            let player = try WiegandPlayer(chip: chip, d0: 0, d1: 1)
            let program = try KernelLines(chip.device, [0, 1], as: .bothEdges)
            try player.playHere(wave)
            var edges: [KernelLines.Edge] = []
            while let edge = try program.nextEdge(withinMs: 50) { edges.append(edge) }
            #expect(edges.map(\.number) == edges.indices.map { $0 + 1 })
            return edges
        }

        @Test func aFrameArrivesBitByBit() throws {
            let wave = WiegandWave(bits: Self.bits(Self.card))
            let falls = try self.edges(wave, label: "frame").filter { !$0.isRising }
            #expect(falls.map { $0.line == 1 ? "1" : "0" }.joined() == Self.card)
        }

        @Test(
            "pulses have their width and their distance",
            .enabled(if: Rig.timeIsVirtual, "only in virtual time"),
            arguments: [(20, 200), (100, 2000), (500, 1850), (50, 20_000)])
        func timing(pulseUs: Int, intervalUs: Int) throws {
            let bits = Self.bits("1101")
            let wave = WiegandWave(
                bits: bits, timing: .init(pulseUs: pulseUs, intervalUs: intervalUs))
            let edges = try self.edges(wave, label: "timing")
            let start = try #require(edges.first).atUs
            let seen = edges.map { $0.atUs - start }
            let sent = bits.indices.flatMap { [$0 * intervalUs, $0 * intervalUs + pulseUs] }
            #expect(seen.count == sent.count)
            for (seen, sent) in zip(seen, sent) { #expect(abs(seen - sent) <= 2) }
        }

        @Test(
            "defects reach the program",
            arguments: [
                ([], "01"), ([.missing(bit: 0)], "1"), ([.extra(true, at: 0)], "101"),
                ([.both(bit: 0)], "011"), ([.stray(.d1, after: 0, widthUs: 5)], "011"),
                ([.stuck(.d0, from: 0, forUs: 5000)], "01"),
            ] as [([WiegandWave.Defect], String)])
        func defects(defects: [WiegandWave.Defect], seen: String) throws {
            let wave = WiegandWave(bits: [false, true], defects: defects)
            let falls = try self.edges(wave, label: "defects").filter { !$0.isRising }
            #expect(falls.map { $0.line == 1 ? "1" : "0" }.joined() == seen)
        }

        @Test func framesOfOneReaderFollowEachOther() async throws {
            let chip = try SimulatedChip(label: "queue", lines: 2)
            let player = try WiegandPlayer(chip: chip, d0: 0, d1: 1)
            let program = try KernelLines(chip.device, [0, 1], as: .fallingEdges)
            async let first: Void = player.play(WiegandWave(bits: Self.bits("0000")))
            async let second: Void = player.play(WiegandWave(bits: Self.bits("0000")))
            _ = try await (first, second)
            var count = 0
            while try program.nextEdge(withinMs: 50) != nil { count += 1 }
            #expect(count == 8)
        }

        @Test func aChipThatWentAwayIsTold() throws {
            let chip = try SimulatedChip(label: "away", lines: 2)
            let player = try WiegandPlayer(chip: chip, d0: 0, d1: 1)
            try chip.remove()
            #expect(throws: SimulatedGPIOError.self) {
                try player.playHere(WiegandWave(bits: [true]))
            }
        }
    }
}
