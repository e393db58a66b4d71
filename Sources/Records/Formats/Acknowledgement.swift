package import BinCore

/// Why bytes are no acknowledgement.
package struct AcknowledgementError: Error, Hashable, Sendable, CustomStringConvertible {
    package var problem: String

    package var description: String { "not an acknowledgement: \(self.problem)" }
}

/// The hub's word that it holds a bin's records up to and including `through` (CONTRACT §4).
package struct Acknowledgement: Hashable, Sendable {
    package let device: DeviceID
    package let through: RecordNumber
    package let chain: Digest256
    package let key: VerifyingKey
    package let signature: Signature

    package init(
        device: DeviceID, through: RecordNumber, chain: Digest256, signedBy key: SigningKey
    ) throws {
        self.device = device
        self.through = through
        self.chain = chain
        self.key = key.publicKey
        self.signature = try key.sign(Self.signedBytes(device, through, chain))
    }

    package var bytes: [UInt8] {
        let object: JSONValue = [
            "device": .string(self.device.text), "through": .integer(self.through),
            "chain": .string(self.chain.base64), "key": .string(self.key.base64),
            "sig": .string(self.signature.base64),
        ]
        return object.bytes
    }

    /// Reads an acknowledgement and checks its signature; not whether its key is trusted.
    package init(bytes: [UInt8]) throws(AcknowledgementError) {
        do {
            let fields = RecordFields(try JSONParser.object(bytes))
            guard let device = DeviceID(try fields.string("device")) else {
                throw RecordError.field("device")
            }
            guard let chain = Digest256(base64: try fields.string("chain")) else {
                throw RecordError.field("chain")
            }
            guard let key = VerifyingKey(base64: try fields.string("key")) else {
                throw RecordError.field("key")
            }
            guard let signature = Signature(base64: try fields.string("sig")) else {
                throw RecordError.field("sig")
            }
            self.device = device
            self.through = try fields.integer("through", in: 1...Int64.max)
            (self.chain, self.key, self.signature) = (chain, key, signature)
        } catch { throw AcknowledgementError(problem: "\(error)") }
        let signed = Self.signedBytes(self.device, self.through, self.chain)
        guard self.key.verifies(self.signature, of: signed) else {
            throw AcknowledgementError(problem: "the signature isn't this key's over it")
        }
    }

    private static func signedBytes(
        _ device: DeviceID, _ through: RecordNumber, _ chain: Digest256
    ) -> [UInt8] {
        Array(
            "steelyard acknowledgement v1\n\(device.text)\n\(through)\n\(chain.base64)\n".utf8)
    }
}
