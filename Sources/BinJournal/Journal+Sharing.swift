package import BinCore
import Foundation
import GRDB
package import Records

extension Journal {
    /// Room in a batch for its first and last line.
    private static let envelopeBytes = 1024

    package func batch(
        after seq: RecordNumber, limit: Int
    ) async throws(JournalError) -> Batch? {
        let first = self.queue.first
        guard seq >= first - 1 else {
            throw JournalError(
                .mismatch, "the records before \(first) were pruned: the hub acknowledged them")
        }
        let most = max(1, min(limit, Batch.mostRecords))
        let start = HashChain.start(of: self.owner.device)
        let (prev, rows) = try await self.look { db in
            let prev = seq == 0 ? start : try Self.chain(at: seq, in: db)
            return (prev, try Self.rows(db, from: seq + 1, limit: most))
        }
        do {
            guard !rows.isEmpty else { return nil }
            guard let prev else {
                throw JournalError(.mismatch, "there is no record \(seq) to send from")
            }
            try Self.check(rows, after: seq, prev)
            var room = Batch.mostBytes - Self.envelopeBytes
            let fitting = rows.map(\.body).prefix { record in
                room -= record.count + 1
                return room >= 0
            }
            return try Batch(
                device: self.owner.device, first: seq + 1, prev: prev,
                records: Array(fitting), signedBy: self.key)
        } catch { throw self.told(error) }
    }

    /// A record with its chain value, as they are stored.
    private struct Row: Sendable {
        var seq: RecordNumber
        var body: [UInt8]
        var chain: [UInt8]
    }

    private static func rows(
        _ db: Database, from first: RecordNumber, limit: Int
    ) throws -> [Row] {
        try GRDB.Row.fetchAll(
            db, sql: "SELECT seq, body, chain FROM records WHERE seq >= ? ORDER BY seq LIMIT ?",
            arguments: [first, limit]
        ).map { row in
            let (body, chain): (Data, Data) = (try row.value("body"), try row.value("chain"))
            return Row(seq: try row.value("seq"), body: Array(body), chain: Array(chain))
        }
    }

    /// What was changed on the medium is found before it is signed.
    private static func check(
        _ rows: [Row], after seq: RecordNumber, _ prev: Digest256
    ) throws(JournalError) {
        var (last, chain) = (seq, prev)
        for row in rows {
            chain = HashChain.link(chain, row.body)
            last += 1
            guard row.seq == last, row.chain == chain.bytes else {
                throw JournalError(
                    .damaged,
                    "record \(last) was changed or lost on the medium: it doesn't fit its chain "
                        + "value; nothing was signed")
            }
        }
    }

    package func records(
        from first: RecordNumber, limit: Int
    ) async throws(JournalError) -> [[UInt8]] {
        let first = max(first, self.queue.first)
        return try await self.look { db in
            try Self.bodies(db, from: first, limit: max(0, min(limit, Batch.mostRecords)))
        }
    }

    private static func bodies(
        _ db: Database, from first: RecordNumber, limit: Int
    ) throws -> [[UInt8]] {
        try Data.fetchAll(
            db, sql: "SELECT body FROM records WHERE seq >= ? ORDER BY seq LIMIT ?",
            arguments: [first, limit]
        ).map { Array($0) }
    }

    package func acknowledge(_ acknowledgement: Acknowledgement) async throws(JournalError) {
        let device = self.owner.device
        guard acknowledgement.device == device else {
            throw JournalError(
                .mismatch, "the acknowledgement is for \(acknowledgement.device), not for \(device)"
            )
        }
        guard self.owner.trust.contains(acknowledgement.key) else {
            throw JournalError(
                .untrusted,
                "the acknowledgement was signed by a key that `trust` in the configuration lacks")
        }
        let last = self.queue.last
        guard acknowledgement.through <= last else {
            try self.goOn(above: acknowledgement.through)
            throw JournalError(
                .mismatch,
                "the hub acknowledged record \(acknowledgement.through) of this device, and the "
                    + "journal's last is \(last): it was replaced by an older one, or another bin "
                    + "has the same device id")
        }
        let head: Head? = try await self.transaction { db, head in
            let through = acknowledgement.through
            guard through >= head.acknowledged else {
                throw JournalError(
                    .stale,
                    "record \(head.acknowledged) is acknowledged already, not only \(through)")
            }
            guard try Self.chain(at: through, in: db) == acknowledgement.chain else {
                throw JournalError(
                    .mismatch,
                    "the acknowledged chain value of record \(through) isn't this journal's; the "
                        + "hub has other records of this device")
            }
            guard through > head.acknowledged else { return nil }
            try db.execute(
                sql: """
                    INSERT INTO acknowledged (one, through, body) VALUES (1, ?, ?)
                    ON CONFLICT (one) DO UPDATE SET through = excluded.through, body = excluded.body
                    """, arguments: [through, Data(acknowledgement.bytes)])
            head.acknowledged = through
            return head
        }
        if let head { self.anchor(acknowledgement, head) }
    }

    package func role(of card: CardNumber) throws(JournalError) -> Role {
        let role = try self.look { db in
            try String.fetchOne(
                db.cachedStatement(sql: "SELECT role FROM cards WHERE card = ?"),
                arguments: [card.description])
        }
        return role.flatMap(Role.init(rawValue:)) ?? .unknown
    }
}
