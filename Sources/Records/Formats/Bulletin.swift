package import BinCore

/// Why bytes are no bulletin.
package struct BulletinError: Error, Hashable, Sendable, CustomStringConvertible {
    package var problem: String

    package var description: String { "not a bulletin: \(self.problem)" }
}

/// Whom a bulletin is for.
package enum Audience: Hashable, Sendable, CustomStringConvertible {
    case everyone
    case community(Name)
    case device(DeviceID)

    private static let communityPrefix = "community:"

    /// Reads `*`, `community:NAME` or a device id.
    package init?(_ text: String) {
        if text == "*" {
            self = .everyone
        } else if text.hasPrefix(Self.communityPrefix) {
            guard let name = Name(String(text.dropFirst(Self.communityPrefix.count))) else {
                return nil
            }
            self = .community(name)
        } else if let device = DeviceID(text) {
            self = .device(device)
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .everyone: "*"
        case .community(let name): Self.communityPrefix + name.text
        case .device(let device): device.text
        }
    }

    package func includes(_ device: DeviceID, of community: Name) -> Bool {
        switch self {
        case .everyone: true
        case .community(let name): name == community
        case .device(let id): id == device
        }
    }
}

/// What the server tells its bins, signed (CONTRACT §5).
package struct Bulletin: Hashable, Sendable {
    /// The most bytes of a bulletin's first line: the cards of a large community fit.
    package static let longest = 8 * 1_048_576
    /// The most bytes of the second: a key and a signature need less than 200.
    private static let longestSeal = 1024

    package let kind: BulletinKind
    package let version: Int64
    package let effective: WallTime
    package let audience: Audience
    package let body: BulletinBody
    /// The first line without its newline: what is hashed and signed.
    package let line: [UInt8]
    package let key: VerifyingKey
    package let signature: Signature

    /// SHA-256 of the first line without its newline.
    package var digest: Digest256 { Digest256(of: self.line) }

    /// The two lines that travel.
    package var bytes: [UInt8] { self.line + [0x0A] + self.seal + [0x0A] }

    /// The second line without its newline.
    package var seal: [UInt8] {
        let seal: JSONValue = [
            "key": .string(self.key.base64), "sig": .string(self.signature.base64),
        ]
        return seal.bytes
    }

    /// Makes and signs a bulletin.
    ///
    /// - Throws: `BulletinError` if `body` isn't what `kind` demands.
    package init(
        kind: BulletinKind, version: Int64, effective: WallTime, audience: Audience,
        body: JSONValue, signedBy key: SigningKey
    ) throws {
        let line: JSONValue = [
            "steelyard": "bulletin", "v": 1, "kind": .string(kind.rawValue),
            "version": .integer(version), "effective": .string(effective.rfc3339),
            "to": .string(audience.description), "body": body,
        ]
        let bytes = line.bytes
        try self.init(
            line: bytes, key: key.publicKey, signature: try key.sign(Self.signedBytes(bytes)))
    }

    /// Reads the two lines of one bulletin and checks the signature; not whether its key is
    /// trusted.
    package init(bytes: [UInt8]) throws(BulletinError) {
        let all = try Self.all(in: bytes)
        guard let bulletin = all.first, all.count == 1 else {
            throw BulletinError(problem: "exactly one bulletin of two lines was expected")
        }
        self = bulletin
    }

    /// Reads bulletins that stand one after the other.
    package static func all(in bytes: [UInt8]) throws(BulletinError) -> [Bulletin] {
        var rest = bytes.last == 0x0A ? bytes.dropLast() : bytes[...]
        var bulletins: [Bulletin] = []
        // Pair by pair, so that a body of nothing but newlines is refused at its first one.
        while true {
            let lines = rest.split(
                separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
            guard lines.count >= 2 else {
                throw BulletinError(problem: "a bulletin has two lines")
            }
            bulletins.append(try Bulletin(line: Array(lines[0]), seal: Array(lines[1])))
            guard lines.count > 2 else { return bulletins }
            rest = lines[2]
        }
    }

    /// Reads the first line and the second, the seal, both without their newlines.
    package init(line: [UInt8], seal: [UInt8]) throws(BulletinError) {
        guard seal.count <= Self.longestSeal else {
            throw BulletinError(problem: "its second line has more than \(Self.longestSeal) bytes")
        }
        do {
            let fields = RecordFields(try JSONParser.object(seal))
            guard let key = VerifyingKey(base64: try fields.string("key")) else {
                throw RecordError.field("key")
            }
            guard let signature = Signature(base64: try fields.string("sig")) else {
                throw RecordError.field("sig")
            }
            try self.init(line: line, key: key, signature: signature)
        } catch let error as BulletinError {
            throw error
        } catch { throw BulletinError(problem: "its second line: \(error)") }
        guard self.key.verifies(self.signature, of: Self.signedBytes(line)) else {
            throw BulletinError(problem: "the signature isn't this key's over it")
        }
    }

    /// Whether the seal's key signed these bytes, whatever they say: then they are as they came.
    package static func isSealed(line: [UInt8], seal: [UInt8]) -> Bool {
        // `try?`: a seal that can't be read seals nothing.
        guard let object = try? JSONParser.object(seal),
            let key = object["key"]?.string.flatMap({ VerifyingKey(base64: $0) }),
            let signature = object["sig"]?.string.flatMap({ Signature(base64: $0) })
        else { return false }
        return key.verifies(signature, of: Self.signedBytes(line))
    }

    private init(
        line: [UInt8], key: VerifyingKey, signature: Signature
    ) throws(BulletinError) {
        guard line.count <= Self.longest else {
            throw BulletinError(problem: "it has more than \(Self.longest) bytes")
        }
        do {
            let fields = RecordFields(try JSONParser.object(line))
            guard try fields.string("steelyard") == "bulletin" else {
                throw RecordError.field("steelyard")
            }
            _ = try fields.integer("v", in: 1...1)
            guard let audience = Audience(try fields.string("to")) else {
                throw RecordError.field("to")
            }
            guard let body = fields.object["body"]?.object else { throw RecordError.field("body") }
            self.kind = try fields.choice("kind")
            self.version = try fields.integer("version", in: 1...Int64.max)
            self.effective = try fields.time("effective")
            self.audience = audience
            self.body = try BulletinBody(body, of: self.kind)
        } catch { throw BulletinError(problem: "\(error)") }
        self.line = line
        self.key = key
        self.signature = signature
    }

    private static func signedBytes(_ line: [UInt8]) -> [UInt8] {
        Array("steelyard bulletin v1\n".utf8) + line
    }
}
