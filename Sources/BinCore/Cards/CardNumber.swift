/// A card's number as it is recorded: `format:HEX` (CONTRACT §6).
///
/// A `uid:` has at least 8 digits and no more leading zero bytes than that needs: readers deliver
/// UIDs right-aligned in registers that are wider than the UID, and ISO/IEC 14443 UIDs have 4, 7 or
/// 10 bytes.
package struct CardNumber: Hashable, Sendable, CustomStringConvertible {
    package let format: Format
    /// Upper-case hexadecimal digits.
    package let digits: String

    /// Reads `format:HEX`; returns `nil` unless the format is known, the digits are upper-case
    /// hexadecimal of the right count, and a UID carries no needless leading zero bytes.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let format = Format(name: parts[0]) else { return nil }
        let digits = Array(parts[1].utf8)
        guard format.digits.contains(digits.count), digits.allSatisfy(Self.isUpperHex) else {
            return nil
        }
        switch format {
        case .uid:
            guard digits.count % 2 == 0 else { return nil }
            let padded = digits.count > 8 && digits[0] == 48 && digits[1] == 48
            guard !padded else { return nil }
        case .wiegand(let bits):
            // 35 bits fill nine digits but for the topmost bit; likewise others.
            let most = Format.fixedPayload(ofFrame: bits) ?? bits
            let spare = digits.count * 4 - most
            guard spare <= 0 || Self.nibble(digits[0]) >> UInt8(4 - spare) == 0 else { return nil }
        }
        self.format = format
        self.digits = String(parts[1])
    }

    /// The payload of a Wiegand frame: its `payloadBits` bits without parity bits.
    ///
    /// Returns `nil` if there is no such format or the payload does not fit.
    package init?(frameBits: Int, payload: UInt64, payloadBits: Int) {
        guard Format.wiegandBits.contains(frameBits),
            (1...min(frameBits, Format.mostPayloadBits)).contains(payloadBits),
            Format.fixedPayload(ofFrame: frameBits) ?? payloadBits == payloadBits,
            payload.leadingZeroBitCount >= UInt64.bitWidth - payloadBits
        else { return nil }
        let digits = String(payload, radix: 16, uppercase: true)
        let padding = max(0, (payloadBits + 3) / 4 - digits.count)
        self.format = .wiegand(bits: frameBits)
        self.digits = String(repeating: "0", count: padding) + digits
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
    package var description: String { "\(self.format.name):\(self.digits)" }

    /// What logs and screens show: the last four digits.
    package var masked: String { "…\(self.digits.suffix(4))" }

    /// The bytes of the number, most significant first.
    package var bytes: [UInt8] {
        let even = self.digits.count % 2 == 0 ? self.digits : "0" + self.digits
        var result: [UInt8] = []
        var high: UInt8?
        for digit in even.utf8 {
            let nibble = Self.nibble(digit)
            if let top = high {
                result.append(top << 4 | nibble)
                high = nil
            } else {
                high = nibble
            }
        }
        return result
    }

    /// The value of an upper-case hexadecimal digit.
    private static func nibble(_ digit: UInt8) -> UInt8 {
        digit < 58 ? digit - 48 : digit - 55
    }

    private static func isUpperHex(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...70).contains(byte)
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return byte < 16 ? "0" + digits : digits
    }
}
