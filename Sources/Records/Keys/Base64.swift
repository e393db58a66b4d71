/// Base64 with the standard alphabet and padding (RFC 4648 §4), strict on reading.
package enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    package static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var word: UInt32 = 0
            for index in 0..<3 {
                let byte = index < group.count ? group[start + index] : 0
                word = word << 8 | UInt32(byte)
            }
            for index in 0..<4 {
                let sextet = Int(word >> UInt32(18 - 6 * index)) & 0x3F
                text.append(index <= group.count ? self.alphabet[sextet] : self.padding)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Returns `nil` unless `text` is exactly what `encode` writes for some bytes.
    package static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 4 * 3)
        for start in stride(from: 0, to: digits.count, by: 4) {
            let group = digits[start..<(start + 4)]
            let padded =
                start + 4 == digits.count ? group.reversed().prefix { $0 == self.padding }.count : 0
            guard padded <= 2 else { return nil }
            var word: UInt32 = 0
            for digit in group.dropLast(padded) {
                guard let sextet = self.value(of: digit) else { return nil }
                word = word << 6 | UInt32(sextet)
            }
            word <<= UInt32(6 * padded)
            for index in 0..<(3 - padded) {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(16 - 8 * index)))
            }
        }
        return self.encode(bytes) == text ? bytes : nil
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
