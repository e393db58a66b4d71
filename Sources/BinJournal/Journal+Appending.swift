package import BinCore
import Foundation
import GRDB
package import Records
import Synchronization

/// How facts become records.
extension Journal {
    /// A summary is stored after this many records, so that a start never reads more.
    static let summaryEvery: RecordNumber = 500

    package func append(
        _ facts: [Fact], at moment: Moment
    ) throws(JournalError) -> [Records.Record] {
        let records = try self.write { db in
            if facts.count == 1, let record = try self.appendAlone(facts[0], at: moment, in: db) {
                return [record]
            }
            return try self.commit(in: db) { db, head in
                try Self.append(facts, at: moment, to: &head, in: db)
            }
        }
        self.credits.withLock { credits in
            for record in records { credits?.add(record) }
        }
        return records
    }

    /// Adds records to the open transaction.
    static func append(
        _ facts: [Fact], at moment: Moment, to head: inout Head, in db: Database
    ) throws -> [Records.Record] {
        var records: [Records.Record] = []
        for fact in facts {
            let entry = try Entry(fact, at: moment, after: &head)
            try entry.insert(in: db)
            records.append(entry.record)
        }
        if head.fold.memory.openOrder == nil, head.isSummaryDue {
            try db.execute(
                sql: "INSERT INTO summaries (seq, body) VALUES (?, ?)",
                arguments: [head.last, Summary(head.fold.memory, after: head.last).text])
            head.lastSummary = head.last
        }
        return records
    }

    /// Adds one record without BEGIN and COMMIT: a statement is a transaction by itself.
    ///
    /// Returns `nil` if a summary may be due with it, which would be another statement.
    private func appendAlone(
        _ fact: Fact, at moment: Moment, in db: Database
    ) throws -> Records.Record? {
        try self.checkPlace()
        var head = self.head.withLock { $0 }
        let durable = head.last
        let entry = try Entry(fact, at: moment, after: &head)
        if head.isSummaryDue { return nil }
        try self.reserve(through: head.last, durable: durable, boot: head.boot)
        try entry.insert(in: db)
        self.keep(head, after: durable)
        return entry.record
    }
}

extension Journal.Head {
    fileprivate var isSummaryDue: Bool { self.last - self.lastSummary >= Journal.summaryEvery }
}

/// A record with its bytes and its link in the chain.
private struct Entry {
    let record: Records.Record
    private let body: [UInt8]
    private let chain: Digest256

    /// Moves the head on to it.
    init(_ fact: Fact, at moment: Moment, after head: inout Journal.Head) throws {
        let header = RecordHeader(seq: head.last + 1, boot: head.boot, moment: moment)
        self.record = Records.Record(header: header, fact: fact)
        self.body = try self.record.encoded()
        self.chain = HashChain.link(head.chain, self.body)
        head.chain = self.chain
        head.last = header.seq
        head.lastHeader = header
        head.fold.add(self.record)
    }

    func insert(in db: Database) throws {
        try db.cachedStatement(sql: "INSERT INTO records (seq, body, chain) VALUES (?, ?, ?)")
            .execute(arguments: [
                self.record.header.seq, Data(self.body), Data(self.chain.bytes),
            ])
    }
}
