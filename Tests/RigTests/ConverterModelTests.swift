import Simulation
import Testing

/// A program that reads an HX711 on lines 0 (clock) and 1 (data), of which it knows the data sheet.
private struct PlainReader: ~Copyable {
    let clock: KernelLines
    let data: KernelLines

    init(_ chip: SimulatedChip, clock: Int = 0, data: Int = 1) throws {
        let clock = try KernelLines(chip.device, [clock], as: .output)
        let data = try KernelLines(chip.device, [data], as: .fallingEdges)
        self.clock = clock
        self.data = data
    }

    func isReady() throws -> Bool { try self.data.values() == [false] }

    /// Milliseconds until a result is there, by its edge; `nil` if none comes in 2 s.
    func waitUntilReady() throws -> Int? {
        while try self.data.nextEdge(withinMs: 0) != nil {}
        let start = RigTime.nowUs()
        while try !self.isReady() {
            guard try self.data.nextEdge(withinMs: 2000) != nil else { return nil }
        }
        return (RigTime.nowUs() - start + 500) / 1000
    }

    /// Clocks, and gives the level after each rise.
    func clock(_ pulses: Int, highUs: UInt32 = 1, last: Int = 0) throws -> [Bool] {
        try (0..<pulses).map { _ in
            try self.clock.set([true])
            if highUs > 1 { RigTime.sleep(us: Int(highUs)) }
            let bit = try self.data.values() == [true]
            try self.clock.set([false])
            return bit
        }
    }

    /// A whole read, as counts; `nil` if the data line isn't high after it.
    func read(pulses: Int = 25, highUs: UInt32 = 1) throws -> Int? {
        let bits = try self.clock(pulses, highUs: highUs)
        guard bits.dropFirst(24).allSatisfy({ $0 }) else { return nil }
        let word = bits.prefix(24).reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
        return word >= 1 << 23 ? word - 1 << 24 : word
    }
}

extension RigTests {
    struct ConverterModelTests {
        /// Source: DOMAIN.md §2.2; the rails are 800000 and 7FFFFF.
        @Test(
            "a sample comes out bit by bit",
            arguments: [0, 1, -1, 662_316, -662_316, 8_388_607, -8_388_608, 9_999_999, -9_999_999])
        func samples(counts: Int) throws {
            let chip = try SimulatedChip(label: "samples", lines: 2)
            let model = try ConverterModel(chip: chip, clock: 0, data: 1, powerDownUs: nil)
            try model.feed(counts)
            let reader = try PlainReader(chip)
            #expect(try reader.waitUntilReady() != nil)
            #expect(try reader.read() == min(max(counts, -8_388_608), 8_388_607))
            #expect(try !reader.isReady())
            #expect(
                try model.counters() == .init(reads: 1, pulses: 25, errors: 0, powerDowns: 0))
        }

        @Test(
            "results come at their rate, the first after four conversions",
            .enabled(if: Rig.timeIsVirtual, "only in virtual time"),
            arguments: [(10, 100), (80, 12)])
        func rate(perSecond: Int, periodMs: Int) throws {
            let chip = try SimulatedChip(label: "rate", lines: 2)
            let model = try ConverterModel(
                chip: chip, clock: 0, data: 1, samplesPerSecond: perSecond)
            let reader = try PlainReader(chip)
            #expect(try reader.waitUntilReady() == 4000 / perSecond)
            for _ in 0..<3 {
                _ = try reader.read()
                #expect(try reader.waitUntilReady() == periodMs)
            }
            withExtendedLifetime(model) {}
        }

        @Test(
            "pulses ask for the input of the next conversion, which takes four",
            .enabled(if: Rig.timeIsVirtual, "only in virtual time"))
        func inputs() throws {
            let chip = try SimulatedChip(label: "inputs", lines: 2)
            let model = try ConverterModel(chip: chip, clock: 0, data: 1)
            try model.feed(128, to: .a128)
            try model.feed(32, to: .b32)
            try model.feed(64, to: .a64)
            let reader = try PlainReader(chip)
            let steps: [(pulses: Int, is: Int, nextMs: Int)] = [
                (25, 128, 100), (26, 128, 400), (26, 32, 100), (27, 32, 400), (27, 64, 100),
                (25, 64, 400), (27, 128, 400), (25, 64, 400), (25, 128, 100),
            ]
            #expect(try reader.waitUntilReady() == 400)
            for step in steps {
                #expect(try reader.read(pulses: step.pulses) == step.is)
                #expect(try reader.waitUntilReady() == step.nextMs)
            }
            #expect(try model.counters().errors == 0)
        }

        @Test(
            "a clock that is high for too long turns it off",
            .enabled(if: Rig.timeIsVirtual, "only in virtual time"),
            arguments: [(50, true), (59, true), (62, false), (100, false)])
        func powerDown(highUs: Int, isFine: Bool) throws {
            let chip = try SimulatedChip(label: "power", lines: 2)
            let model = try ConverterModel(chip: chip, clock: 0, data: 1)
            try model.feed(0x2A_5C31)
            let reader = try PlainReader(chip)
            _ = try reader.waitUntilReady()
            let value = try reader.read(highUs: UInt32(highUs))
            #expect((value == 0x2A_5C31) == isFine)
            #expect((try model.counters().powerDowns == 0) == isFine)
            let nextMs = try #require(try reader.waitUntilReady())
            #expect((isFine ? 97...99 : 400...400).contains(nextMs))
            #expect(try reader.read() == 0x2A_5C31)
        }

