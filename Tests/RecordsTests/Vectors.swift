import BinCore
import Foundation
import Records
import Testing

/// The golden vectors beside this file; `Vectors/make-vectors.sh` says how they were made.
struct Vectors {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Vectors")

    let device: DeviceID
    /// RFC 8032 §7.1 TEST 1, the bin's.
    let binKey: SigningKey
    /// RFC 8032 §7.1 TEST 2, the hub's.
    let hubKey: SigningKey
    /// The public keys as OpenSSL derived them.
    let publicKeys: [String]
    let journal: [[UInt8]]
    /// chain(0), chain(1), …
    let chain: [Digest256]

    init() throws {
        let about = try JSONParser.object(Self.bytes("about.json"))
        self.device = try #require(about["device"]?.string.flatMap(DeviceID.init))
        self.binKey = try Self.key(about["bin"])
        self.hubKey = try Self.key(about["hub"])
        self.publicKeys = ["bin", "hub"].compactMap { about[$0]?.object?["key"]?.string }
        self.journal = try Self.lines("journal.ndjson")
        self.chain = try Self.lines("chain.txt").map {
            try #require(Digest256(base64: String(decoding: $0, as: UTF8.self)))
        }
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: self.folder.appending(path: name)))
    }

    /// The lines of a file, all of them ended by a newline, without it.
    static func lines(_ name: String) throws -> [[UInt8]] {
        let bytes = try self.bytes(name)
        try #require(bytes.last == 0x0A)
        return bytes.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false)
            .map { Array($0) }
    }

    private static func key(_ value: JSONValue?) throws -> SigningKey {
        let hex = Array(try #require(value?.object?["seed"]?.string).utf8)
        let seed = stride(from: 0, to: hex.count - 1, by: 2).compactMap {
            UInt8(String(decoding: hex[$0...($0 + 1)], as: UTF8.self), radix: 16)
        }
        return try #require(SigningKey(seed: seed))
    }
}

extension [UInt8] {
    var text: String { String(decoding: self, as: UTF8.self) }

    /// These bytes with the first occurrence of `old` replaced; fails the test if there is none.
    func replacing(_ old: String, with new: String) throws -> [UInt8] {
        let range = try #require(self.text.range(of: old), "`\(old)` isn't there")
        return Array(self.text.replacingCharacters(in: range, with: new).utf8)
    }
}

extension Result {
    var isSuccess: Bool { if case .success = self { true } else { false } }
}

/// A fixed sequence of numbers, so that what fails fails again: SplitMix64, whose constants are
/// those of S. Vigna's public-domain reference.
struct FixedSequence: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
