package import Records

/// A batch with its first and last line as they came, so that it can be put together again.
package struct ReceivedBatch: Hashable, Sendable {
    package let batch: Batch
    /// The first line without its newline.
    package let head: [UInt8]
    /// The last line without its newline.
    package let tail: [UInt8]

    /// Reads a batch and checks form, limits, chain and signature.
    package init(bytes: [UInt8]) throws(IngestRefusal) {
        do { self.batch = try Batch(bytes: bytes) } catch { throw IngestRefusal(error) }
        let lines = bytes.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false)
        self.head = lines.first.map { Array($0) } ?? []
        self.tail = lines.last.map { Array($0) } ?? []
    }

    /// The batch as it came.
    package var bytes: [UInt8] {
        ([self.head] + self.batch.records + [self.tail]).flatMap { $0 + [0x0A] }
    }

    /// Puts a stored batch together again and checks it like one that has just come.
    package init(
        head: [UInt8], records: [[UInt8]], tail: [UInt8]
    ) throws(IngestRefusal) {
        try self.init(bytes: ([head] + records + [tail]).flatMap { $0 + [0x0A] })
    }
}