        @Test(
            "the input outlasts a power-down, or not",
            .enabled(if: Rig.timeIsVirtual, "only in virtual time"),
            arguments: [(true, 64), (false, 128)])
        func inputAfterPowerDown(keeps: Bool, counts: Int) throws {
            let chip = try SimulatedChip(label: "keeps", lines: 2)
            let model = try ConverterModel(chip: chip, clock: 0, data: 1)
            try model.keepInputWhenOff(keeps)
            try model.feed(128, to: .a128)
            try model.feed(64, to: .a64)
            let reader = try PlainReader(chip)
            _ = try reader.waitUntilReady()
            _ = try reader.read(pulses: 27)
            #expect(try reader.clock(1, highUs: 100) == [true])
            #expect(try reader.waitUntilReady() == 400)
            #expect(try reader.read() == counts)
        }

        @Test func aReadThatIsBrokenOffIsAnErrorAndTheNextOneIsWhole() throws {
            let chip = try SimulatedChip(label: "broken", lines: 2)
            let model = try ConverterModel(chip: chip, clock: 0, data: 1, powerDownUs: nil)
            try model.feed(-2)
            let reader = try PlainReader(chip)
            _ = try reader.waitUntilReady()
            #expect(try reader.clock(10) == Array(repeating: true, count: 10))
            #expect(try reader.waitUntilReady() != nil)
            #expect(try reader.read() == -2)
            #expect(
                try model.counters() == .init(reads: 1, pulses: 25, errors: 1, powerDowns: 0))
        }

        @Test func moreThan27PulsesAreAnErrorAndAskForNothing() throws {
            let chip = try SimulatedChip(label: "many", lines: 2)
            let model = try ConverterModel(chip: chip, clock: 0, data: 1, powerDownUs: nil)
            try model.feed(5)
            let reader = try PlainReader(chip)
            _ = try reader.waitUntilReady()
            #expect(try reader.read(pulses: 30) == 5)
            _ = try reader.waitUntilReady()
            #expect(try reader.read() == 5)
            #expect(
                try model.counters() == .init(reads: 2, pulses: 25, errors: 1, powerDowns: 0))
        }

        @Test func aBrokenWireStaysHighAndAShortedOneLow() throws {
            let chip = try SimulatedChip(label: "wire", lines: 2)
            // Slow enough for a read to end within a conversion in real time, too.
            let model = try ConverterModel(chip: chip, clock: 0, data: 1, powerDownUs: nil)
            let reader = try PlainReader(chip)
            try model.setWire(.staysHigh)
            #expect(try reader.waitUntilReady() == nil)
            try model.setWire(.staysLow)
            #expect(try reader.clock(27) == Array(repeating: false, count: 27))
            try model.setWire(.whole)
            try model.feed(7)
            RigTime.sleep(us: 480_000)
            _ = try reader.read()
            #expect(try reader.waitUntilReady() != nil)
            #expect(try reader.read() == 7)
        }

        @Test func manyConvertersKeepApart() throws {
            let chips = [
                try SimulatedChip(label: "many-a", lines: 8),
                try SimulatedChip(label: "many-b", lines: 4),
            ]
            // Chip, clock, data; the last two share a clock.
            let places = [(0, 0, 1), (0, 7, 2), (1, 3, 0), (0, 5, 4), (0, 5, 6)]
            let models = try places.map {
                try ConverterModel(
                    chip: chips[$0.0], clock: $0.1, data: $0.2, powerDownUs: nil)
            }
            for (index, model) in models.enumerated() { try model.feed(1000 + index) }
            for (index, place) in places.enumerated() {
                let reader = try PlainReader(chips[place.0], clock: place.1, data: place.2)
                #expect(try reader.waitUntilReady() != nil)
                #expect(try reader.read() == 1000 + index)
                #expect(try models[index].counters().reads >= 1)
            }
        }

        @Test func withItsOwnerItLetsGoOfTheLine() throws {
            let chip = try SimulatedChip(label: "lets-go", lines: 2)
            let reader = try PlainReader(chip)
            try chip.line(1).pull(high: false)
            do {
                let model = try ConverterModel(chip: chip, clock: 0, data: 1)
                #expect(try !reader.isReady())
                withExtendedLifetime(model) {}
            }
            #expect(try reader.isReady())
        }

        @Test func linesThatAreNotThereAreRefused() throws {
            let chip = try SimulatedChip(label: "refused", lines: 2)
            for (clock, data) in [(2, 1), (0, 2)] {
                #expect(throws: SimulatedGPIOError.noSuchLine(2, chip: "refused")) {
                    _ = try ConverterModel(chip: chip, clock: clock, data: data)
                }
            }
            #expect(throws: SimulatedGPIOError.self) {
                _ = try ConverterModel(chip: chip, clock: 1, data: 1)
            }
        }
    }
}
