package import BinCore
import Foundation
import GRDB
import HubCore
import Records

/// A stretch of numbers under which a bin has other records than the hub took from it. The hub's
/// stay what they are, and so do the entries that they made; the bin's are kept beside them, and
/// its journal goes on from its own.
struct Seam {
    var id: Int64
    /// The first record that differs, and the last one that the hub took before.
    var at: RecordNumber
    var after: RecordNumber
    /// How far the bin's own records came.
    var line: HeldJournal

    /// Whether the bin has yet to show records under some of these numbers.
    var isOpen: Bool { self.line.last < self.after }

    init(row: Row, _ held: HeldJournal) throws {
        (self.id, self.at, self.after) = (
            row.integer("id"), row.integer("at"), row.integer("after")
        )
        let last = row.integer("last")
        self.line = HeldJournal(
            device: held.device, key: held.key, last: last, chain: try row.digest("chain"),
            laws: try row.text("laws") { LawChecker(state: Array($0.utf8), last: last) },
            forkedAt: nil)
    }
}

extension SQLiteHubStore {
    package func follow(_ device: DeviceID, at now: WallTime) async throws -> RecordNumber? {
        try await self.write { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT * FROM device WHERE id = ?", arguments: [device.text])
            guard let row else { throw HubFault.unknownDevice(device) }
            guard let at: RecordNumber = row["forked"] else { return nil }
            let held = try HeldJournal(row: row)
            var line = HeldJournal(of: device)
            try Self.eachOfLine(of: device, through: at - 1, in: db) { bytes in
                try line.add(bytes)
            }
            try db.execute(
                sql: """
                    INSERT INTO seam (device, at, after, last, chain, laws, released)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    device.text, at, held.last, line.last, Data(line.chain.bytes),
                    line.laws.state.text, now.stored,
                ])
            try db.execute(
                sql: "UPDATE device SET forked = NULL WHERE id = ?", arguments: [device.text])
            return at
        }
    }

    /// The seam that the device's journal is being followed across, if there is one.
    static func openSeam(of held: HeldJournal, in db: Database) throws -> Seam? {
        guard held.forkedAt == nil else { return nil }
        let row = try Row.fetchOne(
            db, sql: "SELECT * FROM seam WHERE device = ? ORDER BY id DESC LIMIT 1",
            arguments: [held.device.text])
        let seam = try row.map { try Seam(row: $0, held) }
        return seam.flatMap { $0.isOpen ? $0 : nil }
    }

    /// The numbers of each seam of a device that it was followed across.
    static func seamRanges(
        of device: DeviceID, in db: Database
    ) throws -> [ClosedRange<RecordNumber>] {
        try Row.fetchAll(
            db, sql: "SELECT at, after FROM seam WHERE device = ? AND last = after",
            arguments: [device.text]
        ).map { $0.integer("at")...$0.integer("after") }
    }

    /// The bin's own records: those that the hub took, and in a seam those kept beside them.
    /// `seams` bounds which ones count.
    private static let line = """
        SELECT seq, bytes, chain, max(seam) FROM (
            SELECT seq, bytes, chain, 0 AS seam FROM record
            WHERE device = ?1 AND seq BETWEEN ?2 AND ?3
            UNION ALL
            SELECT other_record.seq, bytes, other_record.chain, seam.id FROM other_record
            JOIN seam ON seam.id = other_record.seam
            WHERE seam.device = ?1 AND other_record.seq BETWEEN ?2 AND ?3 AND seam.id <= ?4
        ) GROUP BY seq ORDER BY seq
        """
    private static let plainLine = """
        SELECT seq, bytes, chain FROM record WHERE device = ?1 AND seq BETWEEN ?2 AND ?3
        ORDER BY seq
        """

    /// - Parameter seam: Later ones don't count; `nil`: all do.
    static func line(
        of device: DeviceID, _ range: ClosedRange<RecordNumber>, upTo seam: Int64? = nil,
        in db: Database
    ) throws -> RowCursor {
        let hasSeams =
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM seam WHERE device = ?)",
                arguments: [device.text]) ?? false
        let arguments: [(any DatabaseValueConvertible)?] = [
            device.text, range.lowerBound, range.upperBound,
        ]
        guard hasSeams else {
            return try Row.fetchCursor(
                db, sql: Self.plainLine, arguments: StatementArguments(arguments))
        }
        return try Row.fetchCursor(
            db, sql: Self.line, arguments: StatementArguments(arguments + [seam ?? Int64.max]))
    }

    static func eachOfLine(
        of device: DeviceID, through last: RecordNumber, upTo seam: Int64? = nil,
        in db: Database, _ body: ([UInt8]) throws -> Void
    ) throws {
        guard last >= 1 else { return }
        let rows = try Self.line(of: device, 1...last, upTo: seam, in: db)
        while let row = try rows.next() { try body(row.bytes("bytes")) }
    }

    /// Takes a batch of a bin that is followed across a seam.
    static func take(
        _ received: ReceivedBatch, across seam: Seam, at now: WallTime, in db: Database
    ) throws -> IngestOutcome {
        let batch = received.batch
        let intake = try seam.line.intake(
            of: batch, overlap: try Self.overlap(of: batch, seam.line, in: db))
        let (beside, beyond) = (
            intake.records.prefix { $0.record.header.seq <= seam.after },
            intake.records.drop { $0.record.header.seq <= seam.after }
        )
        var line = seam.line
        for taken in beside {
            try line.add(taken.bytes)
            try db.execute(
                sql: "INSERT INTO other_record (seam, seq, bytes, chain) VALUES (?, ?, ?, ?)",
                arguments: [
                    seam.id, taken.record.header.seq, Data(taken.bytes), Data(taken.chain.bytes),
                ])
        }
        if !beside.isEmpty {
            try db.execute(
                sql: "INSERT INTO other_batch (seam, bytes, received) VALUES (?, ?, ?)",
                arguments: [seam.id, Data(received.bytes), now.stored])
        }
        try db.execute(
            sql: "UPDATE seam SET last = ?, chain = ?, laws = ? WHERE id = ?",
            arguments: [line.last, Data(line.chain.bytes), line.laws.state.text, seam.id])
        if line.last == seam.after {
            try db.execute(
                sql: "UPDATE device SET chain = ?, laws = ?, received = ? WHERE id = ?",
                arguments: [
                    Data(line.chain.bytes), line.laws.state.text, now.stored, line.device.text,
                ])
        }
        if !beyond.isEmpty {
            try Self.store(
                Intake(records: Array(beyond), journal: intake.journal), of: received,
                newFrom: seam.after + 1, at: now, in: db)
        }
        let acknowledgement = try Acknowledgement(
            device: batch.device, through: intake.journal.last, chain: intake.journal.chain,
            signedBy: try self.signingKey(db))
        return .acknowledged(acknowledgement, new: intake.records.count)
    }
}
