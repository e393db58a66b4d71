import BinCore
import Testing

/// Weights of DOMAIN §4.3 and §4.4 (vectors of a manual, checked by their CRC) and IEEE 754 floats
/// by Python's `struct.pack(">f", …)`.
struct ScaleRegistersTests {
    private let now = BootInstant(milliseconds: 5)

    private func weight(
        _ coding: ScaleRegisters.Coding, _ order: ScaleRegisters.WordOrder = .big,
        scale: (Int64, Int64) = (1, 1)
    ) throws -> ScaleRegisters.Weight {
        let ratio = try #require(Ratio(scale.0, scale.1))
        return ScaleRegisters.Weight(
            table: .holding, address: 0, coding: coding, order: order, scale: ratio)
    }

    /// The generic transmitter of DOMAIN §4.3: two decimals, bit 5 is 0 when stable.
    private func generic() throws -> ScaleRegisters {
        ScaleRegisters(
            weight: try self.weight(.int32),
            status: .init(
                table: .holding, address: 8, stable: StatusBit(index: 5, inverted: true),
                overload: [StatusBit(index: 9)], error: [StatusBit(index: 6)]))
    }

    /// The Laumas family of DOMAIN §4.4: magnitude, gross negative in bit 7, stable in bit 11.
    private func laumas() throws -> ScaleRegisters {
        ScaleRegisters(
            weight: try self.weight(.magnitude32),
            status: .init(
                table: .holding, address: 6, stable: StatusBit(index: 11),
                overload: [StatusBit(index: 2)], error: [StatusBit(index: 0)],
                negative: StatusBit(index: 7)))
    }

