import BinCore
import BinHardware
import Logging
import Simulation
import Testing

extension RigTests {
    /// Weights through the kernel's lines: what the daemon makes of a converter.
    struct HX711ConverterTests {
        private struct Bench {
            let chip: SimulatedChip
            let model: ConverterModel
            let book = EventBook()
            let converter: HX711Converter

            init(label: String, gain: Int = 128, rate: Int = 80, powerDownUs: Int?) throws {
                self.chip = try SimulatedChip(label: label, lines: 2)
                self.model = try ConverterModel(
                    chip: self.chip, clock: 0, data: 1, samplesPerSecond: rate,
                    powerDownUs: powerDownUs)
                self.converter = HX711Converter(
                    scale: try #require(Name("pet")),
                    settings: HX711Settings(
                        chip: label, clock: 0, data: 1, gain: gain, rate: rate),
                    listener: self.book, clock: RigClock(),
                    logger: Logger(label: "rig") { _ in SwiftLogNoOpLogHandler() })
            }

            /// What was converted since the last call.
            func counts() -> [Int64] {
                self.book.take().compactMap { event in
                    if case .converted(_, let conversion) = event { conversion.counts } else { nil }
                }
            }

            func wait(ms: Int) async throws { try await Task.sleep(for: .milliseconds(ms)) }
        }

        @Test(
            "what the cell gives is what is told, with the chip's own rule for its clock",
            .enabled(if: Rig.timeIsVirtual, "only in virtual time"),
            arguments: [(128, ConverterModel.Input.a128), (64, .a64), (32, .b32)])
        func converts(gain: Int, input: ConverterModel.Input) async throws {
            let bench = try Bench(label: "converts", gain: gain, powerDownUs: 60)
            var random = SeededRandom(seed: 5)
            var seen = 0
            for other in ConverterModel.Input.allCases where other != input {
                try bench.model.feed(1_111_111, to: other)
            }
            try bench.model.feed(0, to: input)
            try await running(bench.converter) {
                try await bench.wait(ms: 500)
                _ = bench.counts()
                for _ in 0..<200 {
                    let counts = Int.random(in: -8_000_000...8_000_000, using: &random)
                    try bench.model.feed(counts, to: input)
                    // One conversion may be under way with the value before.
                    try await bench.wait(ms: 14)
                    _ = bench.counts()
                    try await bench.wait(ms: 26)
                    let told = bench.counts()
                    seen += told.count
                    #expect(told.allSatisfy { $0 == Int64(counts) }, "\(told) of \(counts)")
                }
            }
            #expect(seen >= 200)
            let health = try #require(bench.converter.health().first)
            print("hx711 gain \(gain): \(seen) conversions, \(health.counts)")
            #expect(try bench.model.counters().powerDowns <= 1)
        }

        @Test(
            "a clock that is too slow for the chip never makes a weight",
            .enabled(if: !Rig.timeIsVirtual, "only in real time"))
        func tooSlow() async throws {
            // Here a system call alone takes longer than the 60 µs after which the chip turns off.
            let bench = try Bench(label: "slow", powerDownUs: 60)
            try bench.model.feed(0x2A_5C31)
            try await running(bench.converter) { try await bench.wait(ms: 5000) }
            let told = bench.counts()
            #expect(told.allSatisfy { $0 == 0x2A_5C31 })
            let health = try #require(bench.converter.health().first)
            print("hx711 in real time: \(told.count) conversions, \(health.counts)")
            // It was too slow indeed.
            let slow = ["powered-down", "slow-clock"].reduce(0) { $0 + (health.counts[$1] ?? 0) }
            #expect(slow > 0)
        }

        @Test(
            "a broken data wire is a fault, and heals",
            .enabled(if: Rig.timeIsVirtual, "only in virtual time"))
        func brokenDataWire() async throws {
            // The bin powers it down after a fault: without a limit that would be one more pulse.
            let bench = try Bench(label: "broken", powerDownUs: 60)
            try bench.model.feed(4711)
            try await running(bench.converter) {
                try await bench.wait(ms: 1500)
                #expect(bench.counts().last == 4711)
                try bench.model.setWire(.staysHigh)
                try await bench.wait(ms: 3000)
                let broken = bench.book.take()
                #expect(
                    broken.contains { event in
                        if case .failed(let fault, _) = event {
                            fault.source == "scale pet"
                        } else {
                            false
                        }
                    })
                try bench.model.setWire(.staysLow)
                try await bench.wait(ms: 2000)
                #expect(bench.counts().isEmpty)
                try bench.model.setWire(.whole)
                try await bench.wait(ms: 3000)
                #expect(bench.counts().last == 4711)
            }
        }
    }
}
