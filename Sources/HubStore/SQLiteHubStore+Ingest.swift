package import BinCore
import Foundation
import GRDB
package import HubCore
import Records

extension SQLiteHubStore {
    /// How many refused batches are kept of one device, the first ones, and as many again of those
    /// that tell of a fork, so that no junk crowds them out. Later ones are counted.
    static let mostRefused = 32

    package func ingest(
        _ bytes: [UInt8], from device: DeviceID?, at now: WallTime
    ) async throws -> IngestOutcome {
        let received: ReceivedBatch
        do { received = try ReceivedBatch(bytes: bytes) } catch {
            // Without a sender nobody can be named for bytes that can't be read.
            guard let device else { return .refused(error) }
            try await self.write { db in
                try Self.keep(bytes, refusedFor: error, of: device, at: now, in: db)
            }
            return .refused(error)
        }
        let author = received.batch.device
        guard device == nil || device == author else {
            return .refused(.notThisDevice(batch: author))
        }
        return try await self.write { db in
            do {
                return try Self.take(received, at: now, in: db)
            } catch let refusal as IngestRefusal {
                try Self.keep(bytes, refusedFor: refusal, of: author, at: now, in: db)
                return .refused(refusal)
            }
        }
    }

    /// - Throws: `IngestRefusal` before anything was written.
    private static func take(
        _ received: ReceivedBatch, at now: WallTime, in db: Database
    ) throws -> IngestOutcome {
        let batch = received.batch
        let row = try Row.fetchOne(
            db, sql: "SELECT * FROM device WHERE id = ?", arguments: [batch.device.text])
        guard let row else { throw IngestRefusal.unknownDevice(batch.device) }
        guard row.optionalTime("revoked") == nil else {
            throw IngestRefusal.revoked(batch.device)
        }
        let held = try HeldJournal(row: row)
        if let seam = try Self.openSeam(of: held, in: db) {
            return try Self.take(received, across: seam, at: now, in: db)
        }
        let intake = try held.intake(of: batch, overlap: try self.overlap(of: batch, held, in: db))
        if !intake.records.isEmpty {
            try self.store(intake, of: received, newFrom: held.last + 1, at: now, in: db)
        }
        let acknowledgement = try Acknowledgement(
            device: batch.device, through: intake.journal.last, chain: intake.journal.chain,
            signedBy: try self.signingKey(db))
        return .acknowledged(acknowledgement, new: intake.records.count)
    }

    static func overlap(
        of batch: Batch, _ held: HeldJournal, in db: Database
    ) throws -> HeldOverlap {
        if batch.first == held.last + 1 { return HeldOverlap(before: held.chain, records: []) }
        guard batch.first <= held.last else { return HeldOverlap(before: nil, records: []) }
        var before: Digest256? = batch.first == 1 ? HashChain.start(of: held.device) : nil
        var records: [[UInt8]] = []
        // One more than it overlaps: the one before it.
        let rows = try Self.line(
            of: held.device, max(1, batch.first - 1)...min(batch.last, held.last), in: db)
        while let row = try rows.next() {
            if row.integer("seq") < batch.first {
                before = try row.digest("chain")
            } else {
                records.append(row.bytes("bytes"))
            }
        }
        return HeldOverlap(before: before, records: records)
    }

    static func store(
        _ intake: Intake, of received: ReceivedBatch, newFrom: RecordNumber, at now: WallTime,
        in db: Database
    ) throws {
        let batch = received.batch
        try db.execute(
            sql: """
                INSERT INTO batch (device, first, last, new_from, head, tail, received)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                batch.device.text, batch.first, batch.last, newFrom, Data(received.head),
                Data(received.tail), now.stored,
            ])
        let number = db.lastInsertedRowID
        let seams = try self.seamRanges(of: batch.device, in: db)
        let insert = try db.cachedStatement(
            sql: "INSERT INTO record (device, seq, bytes, chain, batch) VALUES (?, ?, ?, ?, ?)")
        for taken in intake.records {
            let seq = taken.record.header.seq
            try insert.execute(arguments: [
                batch.device.text, seq, Data(taken.bytes), Data(taken.chain.bytes), number,
            ])
            if let entry = OrderEntry(taken.record, of: batch.device), !entry.began(in: seams) {
                try self.book(entry, at: now, in: db)
            }
            if let line = DepositLine(taken.record, of: batch.device) {
                try self.insert(line, in: db)
            }
            if let step = ClockStep(taken.record, of: batch.device) {
                try self.insert(step, in: db)
            }
        }
        let journal = intake.journal
        try db.execute(
            sql: """
                UPDATE device SET key = ?, last = ?, chain = ?, laws = ?, received = ?
                WHERE id = ?
                """,
            arguments: [
                journal.key?.base64, journal.last, Data(journal.chain.bytes),
                journal.laws.state.text, now.stored, journal.device.text,
            ])
    }

    /// Keeps what was refused, and quarantines a device that forked. The batch that shows a fork is
    /// kept whatever is there already: only the operator's release makes room for the next one.
    private static func keep(
        _ bytes: [UInt8], refusedFor refusal: IngestRefusal, of device: DeviceID,
        at now: WallTime, in db: Database
    ) throws {
        var isProof = false
        if case .fork(let at) = refusal {
            try db.execute(
                sql: "UPDATE device SET forked = ? WHERE id = ? AND forked IS NULL",
                arguments: [at, device.text])
            isProof = db.changesCount == 1
        }
        guard refusal.isEvidence else { return }
        let digest = Data(Digest256(of: bytes).bytes)
        // A device sends a refused batch again and again: once is enough.
        try db.execute(
            sql: "UPDATE refused SET times = times + 1 WHERE device = ? AND digest = ?",
            arguments: [device.text, digest])
        guard db.changesCount == 0 else { return }
        try db.execute(
            sql: "UPDATE device SET refused = refused + 1 WHERE id = ?", arguments: [device.text])
        try db.execute(
            sql: """
                INSERT INTO refused (device, received, code, problem, digest, bytes)
                SELECT ?1, ?2, ?3, ?4, ?5, ?6
                WHERE EXISTS (SELECT 1 FROM device WHERE id = ?1)
                AND (?8 OR ?7 > (
                    SELECT count(*) FROM refused
                    WHERE device = ?1 AND (code = ?9) = (?3 = ?9)
                ))
                """,
            arguments: [
                device.text, now.stored, refusal.code, refusal.description, digest, Data(bytes),
                Self.mostRefused, isProof, IngestRefusal.fork(at: 1).code,
            ])
    }
}

extension HeldJournal {
    init(row: Row) throws(HubFault) {
        let last = row.integer("last")
        let laws = try row.text("laws") { LawChecker(state: Array($0.utf8), last: last) }
        self.init(
            device: try row.text("id") { DeviceID($0) },
            key: try row.optionalText("key") { VerifyingKey(base64: $0) }, last: last,
            chain: try row.digest("chain"), laws: laws, forkedAt: row["forked"])
    }
}
