import BinCore
import Testing

/// Makes frames as a reader does, written down from the tables of proxmark3's `wiegand_formats.c`
/// and independent of the code under test: bits are text, parity is counted character by character.
enum Encoder {
    static func h10301(_ facility: UInt64, _ number: UInt64) -> String {
        Self.sandwich(Self.binary(facility, 8) + Self.binary(number, 16), half: 12)
    }

    static func h10306(_ facility: UInt64, _ number: UInt64) -> String {
        Self.sandwich(Self.binary(facility, 16) + Self.binary(number, 16), half: 16)
    }

    static func h10302(_ number: UInt64) -> String {
        Self.sandwich(Self.binary(number, 35), half: 18)
    }

    static func h10304(_ facility: UInt64, _ number: UInt64) -> String {
        Self.sandwich(Self.binary(facility, 16) + Self.binary(number, 19), half: 18)
    }

    static func corporate1000(_ company: UInt64, _ number: UInt64) -> String {
        var bits = Array("00" + Self.binary(company, 12) + Self.binary(number, 20) + "0")
        let second = [
            2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, 20, 21, 23, 24, 26, 27, 29, 30, 32, 33,
        ]
        let last = [
            1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17, 19, 20, 22, 23, 25, 26, 28, 29, 31, 32,
        ]
        bits[1] = Self.isOdd(second.map { bits[$0] }) ? "1" : "0"
        bits[34] = Self.isOdd(last.map { bits[$0] }) ? "0" : "1"
        bits[0] = Self.isOdd(Array(bits[1...])) ? "0" : "1"
        return String(bits)
    }

    /// Even parity over the first `half` bits in front, odd parity over the last `half` behind.
    private static func sandwich(_ payload: String, half: Int) -> String {
        let first = Self.isOdd(Array(payload.prefix(half))) ? "1" : "0"
        let last = Self.isOdd(Array(payload.suffix(half))) ? "0" : "1"
        return first + payload + last
    }

    private static func isOdd(_ bits: [Character]) -> Bool {
        bits.reduce(false) { $1 == "1" ? !$0 : $0 }
    }

    static func binary(_ value: UInt64, _ width: Int) -> String {
        let digits = String(value, radix: 2)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// `width` bits of a number written in hexadecimal.
    static func bits(hex: String, _ width: Int) throws -> String {
        Self.binary(try #require(UInt64(hex, radix: 16)), width)
    }

    static func hex(_ value: UInt64, _ digits: Int) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

extension WiegandFrame {
    /// A frame of `0` and `1`; blanks are for the eye.
    init?(bits: String) { self.init(bits.filter { $0 != " " }.map { $0 == "1" }) }
}

extension WiegandFormat: CustomTestStringConvertible {
    package var testDescription: String { self.name }
}
