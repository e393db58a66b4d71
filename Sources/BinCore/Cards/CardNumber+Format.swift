extension CardNumber {
    /// What a card number is made of; the part of it before the colon.
    package enum Format: Hashable, Sendable {
        /// The payload of a Wiegand frame of so many bits, parity bits included: `w26`.
        case wiegand(bits: Int)
        case uid

        /// How many bits a Wiegand frame can have.
        package static let wiegandBits = 4...128
        package static let mostPayloadBits = 64

        /// Reads `uid` or `wNN`, without leading zeros.
        init?(name: Substring) {
            if name == "uid" {
                self = .uid
                return
            }
            let number = name.dropFirst()
            guard name.utf8.first == UInt8(ascii: "w"), let bits = Int(number),
                Self.wiegandBits.contains(bits), String(bits) == number
            else { return nil }
            self = .wiegand(bits: bits)
        }

        package var name: String {
            switch self {
            case .wiegand(let bits): "w\(bits)"
            case .uid: "uid"
            }
        }

        /// How many hexadecimal digits a number of this format has.
        ///
        /// The payload of a frame whose layout is configured may be any part of it.
        var digits: ClosedRange<Int> {
            switch self {
            case .wiegand(let bits):
                if let fixed = Self.fixedPayload(ofFrame: bits) {
                    return Self.digits(fixed)...Self.digits(fixed)
                }
                return 1...Self.digits(min(bits, Self.mostPayloadBits))
            case .uid: return 8...20
            }
        }

        /// The payload bits of the frame lengths that CONTRACT §6 fixes, whatever the layout is.
        package static func fixedPayload(ofFrame bits: Int) -> Int? {
            switch bits {
            case 26: 24
            case 34: 32
            case 35: 32
            case 37: 35
            default: nil
            }
        }

        /// How many digits hold so many bits.
        private static func digits(_ bits: Int) -> Int { (bits + 3) / 4 }
    }
}
