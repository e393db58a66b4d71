import Testing

@testable import BinCore

struct HX711WordTests {
    @Test(
        "24-bit two's complement and the kernel's offset binary",
        // Computed by hand from the data sheet's format and from drivers/iio/adc/hx711.c.
        arguments: [
            (0x000000, 0, 8_388_608, .normal), (0x000001, 1, 8_388_609, .normal),
            (0x7FFFFF, 8_388_607, 16_777_215, .overload), (0x800000, -8_388_608, 0, .error),
            (0xFFFFFF, -1, 8_388_607, .normal), (0x0A1B2C, 662_316, 9_050_924, .normal),
            (0xF5E4D4, -662_316, 7_726_292, .normal),
        ] as [(UInt32, Int64, UInt32, Reading.Condition)])
    func decodes(bits: UInt32, counts: Int64, kernel: UInt32, condition: Reading.Condition) throws {
        let word = try #require(HX711Word(bits))
        #expect(word.counts == counts)
        #expect(word.condition == condition)
        #expect(HX711Word(offsetBinary: kernel) == word)
    }

    @Test(
        "a word that was interrupted ends in ones",
        arguments: [
            (0x0A1B2C, 0), (0x0A1B2F, 4), (0x0A1BFF, 10), (0x0A1FFF, 13), (0x0AFFFF, 16),
            (0x0FFFFF, 20), (0xFFFFFF, 24), (0x000000, 0),
        ] as [(UInt32, Int)])
    func tails(bits: UInt32, ones: Int) throws {
        #expect(try #require(HX711Word(bits)).tailOfOnes == ones)
    }

    @Test func moreThan24BitsAreNoWord() {
        #expect(HX711Word(0x100_0000) == nil)
        #expect(HX711Word(offsetBinary: 0x100_0000) == nil)
        #expect(HX711Word(0xFF_FFFF) != nil)
    }

    @Test(
        "times follow from the rate",
        arguments: [
            (10, 100, 150, 550, 75), (80, 12, 18, 68, 9),
        ] as [(Int, Int64, Int64, Int64, Int64)])
    func timing(rate: Int, period: Int64, ready: Int64, settling: Int64, read: Int64) {
        let timing = HX711Timing(rate: rate)
        #expect(timing.periodNs / 1_000_000 == period)
        #expect(timing.readyTimeoutNs / 1_000_000 == ready)
        #expect(timing.settlingTimeoutNs / 1_000_000 == settling)
        #expect(timing.longestReadNs / 1_000_000 == read)
    }

    @Test func selections() {
        #expect(HX711Selection.a128.pulses == 25)
        #expect(HX711Selection.b32.pulses == 26)
        #expect(HX711Selection.a64.pulses == 27)
        #expect(HX711Selection(rawValue: 128) == .a128)
        #expect(HX711Selection(rawValue: 1) == nil)
    }
}
