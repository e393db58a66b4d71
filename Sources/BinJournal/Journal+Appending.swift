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
        let records = try self.transaction { db, head in
            try Self.append(facts, at: moment, to: &head, in: db)
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
