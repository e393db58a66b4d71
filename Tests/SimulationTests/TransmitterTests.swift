import BinCore
import Simulation
import Testing

@Suite struct TransmitterTests {
    private func transmitter(_ registers: ScaleRegisters) -> Transmitter {
        Transmitter(
            limits: BinUnderTest.limits, registers: registers, random: SeededRandom(seed: 3),
            ambient: AmbientTemperature(dawn: ms(0)))
    }

    @Test func isStableOnceTheLoadHasBeenAtRestForItsWindow() throws {
        var transmitter = self.transmitter(try BinUnderTest.registers())
        transmitter.advance(to: ms(400)) { _ in .zero }
        #expect(!transmitter.isStable)
        transmitter.advance(to: ms(500)) { _ in .zero }
        #expect(transmitter.isStable)
        transmitter.strike(grams(500), at: ms(500))
        transmitter.advance(to: ms(600)) { _ in grams(500) }
        #expect(!transmitter.isStable)
        transmitter.advance(to: ms(2600)) { _ in grams(500) }
        #expect(transmitter.isStable)
        #expect((transmitter.indication - grams(500)).magnitude < grams(5))
    }

    @Test func aSampleDoesNotDependOnHowOftenSomebodyLooked() throws {
        var seldom = self.transmitter(try BinUnderTest.registers())
        var often = seldom
        for instant in Int64(0)...100 { often.advance(to: ms(instant * 10)) { _ in grams(70) } }
        seldom.advance(to: ms(1000)) { _ in grams(70) }
        #expect(often.image == seldom.image)
    }

    @Test func tellsTheTemperatureOfItsLastSample() throws {
        var registers = try BinUnderTest.registers()
        registers.temperature = .init(
            table: .input, address: 40, scale: try #require(Ratio(1, 10)))
        // 20 °C and rising to 25 °C after a quarter of a day, as cold as 15 °C after three.
        for (hours, word) in [(0, 200), (6, 250), (18, 150)] as [(Int64, UInt16)] {
            var transmitter = self.transmitter(registers)
            transmitter.advance(to: ms(hours * 3_600_000)) { _ in .zero }
            let words = transmitter.image.words(table: .input, address: 40, count: 1)
            #expect(words == [word])
        }
        let below = try #require(registers.temperature).encode(celsius: -0.54)
        #expect(below == 0xFFFB)
    }

    @Test func updatesTwentyTimesASecond() throws {
        var transmitter = self.transmitter(try BinUnderTest.registers())
        transmitter.advance(to: ms(1000)) { _ in .zero }
        let first = transmitter.indication
        transmitter.advance(to: ms(1049)) { _ in grams(100) }
        #expect(transmitter.indication == first)
        transmitter.advance(to: ms(1050)) { _ in grams(100) }
        #expect(transmitter.indication != first)
    }

    @Test(arguments: [(30_040, false), (30_050, true)] as [(Int64, Bool)])
    func saysOverloadAboveMaxAndNineDivisions(load: Int64, isOver: Bool) throws {
        var transmitter = self.transmitter(try BinUnderTest.registers())
        transmitter.advance(to: ms(1000)) { _ in grams(load) }
        let status = try #require(
            transmitter.image.words(table: .holding, address: 2, count: 1)?.first)
        #expect((status & 0b10 != 0) == isOver)
    }

    /// Words written by hand from the coding's definition.
    @Test(
        arguments: [
            (.int16, .big, -152, (1, 1), [0xFF68], false),
            (.int16, .big, 40_000, (1, 1), [0x7FFF], true),
            (.int16, .big, 40_000, (10, 1), [0x0FA0], false),
            (.uint16, .big, -3, (1, 1), [0], false),
            (.uint16, .big, 65_535, (1, 1), [0xFFFF], false),
            (.uint16, .big, 65_536, (1, 1), [0xFFFF], true),
            (.int32, .big, 20_122, (1, 1), [0, 0x4E9A], false),
            (.int32, .little, 20_122, (1, 1), [0x4E9A, 0], false),
            (.int32, .big, -15_889, (1, 1), [0xFFFF, 0xC1EF], false),
            (.int32, .big, 354, (1, 100), [0, 0x8A48], false),
            (.uint32, .big, 354, (1, 1), [0, 0x0162], false),
            (.magnitude32, .big, -152, (1, 1), [0, 0x0098], false),
            (.float32, .big, 1_500, (1000, 1), [0x3FC0, 0], false),
        ]
            as [(
                ScaleRegisters.Coding, ScaleRegisters.WordOrder, Int64, (Int64, Int64), [UInt16],
                Bool
            )])
    func codesAMass(
        coding: ScaleRegisters.Coding, order: ScaleRegisters.WordOrder, mass: Int64,
        scale: (Int64, Int64), words: [UInt16], isSaturated: Bool
    ) throws {
        let weight = try BinUnderTest.registers(coding, order: order, scale: scale).weight
        let coded = weight.encode(grams(mass))
        #expect(coded.words == words)
        #expect(coded.isSaturated == isSaturated)
    }

    /// The status words of device B (Laumas) in DOMAIN §4.4: stable is bit 11, gross negative bit
    /// 7; and of device A (§4.3), whose bit 5 is 0 when stable.
    @Test func statusBitsFollowTheirPlaceAndPolarity() {
        let laumas = ScaleRegisters.Status(
            table: .holding, address: 6, stable: StatusBit(index: 11),
            overload: [StatusBit(index: 2)], error: [StatusBit(index: 0)],
            negative: StatusBit(index: 7))
        #expect(laumas.word(stable: true, overload: false, negative: false) == 0x0800)
        #expect(laumas.word(stable: true, overload: false, negative: true) == 0x0880)
        #expect(laumas.word(stable: false, overload: true, negative: false) == 0x0004)
        let inverted = ScaleRegisters.Status(
            table: .holding, address: 8, stable: StatusBit(index: 5, inverted: true))
        #expect(inverted.word(stable: true, overload: false, negative: false) == 0)
        #expect(inverted.word(stable: false, overload: false, negative: false) == 0x20)
    }
}
