import BinCore
import Testing

/// Registers of real transmitters, decoded.
@Suite struct ScaleDecodingTests {
    private let now = BootInstant(milliseconds: 7)

    private func registers(
        _ coding: ScaleRegisters.Coding, order: ScaleRegisters.WordOrder = .big,
        scale: Ratio? = Ratio(1, 1), status: ScaleRegisters.Status? = nil
    ) throws -> ScaleRegisters {
        ScaleRegisters(
            weight: .init(
                table: .holding, address: 0, coding: coding, order: order,
                scale: try #require(scale)),
            status: status)
    }

    /// Device A, DOMAIN §4.3, its readings taken as grams; the float is IEEE 754 (1234.5 is
    /// 0x449A5000), the others are two's complement.
    @Test(
        "Codings",
        arguments: [
            (.int32, .big, [0xFFFF, 0xC1EF], -15_889_000),
            (.int32, .big, [0x0000, 0x0162], 354_000),
            (.int32, .big, [0x0000, 0x0084], 132_000),
            (.int32, .little, [0xC1EF, 0xFFFF], -15_889_000),
            (.uint32, .big, [0x0019, 0x3B67], 1_653_607_000),
            (.int16, .big, [0xFFFF], -1000),
            (.uint16, .big, [0xFFFF], 65_535_000),
            (.float32, .big, [0x449A, 0x5000], 1_234_500),
            (.float32, .little, [0x5000, 0x449A], 1_234_500),
            (.float32, .big, [0xC49A, 0x5000], -1_234_500),
        ] as [(ScaleRegisters.Coding, ScaleRegisters.WordOrder, [UInt16], Int64)])
    func codings(
        coding: ScaleRegisters.Coding, order: ScaleRegisters.WordOrder, words: [UInt16], mg: Int64
    ) throws {
        let registers = try self.registers(coding, order: order)
        let reading = try registers.reading(weight: words, status: nil, at: self.now)
        #expect(
            reading == Reading(mass: Milligrams(mg), isStable: nil, condition: .normal, at: now))
    }

    /// The Laumas family, DOMAIN §4.4: an unsigned magnitude, gross negative in bit 7, stable in
    /// bit 11, "exceeds Max by 9 divisions" in bit 2, cell error in bit 0.
    @Test(
        "Magnitude with a sign in the status",
        arguments: [
            (0x0800, [0x0000, 0x4E9A], 20_122_000, true, .normal),
            (0x0980, [0x0000, 0x0098], -152_000, true, .normal),
            (0x0004, [0x000F, 0x423F], 999_999_000, false, .overload),
            (0x0005, [0x000F, 0x423F], 999_999_000, false, .error),
        ] as [(UInt16, [UInt16], Int64, Bool, Reading.Condition)])
    func laumas(
        status: UInt16, words: [UInt16], mg: Int64, stable: Bool, condition: Reading.Condition
    ) throws {
        let registers = try self.registers(
            .magnitude32,
            status: .init(
                table: .holding, address: 6, stable: StatusBit(index: 11),
                overload: [StatusBit(index: 2)], error: [StatusBit(index: 0)],
                negative: StatusBit(index: 7)))
        let reading = try registers.reading(weight: words, status: status, at: self.now)
        #expect(
            reading
                == Reading(
                    mass: Milligrams(mg), isStable: stable, condition: condition, at: self.now))
    }

    /// Device A has bit 5 unset when stable, Tuna ID551 bit 12 set in motion (DOMAIN §4.3, §4.7).
    @Test(
        "Stability has the polarity of the map",
        arguments: [
            (StatusBit(index: 5, inverted: true), 0x0802, true),
            (StatusBit(index: 5, inverted: true), 0x0822, false),
            (StatusBit(index: 12, inverted: true), 0x1000, false),
            (StatusBit(index: 11), 0x0800, true), (StatusBit(index: 11), 0x0000, false),
        ] as [(StatusBit, UInt16, Bool)])
    func polarity(bit: StatusBit, status: UInt16, stable: Bool) throws {
        let registers = try self.registers(
            .int16, status: .init(table: .holding, address: 8, stable: bit))
        let reading = try registers.reading(weight: [0], status: status, at: self.now)
        #expect(reading.isStable == stable)
    }

    @Test(
        "raw × scale is grams, cut off below a milligram",
        arguments: [
            (1, 1, 20_122, 20_122_000), (2, 1000, 20_122, 40_244), (1, 3, 1, 333), (1, 3, -1, -333),
            (50, 1, -3, -150_000),
        ] as [(Int64, Int64, Int16, Int64)])
    func scales(numerator: Int64, denominator: Int64, raw: Int16, mg: Int64) throws {
        let registers = try self.registers(.int16, scale: Ratio(numerator, denominator))
        let words = [UInt16(bitPattern: raw)]
        let reading = try registers.reading(weight: words, status: nil, at: self.now)
        #expect(reading.mass == Milligrams(mg))
    }

    @Test(
        "What is no mass is refused",
        arguments: [
            (.float32, [0x7FC0, 0x0000], 1), (.float32, [0x7F80, 0x0000], 1),
            (.float32, [0xFF80, 0x0000], 1), (.float32, [0x7F7F, 0xFFFF], 1),
            (.uint32, [0xFFFF, 0xFFFF], 1_000_000), (.int32, [0x8000, 0x0000], 1_000_000),
        ] as [(ScaleRegisters.Coding, [UInt16], Int64)])
    func refused(coding: ScaleRegisters.Coding, words: [UInt16], numerator: Int64) throws {
        let registers = try self.registers(coding, scale: Ratio(numerator, 1))
        #expect(throws: ScaleRegisters.DecodingError.outOfRange) {
            try registers.reading(weight: words, status: nil, at: self.now)
        }
    }

    @Test func tooFewRegistersAreRefused() throws {
        let registers = try self.registers(.int32)
        for words: [UInt16] in [[], [1]] {
            #expect(throws: ScaleRegisters.DecodingError.tooShort) {
                try registers.reading(weight: words, status: nil, at: self.now)
            }
        }
    }
}
