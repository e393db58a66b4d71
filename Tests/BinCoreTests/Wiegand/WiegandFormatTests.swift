import BinCore
import Testing

struct WiegandFormatTests {
    /// One frame that is known to belong to a card.
    struct Vector: Sendable, CustomTestStringConvertible {
        let format: WiegandFormat
        let facility: UInt64?
        let number: UInt64
        /// The frame as a right-aligned number.
        let hex: String
        let card: String

        init(
            _ format: WiegandFormat, _ facility: UInt64?, _ number: UInt64, _ hex: String,
            _ card: String
        ) {
            self.format = format
            self.facility = facility
            self.number = number
            self.hex = hex
            self.card = card
        }

        var testDescription: String { "\(self.format.name) \(self.hex)" }
    }

    /// Calculated from the tables of proxmark3's `wiegand_formats.c` outside this code. Also
    /// printed elsewhere: 2020002 (a Rust decoder's tests), 2F623AE (proxmark3's documentation),
    /// 0B40288 (a calculator of card formats), 3A83702 and 313A83703 (CIVINTEC's note on one card's
    /// numbers in 26 and 34 bits), 31396DD (pigpio issue 197, measured; the card shows 0009030510).
    static let vectors: [Vector] = [
        Vector(.w26, 0, 0, "0000001", "w26:000000"),
        Vector(.w26, 1, 1, "2020002", "w26:010001"),
        Vector(.w26, 123, 4567, "2F623AE", "w26:7B11D7"),
        Vector(.w26, 90, 324, "0B40288", "w26:5A0144"),
        Vector(.w26, 113, 4152, "2E22070", "w26:711038"),
        Vector(.w26, 10, 1337, "0140A73", "w26:0A0539"),
        Vector(.w26, 101, 1337, "0CA0A73", "w26:650539"),
        Vector(.w26, 255, 65_535, "1FFFFFF", "w26:FFFFFF"),
        Vector(.w26, 212, 7041, "3A83702", "w26:D41B81"),
        Vector(.w26, 137, 52_078, "31396DD", "w26:89CB6E"),
        Vector(.w34, 1, 1, "200020002", "w34:00010001"),
        Vector(.w34, 35_284, 7041, "313A83703", "w34:89D41B81"),
        Vector(.w34, 65_535, 65_535, "1FFFFFFFF", "w34:FFFFFFFF"),
        Vector(.w34, 40_000, 60_000, "33881D4C0", "w34:9C40EA60"),
        Vector(.w37, nil, 0, "0000000001", "w37:000000000"),
        Vector(.w37, nil, 1, "0000000002", "w37:000000001"),
        Vector(.w37, nil, 30_000_000_000, "0DF8475801", "w37:6FC23AC00"),
        Vector(.w37, nil, 34_359_738_367, "0FFFFFFFFF", "w37:7FFFFFFFF"),
        Vector(.h10304, 1, 1, "1000100002", "w37:000080001"),
        Vector(.w37, nil, 524_289, "1000100002", "w37:000080001"),
        Vector(.h10304, 1234, 56_789, "104D21BBAA", "w37:02690DDD5"),
        Vector(.w37, nil, 647_028_181, "104D21BBAA", "w37:02690DDD5"),
        Vector(.h10304, 40_000, 500_000, "19C40F4241", "w37:4E207A120"),
        Vector(.w37, nil, 20_972_020_000, "19C40F4241", "w37:4E207A120"),
        Vector(.w35, 1, 1, "600200003", "w35:00100001"),
        Vector(.w35, 100, 200, "20C800190", "w35:064000C8"),
        Vector(.w35, 4000, 1_000_000, "5F41E8481", "w35:FA0F4240"),
        Vector(.w35, 4095, 1_048_575, "5FFFFFFFE", "w35:FFFFFFFF"),
    ]

    @Test("a known frame is its card", arguments: Self.vectors)
    func reads(vector: Vector) throws {
        let bits = try Encoder.bits(hex: vector.hex, vector.format.bits)
        let frame = try #require(WiegandFrame(bits: bits))
        #expect(frame.count == vector.format.bits)
        #expect(vector.format.card(of: frame)?.description == vector.card)
        #expect(vector.format.facility.map { UInt64(frame.number($0)) } == vector.facility)
        #expect(vector.format.number.map { UInt64(frame.number($0)) } == vector.number)
        #expect(CardNumber(vector.card)?.description == vector.card)
    }

    @Test("the frames that are printed bit by bit")
    func readsBits() throws {
        for (bits, card) in [
            ("1 01111011 0001000111010111 0", "w26:7B11D7"),
            ("1 11010100 00011011 10000001 0", "w26:D41B81"),
            ("11000100111001011011011101", "w26:89CB6E"),
        ] {
            let frame = try #require(WiegandFrame(bits: bits))
            #expect(WiegandFormat.w26.card(of: frame)?.description == card)
        }
        let corporate = try #require(WiegandFrame(bits: "11000000000001000000000000000000011"))
        #expect(WiegandFormat.w35.card(of: corporate)?.description == "w35:00100001")
    }

