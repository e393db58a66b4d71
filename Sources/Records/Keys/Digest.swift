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
    package init(of message: [UInt8]) { self.bytes = Array(SHA256.hash(data: message)) }

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
        self.bytes = Array(hash.finalize())
    }

    package var base64: String { Base64.encode(self.bytes) }

    /// Lower-case hexadecimal.
    package var hex: String {
        self.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
