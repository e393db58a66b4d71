import BinCore
import BinJournal
import Foundation
import Records
import Testing

/// Whether a record says that another one may have had its number.
func isLost(_ body: [UInt8]) throws -> Bool {
    guard case .fault(let fault) = try Record(bytes: body).fact else { return false }
    return fault.source == "journal" && fault.code == "lost"
}

func chain(over records: ArraySlice<[UInt8]>, of storage: TemporaryStorage) -> Digest256 {
    records.reduce(HashChain.start(of: storage.device), HashChain.link)
}

/// Files under the journal's feet.
extension TemporaryStorage {
    private func url(_ name: String) -> URL { URL(filePath: "\(self.path)/\(name)") }

    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: self.path) }
    }

    func make() throws {
        try FileManager.default.createDirectory(
            atPath: self.path, withIntermediateDirectories: true)
    }

    func data(_ name: String) throws -> Data { try Data(contentsOf: self.url(name)) }
    func text(_ name: String) throws -> String {
        String(decoding: try self.data(name), as: UTF8.self)
    }
    func put(_ data: Data, _ name: String) throws { try data.write(to: self.url(name)) }
    func remove(_ name: String) throws { try FileManager.default.removeItem(at: self.url(name)) }

    /// Copies what is on the medium, as a power cut at this moment would leave it.
    func copy(to other: TemporaryStorage) throws {
        try FileManager.default.copyItem(atPath: self.path, toPath: other.path)
    }

    /// Appends records, has the hub acknowledge up to one of them, and closes the journal. Returns
    /// the bytes of all.
    func filled(
        _ count: Int, atOnce: Int = 1, acknowledged: RecordNumber
    ) async throws -> [[UInt8]] {
        let journal = try self.open()
        let first = Int(journal.nextSeq)
        for number in stride(from: first, to: first + count, by: atOnce) {
            _ = try journal.append((number..<number + atOnce).map { remark($0) }, at: noon)
            if journal.queue.last == acknowledged { try await self.acknowledge(journal) }
        }
        let bodies = try await journal.wholeBook(of: self)
        try journal.close()
        return bodies
    }

    func acknowledge(_ journal: Journal) async throws {
        let queue = journal.queue
        try await journal.acknowledge(
            Acknowledgement(
                device: self.device, through: queue.last, chain: queue.chain, signedBy: self.hub))
    }
}

extension Journal {
    /// All records that are here, in signed batches whose chain holds.
    func wholeBook(of storage: TemporaryStorage) async throws -> [[UInt8]] {
        var bodies: [[UInt8]] = []
        var (after, chain) = (self.queue.first - 1, Digest256?.none)
        while let batch = try await self.batch(after: after, limit: 1000) {
            #expect(chain == nil || batch.prev == chain)
            if batch.first == 1 { #expect(batch.prev == HashChain.start(of: storage.device)) }
            bodies += batch.records
            (after, chain) = (batch.last, batch.chain)
        }
        #expect(after == self.queue.last)
        return bodies
    }
}
