import BinCore
import Testing

/// The forms of CONTRACT §6.
struct CardNumberTests {
    @Test(
        "a card number is read as it is written",
        arguments: [
            ("w26:00A1B2", [0x00, 0xA1, 0xB2]), ("w26:FFFFFF", [0xFF, 0xFF, 0xFF]),
            ("w34:0000A1B2", [0x00, 0x00, 0xA1, 0xB2]),
            ("w35:064000C8", [0x06, 0x40, 0x00, 0xC8]),
            ("w32:0A1E45C6", [0x0A, 0x1E, 0x45, 0xC6]), ("w27:7FFFFFF", [0x07, 0xFF, 0xFF, 0xFF]),
            ("w4:F", [0x0F]), ("w30:1", [0x01]),
            ("w128:0123456789ABCDEF", [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF]),
            ("w37:7FFFFFFFF", [0x07, 0xFF, 0xFF, 0xFF, 0xFF]),
            ("w37:0000A1B2C", [0x00, 0x00, 0x0A, 0x1B, 0x2C]),
            ("uid:A41E45C6", [0xA4, 0x1E, 0x45, 0xC6]), ("uid:00000001", [0, 0, 0, 1]),
            ("uid:04A1B2C3D4E5F6", [0x04, 0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0xF6]),
            (
                "uid:0123456789ABCDEF0123",
                [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0x01, 0x23]
            ),
        ] as [(String, [UInt8])])
    func reads(text: String, bytes: [UInt8]) throws {
        let card = try #require(CardNumber(text))
        #expect(card.description == text)
        #expect(card.bytes == bytes)
    }

    @Test(
        "other forms are refused",
        arguments: [
            "", ":", "w26", "w26:", "00A1B2", "w26:00A1B", "w26:00A1B22", "w26:00a1b2",
            "W26:00A1B2", "w26:00A1BG", "w26: 0A1B2", "w26:00A1B2:", "w26::00A1B2",
            "w35:064000C", "w35:0064000C8", "w27:8000000", "w27:07FFFFFF", "w3:7", "w129:0",
            "w026:00A1B2", "w+26:00A1B2", "w:00A1B2", "w99999999999999999999:0", "w30:40000000",
            "w128:0123456789ABCDEF0", "26:00A1B2", "ｗ26:00A1B2", "UID:A41E45C6",
            "w34:000A1B2", "w37:800000000", "w37:F00000000", "w37:00000000", "uid:A41E45",
            "uid:A41E45C", "uid:A41E45C60", "uid:00A41E45C6", "uid:0123456789ABCDEF012345",
            "w26:00A1B\u{301}2", "w26:００Ａ１Ｂ２", "uid:A41E45C6\n",
        ])
    func refuses(text: String) {
        #expect(CardNumber(text) == nil)
    }

    /// Readers deliver UIDs right-aligned in registers wider than the UID.
    @Test(
        "a UID of bytes loses needless leading zeros and keeps four bytes",
        arguments: [
            ([0xA4, 0x1E, 0x45, 0xC6], "uid:A41E45C6"),
            ([0, 0, 0, 0, 0xA4, 0x1E, 0x45, 0xC6], "uid:A41E45C6"),
            ([0, 0xA4, 0x1E, 0x45, 0xC6], "uid:A41E45C6"),
            ([0, 0, 0, 1], "uid:00000001"), ([1], "uid:00000001"),
            ([0, 0x04, 0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0xF6], "uid:04A1B2C3D4E5F6"),
            ([UInt8](repeating: 0, count: 10) + [9, 8, 7, 6], "uid:09080706"),
        ] as [([UInt8], String)])
    func readsBytes(bytes: [UInt8], text: String) throws {
        let card = try #require(CardNumber(uid: bytes))
        #expect(card.description == text)
        #expect(CardNumber(text) == card)
    }

    @Test(
        "bytes without a card are refused",
        arguments: [
            [], [0], [0, 0, 0, 0], [UInt8](repeating: 0, count: 20),
            [UInt8](repeating: 1, count: 11),
        ] as [[UInt8]])
    func refusesBytes(bytes: [UInt8]) {
        #expect(CardNumber(uid: bytes) == nil)
    }

    @Test func logsAndScreensShowTheLastFourDigits() throws {
        #expect(try #require(CardNumber("uid:04A1B2C3D4E5F6")).masked == "…E5F6")
        #expect(try #require(CardNumber("w26:00A1B2")).masked == "…A1B2")
    }
}
