package import Records

/// What a device shows to be let in: 32 random bytes, written as 64 lower-case hexadecimal digits.
///
/// The hub keeps only its SHA-256. A plain digest is enough, since the token has 256 random bits.
package struct DeviceToken: Sendable {
    package let text: String

    /// Makes a token of random bytes; returns `nil` unless there are exactly 32.
    package init?(random bytes: [UInt8]) {
        guard let value = Digest256(bytes) else { return nil }
        self.text = value.hex
    }

    package var digest: Digest256 { Self.digest(of: self.text) }

    package static func digest(of text: String) -> Digest256 { Digest256(of: Array(text.utf8)) }
}

extension Digest256 {
    /// Compares every byte whatever the first ones are, so that time tells nothing.
    package func equalsInConstantTime(_ other: Digest256) -> Bool {
        zip(self.bytes, other.bytes).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
