/// A card's number as it is recorded: `format:HEX` (CONTRACT §6).
///
/// A `uid:` has at least 8 digits and no more leading zero bytes than that needs: readers deliver
/// UIDs right-aligned in registers that are wider than the UID, and ISO/IEC 14443 UIDs have 4, 7 or
/// 10 bytes.
package struct CardNumber: Hashable, Sendable, CustomStringConvertible {
    package enum Format: String, CaseIterable, Sendable {
        case w26, w34, w37, uid

        /// How many hexadecimal digits a number of this format has.
        package var digits: ClosedRange<Int> {
            switch self {
            case .w26: 6...6
            case .w34: 8...8
            case .w37: 9...9
            case .uid: 8...20
            }
        }
    }

    package let format: Format
    /// Upper-case hexadecimal digits.
    package let digits: String

    /// Reads `format:HEX`; returns `nil` unless the format is known, the digits are upper-case
    /// hexadecimal of the right count, and a UID carries no needless leading zero bytes.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let format = Format(rawValue: String(parts[0])) else { return nil }
        let digits = Array(parts[1].utf8)
        guard format.digits.contains(digits.count), digits.allSatisfy(Self.isUpperHex) else {
            return nil
        }
        if format == .uid {
            guard digits.count % 2 == 0 else { return nil }
            let padded = digits.count > 8 && digits[0] == 48 && digits[1] == 48
            guard !padded else { return nil }
        }
        // A number of 35 bits fills nine digits but for the topmost bit.
        if format == .w37, digits[0] > UInt8(ascii: "7") { return nil }
        self.format = format
        self.digits = String(parts[1])
    }

    /// The UID that a reader delivered as bytes, most significant first.
    ///
    /// Returns `nil` if it is all zeros (no card) or longer than ten bytes.
    package init?(uid bytes: [UInt8]) {
        var significant = bytes[...]
        while significant.count > 4, significant.first == 0 {
            significant = significant.dropFirst()
        }
        guard significant.contains(where: { $0 != 0 }), significant.count <= 10 else { return nil }
        let padding = [UInt8](repeating: 0, count: max(0, 4 - significant.count))
        self.format = .uid
        self.digits = (padding + significant).map(Self.hex).joined()
    }

    /// As recorded, in full.
    package var description: String { "\(self.format.rawValue):\(self.digits)" }

    /// What logs and screens show: the last four digits.
    package var masked: String { "…\(self.digits.suffix(4))" }

    /// The bytes of the number, most significant first.
    package var bytes: [UInt8] {
        let even = self.digits.count % 2 == 0 ? self.digits : "0" + self.digits
        var result: [UInt8] = []
        var high: UInt8?
        for digit in even.utf8 {
            let nibble = digit < 58 ? digit - 48 : digit - 55
            if let top = high {
                result.append(top << 4 | nibble)
                high = nil
            } else {
                high = nibble
            }
        }
        return result
    }

    private static func isUpperHex(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...70).contains(byte)
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return byte < 16 ? "0" + digits : digits
    }
}