    @Test(
        "the generic transmitter's int32",
        arguments: [
            ([0x0000, 0x0162], 354_000), ([0xFFFF, 0xC1EF], -15_889_000),
            ([0x0000, 0x0084], 132_000), ([0x7FFF, 0xFFFF], nil), ([0x8000, 0x0000], nil),
            ([0x3B9A, 0xCA00], 1_000_000_000_000), ([0x3B9A, 0xCA01], nil),
        ] as [([UInt16], Int64?)])
    func int32(words: [UInt16], milligrams: Int64?) throws {
        let registers = try self.generic()
        guard let milligrams else {
            #expect(throws: ScaleRegisters.DecodingError.outOfRange) {
                try registers.reading(weight: words, status: 0x0802, at: self.now)
            }
            return
        }
        let reading = try registers.reading(weight: words, status: 0x0802, at: self.now)
        #expect(
            reading
                == Reading(
                    mass: Milligrams(milligrams), isStable: true, condition: .normal, at: self.now))
    }

    @Test(
        "the generic transmitter's status, with its inverted stable bit",
        arguments: [
            (0x0802, true, .normal), (0x0822, false, .normal), (0x0200, true, .overload),
            (0x0040, true, .error), (0x0260, false, .error), (0x0000, true, .normal),
        ] as [(UInt16, Bool, Reading.Condition)])
    func status(word: UInt16, stable: Bool, condition: Reading.Condition) throws {
        let reading = try self.generic().reading(weight: [0, 1], status: word, at: self.now)
        #expect(reading.isStable == stable)
        #expect(reading.condition == condition)
    }

    @Test(
        "Laumas magnitudes take their sign from the status",
        arguments: [
            ([0x0000, 0x4E9A], 0x0800, 20_122_000, true, .normal),
            ([0x0000, 0x0098], 0x0980, -152_000, true, .normal),
            ([0x0000, 0x0098], 0x0900, 152_000, true, .normal),
            ([0x000F, 0x423F], 0x0004, 999_999_000, false, .overload),
            ([0x0000, 0x0000], 0x0080, 0, false, .normal),
            ([0x0000, 0x0001], 0x0001, 1_000, false, .error),
        ] as [([UInt16], UInt16, Int64, Bool, Reading.Condition)])
    func magnitude(
        words: [UInt16], status: UInt16, milligrams: Int64, stable: Bool,
        condition: Reading.Condition
    ) throws {
        let reading = try self.laumas().reading(weight: words, status: status, at: self.now)
        #expect(reading.mass == Milligrams(milligrams))
        #expect(reading.isStable == stable)
        #expect(reading.condition == condition)
    }

    @Test(
        "floats round to the nearest milligram, and what is no mass is refused",
        arguments: [
            (0x41A0_F9DB, 20_122), (0xBE1B_A5E3, -152), (0x3FC0_0000, 1_500), (0x39D1_B717, 0),
            (0x3A03_126F, 1), (0x8000_0000, 0), (0x0000_0001, 0), (0x46EA_6080, 30_000_250),
            (0x4E6E_6B28, 1_000_000_000_000), (0x4E6E_7142, nil), (0xCE6E_7142, nil),
            (0x7FC0_0000, nil), (0xFFC0_0001, nil), (0x7F80_0000, nil), (0xFF80_0000, nil),
            (0x7F7F_FFFF, nil),
        ] as [(UInt32, Int64?)])
    func float32(bits: UInt32, milligrams: Int64?) throws {
        let words = [UInt16(bits >> 16), UInt16(truncatingIfNeeded: bits)]
        for order in ScaleRegisters.WordOrder.allCases {
            let registers = ScaleRegisters(weight: try self.weight(.float32, order), status: nil)
            let sent = order == .big ? words : words.reversed()
            let mass = Result {
                try registers.reading(weight: sent, status: nil, at: self.now).mass
            }
            switch (mass, milligrams) {
            case (.success(let mass), let expected?): #expect(mass == Milligrams(expected))
            case (.failure(let error), nil):
                #expect(error as? ScaleRegisters.DecodingError == .outOfRange)
            default: Issue.record("\(order) gave \(mass)")
            }
        }
    }

    @Test(
        "every coding in both word orders",
        arguments: [
            (.int16, .big, [0xFFFF], -1), (.uint16, .big, [0xFFFF], 65_535),
            (.int32, .little, [0xC1EF, 0xFFFF], -15_889),
            (.uint32, .big, [0x0001, 0x0002], 65_538),
            (.uint32, .little, [0x0001, 0x0002], 131_073),
            (.magnitude32, .little, [0x4E9A, 0x0000], 20_122),
            (.int16, .little, [0x8000, 0x1234], -32_768),
        ] as [(ScaleRegisters.Coding, ScaleRegisters.WordOrder, [UInt16], Int64)])
    func codings(
        coding: ScaleRegisters.Coding, order: ScaleRegisters.WordOrder, words: [UInt16],
        grams: Int64
    ) throws {
        let registers = ScaleRegisters(weight: try self.weight(coding, order), status: nil)
        let reading = try registers.reading(weight: words, status: nil, at: self.now)
        #expect(reading.mass == Grams(grams).milligrams)
        #expect(reading.isStable == nil)
        #expect(reading.condition == .normal)
    }

    @Test(
        "the scale is applied before anything is cut off",
        arguments: [
            (1, 100, 1, 10), (1, 1000, 1, 1), (1, 3000, 2, 0), (1, 3000, 3, 1), (-1, 3000, 5, -1),
            (1, 1_000_000, 999, 0), (1, 1_000_000, 1_000, 1), (10, 1, 3, 30_000),
        ] as [(Int64, Int64, Int64, Int64)])
    func scales(numerator: Int64, denominator: Int64, raw: Int64, milligrams: Int64) throws {
        let weight = try self.weight(.int16, scale: (abs(numerator), denominator))
        let word = UInt16(bitPattern: Int16(numerator.signum() * raw))
        let reading = try ScaleRegisters(weight: weight, status: nil)
            .reading(weight: [word], status: nil, at: self.now)
        #expect(reading.mass == Milligrams(milligrams))
    }

    @Test(
        "the largest raw value with the largest scale is refused, not trapped",
        arguments: ScaleRegisters.Coding.allCases)
    func largest(coding: ScaleRegisters.Coding) throws {
        let weight = try self.weight(coding, scale: (1_000_000, 1))
        let registers = ScaleRegisters(weight: weight, status: nil)
        let words = coding == .float32 ? [0x7F7F, 0xFFFF] : [0x7FFF, 0xFFFF] as [UInt16]
        #expect(throws: ScaleRegisters.DecodingError.outOfRange) {
            try registers.reading(weight: words, status: nil, at: self.now)
        }
    }

    @Test(
        "too few registers are no reading", arguments: ScaleRegisters.Coding.allCases)
    func tooShort(coding: ScaleRegisters.Coding) throws {
        let registers = ScaleRegisters(weight: try self.weight(coding), status: nil)
        let words = [UInt16](repeating: 1, count: coding.registerCount - 1)
        #expect(throws: ScaleRegisters.DecodingError.tooShort) {
            try registers.reading(weight: words, status: nil, at: self.now)
        }
    }

    /// Without it a magnitude would lose its sign and an overload go unseen.
    @Test func aConfiguredStatusThatIsMissingIsNoReading() throws {
        let registers = try self.laumas()
        #expect(throws: ScaleRegisters.DecodingError.tooShort) {
            try registers.reading(weight: [0, 152], status: nil, at: self.now)
        }
    }

    @Test(
        "status bits count from the least significant",
        arguments: [
            (0, false, 0x0001, true), (15, false, 0x8000, true), (15, false, 0x7FFF, false),
            (5, true, 0x0020, false), (5, true, 0x0000, true), (16, false, 0xFFFF, false),
            (-1, false, 0xFFFF, false),
        ] as [(Int, Bool, UInt16, Bool)])
    func bits(index: Int, inverted: Bool, word: UInt16, isSet: Bool) {
        #expect(StatusBit(index: index, inverted: inverted).isSet(in: word) == isSet)
    }

    @Test func ratiosAreOneToAMillion() {
        #expect(Ratio(0, 1) == nil)
        #expect(Ratio(1, 0) == nil)
        #expect(Ratio(-1, 1) == nil)
        #expect(Ratio(1_000_001, 1) == nil)
        #expect(Ratio(1, 1_000_001) == nil)
        #expect(Ratio(1_000_000, 1) != nil)
    }

    @Test(
        "a temperature is signed; what no sensor can say is none",
        arguments: [
            (0x00D7, 1, 10, 21_500), (0xFFF6, 1, 10, -1_000), (0x0014, 1, 1, 20_000),
            (0x03E8, 1, 10, 100_000), (0x03E9, 1, 10, nil), (0x8000, 1, 10, nil),
            (0x7FFF, 1, 100, nil), (0x0001, 1, 3, 333), (0xFFFF, 1, 3, -333),
        ] as [(UInt16, Int64, Int64, Int64?)])
    func temperature(word: UInt16, top: Int64, bottom: Int64, milliCelsius: Int64?) throws {
        var registers = try self.generic()
        registers.temperature = ScaleRegisters.Temperature(
            table: .input, address: 4, scale: try #require(Ratio(top, bottom)))
        let reading = try registers.reading(
            weight: [0, 1], status: 0, temperature: word, at: self.now)
        #expect(reading.milliCelsius == milliCelsius)
        let without = try registers.reading(weight: [0, 1], status: 0, at: self.now)
        #expect(without.milliCelsius == nil)
    }
}
