import Crypto

/// A SHA-256 value: 32 bytes.
package struct Digest256: Hashable, Sendable {
    package let bytes: [UInt8]

    /// Returns `nil` unless there are exactly 32 bytes.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Returns `nil` unless `base64` holds exactly 32 bytes.
    package init?(base64: String) {
        guard let bytes = Base64.decode(base64) else { return nil }
        self.init(bytes)
    }

    /// The digest of `message`.
    package init(of message: [UInt8]) { self.init(SHA256.hash(data: message)) }

    private init(_ digest: SHA256Digest) { self.bytes = digest.withUnsafeBytes { Array($0) } }

    /// The digest of a message that comes in pieces.
    ///
    /// - Parameter next: The next piece; `nil` or an empty one after the last.
    package init<Piece: Sequence<UInt8>>(ofPieces next: () throws -> Piece?) rethrows {
        var hash = SHA256()
        while let piece = try next() {
            let bytes = Array(piece)
            if bytes.isEmpty { break }
            hash.update(data: bytes)
        }
        self.init(hash.finalize())
    }

    package var base64: String { Base64.encode(self.bytes) }

    /// Lower-case hexadecimal.
    package var hex: String { String(decoding: self.hexDigits, as: UTF8.self) }

    /// The same as ASCII.
    package var hexDigits: [UInt8] {
        var digits: [UInt8] = []
        digits.reserveCapacity(2 * self.bytes.count)
        for byte in self.bytes {
            digits.append(Self.digit(byte >> 4))
            digits.append(Self.digit(byte & 0xF))
        }
        return digits
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
