package import BinCore

/// Why bytes are no batch that can be trusted.
package enum BatchError: Error, Hashable, Sendable, CustomStringConvertible {
    /// More than 1,000 records or 1 MiB.
    case tooLarge
    /// A line isn't what it should be. Lines count from 1.
    case malformed(line: Int, problem: String)
    /// The chain value over the records isn't the one at the end.
    case chain
    /// The signature isn't the key's over this batch.
    case signature

    package var description: String {
        switch self {
        case .tooLarge:
            "the batch has more than \(Batch.mostRecords) records or \(Batch.mostBytes) bytes"
        case .malformed(let line, let problem): "line \(line) of the batch: \(problem)"
        case .chain: "the chain value at the end doesn't follow from `prev` and the records"
        case .signature: "the signature isn't this key's over this batch"
        }
    }
}

/// Consecutive records of one bin with chain values and a signature (CONTRACT §4).
package struct Batch: Hashable, Sendable {
    package static let mostRecords = 1000
    /// Before compression.
    package static let mostBytes = 1_048_576

    package let device: DeviceID
    package let first: RecordNumber
    /// chain(first − 1).
    package let prev: Digest256
    /// The bytes of each record, as committed.
    package let records: [[UInt8]]
    /// The chain value of the last record.
    package let chain: Digest256
    package let key: VerifyingKey
    package let signature: Signature

    package var count: Int { self.records.count }
    package var last: RecordNumber { self.first + Int64(self.records.count) - 1 }

    /// Signs `records`, of which the first has the number `first`.
    package init(
        device: DeviceID, first: RecordNumber, prev: Digest256, records: [[UInt8]],
        signedBy key: SigningKey
    ) throws {
        let chain = records.reduce(prev, HashChain.link)
        self.device = device
        self.first = first
        self.prev = prev
        self.records = records
        self.chain = chain
        self.key = key.publicKey
        self.signature = try key.sign(
            Self.signedBytes(device, first, count: records.count, prev, chain))
    }

    /// The bytes that travel: every line ended by `\n`.
    package var bytes: [UInt8] {
        let head: JSONValue = [
            "steelyard": "batch", "v": 1, "device": .string(self.device.text),
            "first": .integer(self.first), "count": .integer(Int64(self.count)),
            "prev": .string(self.prev.base64),
        ]
        let tail: JSONValue = [
            "chain": .string(self.chain.base64), "key": .string(self.key.base64),
            "sig": .string(self.signature.base64),
        ]
        return ([head.bytes] + self.records + [tail.bytes]).flatMap { $0 + [0x0A] }
    }

    /// Reads a batch and checks its form, limits, chain and signature; not who the key belongs to,
    /// nor what the records say.
    package init(bytes: [UInt8]) throws(BatchError) {
        guard bytes.count <= Self.mostBytes else { throw .tooLarge }
        guard bytes.last == 0x0A else {
            throw .malformed(line: 1, problem: "the last line doesn't end with a newline")
        }
        // One split more than a batch may need tells that there are too many lines.
        let lines = bytes.dropLast().split(
            separator: 0x0A, maxSplits: Self.mostRecords + 2, omittingEmptySubsequences: false)
        guard lines.count >= 3 else {
            throw .malformed(line: lines.count, problem: "a batch has at least three lines")
        }
        guard lines.count - 2 <= Self.mostRecords else { throw .tooLarge }
        let head = try Self.fields(lines[0], line: 1)
        let tail = try Self.fields(lines[lines.count - 1], line: lines.count)
        let records = lines[1..<(lines.count - 1)].map { Array($0) }
        do throws(RecordError) {
            guard try head.string("steelyard") == "batch" else { throw .field("steelyard") }
            _ = try head.integer("v", in: 1...1)
            let count = Int64(records.count)
            _ = try head.integer("count", in: count...count)
            self.first = try head.integer("first", in: 1...(Int64.max - Int64(Self.mostRecords)))
            guard let device = DeviceID(try head.string("device")) else { throw .field("device") }
            guard let prev = Digest256(base64: try head.string("prev")) else {
                throw .field("prev")
            }
            (self.device, self.prev) = (device, prev)
        } catch { throw .malformed(line: 1, problem: "\(error)") }
        do throws(RecordError) {
            guard let chain = Digest256(base64: try tail.string("chain")) else {
                throw .field("chain")
            }
            guard let key = VerifyingKey(base64: try tail.string("key")) else {
                throw .field("key")
            }
            guard let signature = Signature(base64: try tail.string("sig")) else {
                throw .field("sig")
            }
            (self.chain, self.key, self.signature) = (chain, key, signature)
        } catch { throw .malformed(line: lines.count, problem: "\(error)") }
        self.records = records
        guard records.reduce(self.prev, HashChain.link) == self.chain else { throw .chain }
        let signed = Self.signedBytes(
            self.device, self.first, count: records.count, self.prev, self.chain)
        guard self.key.verifies(self.signature, of: signed) else { throw .signature }
    }

    private static func fields(
        _ line: ArraySlice<UInt8>, line number: Int
    ) throws(BatchError) -> RecordFields {
        do { return RecordFields(try JSONParser.object(Array(line))) } catch {
            throw .malformed(line: number, problem: "\(error)")
        }
    }

    private static func signedBytes(
        _ device: DeviceID, _ first: RecordNumber, count: Int, _ prev: Digest256,
        _ chain: Digest256
    ) -> [UInt8] {
        let text = "\(device.text)\n\(first)\n\(count)\n\(prev.base64)\n\(chain.base64)\n"
        return Array("steelyard batch v1\n\(text)".utf8)
    }
}
