import Crypto

/// An Ed25519 private key (RFC 8032). Its bytes go to a file of mode 0600 and nowhere else.
package struct SigningKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// A new key from the system's random source.
    package init() { self.key = Curve25519.Signing.PrivateKey() }

    /// Returns `nil` unless `seed` has 32 bytes.
    package init?(seed: [UInt8]) {
        guard seed.count == 32,
            // `try?`: the only error is a wrong length.
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        else { return nil }
        self.key = key
    }

    package var seed: [UInt8] { Array(self.key.rawRepresentation) }

    package var publicKey: VerifyingKey { VerifyingKey(self.key.publicKey) }

    package func sign(_ message: [UInt8]) throws -> Signature {
        Signature(bytes: Array(try self.key.signature(for: message)))
    }
}

/// An Ed25519 public key.
package struct VerifyingKey: Hashable, Sendable {
    /// 32 bytes.
    package let bytes: [UInt8]

    init(_ key: Curve25519.Signing.PublicKey) { self.bytes = Array(key.rawRepresentation) }

    /// Returns `nil` unless `base64` holds 32 bytes.
    package init?(base64: String) {
        guard let bytes = Base64.decode(base64), bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    package var base64: String { Base64.encode(self.bytes) }

    /// Whether `signature` is this key's over `message`. Bytes that are no key verify nothing.
    package func verifies(_ signature: Signature, of message: [UInt8]) -> Bool {
        // `try?`: bytes that are no point of the curve are a key that nothing was signed with.
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: self.bytes) else {
            return false
        }
        return key.isValidSignature(signature.bytes, for: message)
    }
}

/// An Ed25519 signature: 64 bytes.
package struct Signature: Hashable, Sendable {
    package let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Returns `nil` unless `base64` holds 64 bytes.
    package init?(base64: String) {
        guard let bytes = Base64.decode(base64), bytes.count == 64 else { return nil }
        self.bytes = bytes
    }

    package var base64: String { Base64.encode(self.bytes) }
}