    /// A frame of the test's own encoder, and the card it must be.
    private func sample(_ format: WiegandFormat, _ dice: inout Rolls) -> (String, String) {
        switch format.name {
        case "w26":
            let (code, number) = (dice.below(1 << 8), dice.below(1 << 16))
            return (Encoder.h10301(code, number), "w26:" + Encoder.hex(code << 16 | number, 6))
        case "w34":
            let (code, number) = (dice.below(1 << 16), dice.below(1 << 16))
            return (Encoder.h10306(code, number), "w34:" + Encoder.hex(code << 16 | number, 8))
        case "w35":
            let (code, number) = (dice.below(1 << 12), dice.below(1 << 20))
            let card = "w35:" + Encoder.hex(code << 20 | number, 8)
            return (Encoder.corporate1000(code, number), card)
        case "w37":
            let number = dice.below(1 << 35)
            return (Encoder.h10302(number), "w37:" + Encoder.hex(number, 9))
        default:
            let (code, number) = (dice.below(1 << 16), dice.below(1 << 19))
            return (Encoder.h10304(code, number), "w37:" + Encoder.hex(code << 19 | number, 9))
        }
    }

    @Test("every format reads what a reader encodes", arguments: WiegandFormat.builtIn)
    func readsEncoded(format: WiegandFormat) throws {
        var dice = Rolls(seed: 1)
        for _ in 0..<500 {
            let (bits, card) = self.sample(format, &dice)
            let frame = try #require(WiegandFrame(bits: bits))
            #expect(format.card(of: frame)?.description == card)
        }
    }

    @Test("any single wrong bit breaks every built-in format", arguments: WiegandFormat.builtIn)
    func refusesSingleFlips(format: WiegandFormat) throws {
        var dice = Rolls(seed: 2)
        for _ in 0..<50 {
            let bits = Array(self.sample(format, &dice).0)
            for index in bits.indices {
                var flipped = bits
                flipped[index] = bits[index] == "1" ? "0" : "1"
                let frame = try #require(WiegandFrame(bits: String(flipped)))
                #expect(!format.accepts(frame))
            }
        }
    }

    /// Every parity rule spans an odd number of bits, so an inverted frame breaks it.
    @Test("swapped wires break every built-in format", arguments: WiegandFormat.builtIn)
    func refusesInvertedFrames(format: WiegandFormat) throws {
        var dice = Rolls(seed: 3)
        for _ in 0..<200 {
            let bits = self.sample(format, &dice).0.map { $0 == "1" ? "0" : "1" }
            #expect(!format.accepts(try #require(WiegandFrame(bits: bits.joined()))))
        }
    }

    @Test("a length of its own is asked for")
    func refusesOtherLengths() throws {
        for count in 0...WiegandFrame.mostBits where count != 26 {
            let frame = try #require(WiegandFrame(repeatElement(false, count: count)))
            #expect(!WiegandFormat.w26.accepts(frame))
            #expect(WiegandFormat.w26.card(of: frame) == nil)
        }
        #expect(WiegandFrame(repeatElement(true, count: 129)) == nil)
    }

    @Test("free layouts")
    func freeLayouts() throws {
        let uid = try WiegandFormat(bits: 32, payload: [0...31])
        #expect(uid.name == "w32")
        let frame = try #require(WiegandFrame(bits: try Encoder.bits(hex: "0A1E45C6", 32)))
        #expect(uid.card(of: frame)?.description == "w32:0A1E45C6")

        // Two ranges, the later bits first; five payload bits fill two digits.
        let split = try WiegandFormat(
            bits: 10, payload: [6...7, 1...3],
            parities: [
                .init(.even, bit: 0, over: [1, 2, 3]), .init(.odd, bit: 9, over: [4, 5, 6, 7]),
            ], facility: 6...7, number: 1...3)
        let small = try #require(WiegandFrame(bits: "1 100 01 10 0 1"))
        #expect(split.card(of: small)?.description == "w10:14")
        #expect(small.number(6...7) == 2)

        let widest = try WiegandFormat(bits: 128, payload: [64...127])
        let ones = try #require(WiegandFrame(repeatElement(true, count: 128)))
        #expect(widest.card(of: ones)?.description == "w128:FFFFFFFFFFFFFFFF")
        #expect(ones.number(0...127) == .max)
    }

    @Test(
        "impossible layouts are refused",
        arguments: [
            (3, [0...2], [], .bits), (129, [0...9], [], .bits), (4, [0...3], [], .keypad),
            (8, [0...3], [], .keypad), (32, [], [], .payloadSize(0)),
            (100, [0...64], [], .payloadSize(65)), (32, [0...32], [], .payloadBit(32)),
            (32, [-1...3], [], .payloadBit(-1)), (32, [0...5, 5...9], [], .payloadBit(5)),
            (26, [0...24], [], .payloadFixed(24)), (37, [1...32], [], .payloadFixed(35)),
            (32, [1...31], [.init(.odd, bit: 32, over: [1])], .parityBit(32)),
            (32, [1...31], [.init(.odd, bit: 1, over: [2])], .parityBit(1)),
            (
                32, [1...31], [.init(.odd, bit: 0, over: [2]), .init(.even, bit: 0, over: [3])],
                .parityBit(0)
            ),
            (32, [1...31], [.init(.odd, bit: 0, over: [0, 2])], .coveredBit(0)),
            (32, [1...31], [.init(.odd, bit: 0, over: [2, 32])], .coveredBit(32)),
        ] as [(Int, [ClosedRange<Int>], [WiegandFormat.Parity], WiegandFormat.Fault)])
    func refusesLayouts(
        bits: Int, payload: [ClosedRange<Int>], parities: [WiegandFormat.Parity],
        fault: WiegandFormat.Fault
    ) {
        #expect(throws: fault) {
            try WiegandFormat(bits: bits, payload: payload, parities: parities)
        }
    }

    @Test func fieldsLieInThePayload() {
        #expect(throws: WiegandFormat.Fault.field) {
            try WiegandFormat(bits: 32, payload: [8...31], facility: 7...9)
        }
    }
}
