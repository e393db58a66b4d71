import BinCore
import Foundation
import GRDB
import HubCore
import Records

/// What an audit reads, within one transaction.
struct DatabaseAuditSource: AuditSource {
    let db: Database

    func key() throws -> VerifyingKey {
        guard let seed = try Data.fetchOne(self.db, sql: "SELECT seed FROM hub"),
            let key = SigningKey(seed: Array(seed))
        else { throw HubFault.corrupt("the hub has no key") }
        return key.publicKey
    }

    func journals() throws -> [HeldJournal] {
        try Row.fetchAll(self.db, sql: "SELECT * FROM device ORDER BY id")
            .map { try HeldJournal(row: $0) }
    }

    func eachBatch(of device: DeviceID, _ body: (StoredBatch) throws -> Void) throws {
        let rows = try Row.fetchCursor(
            self.db, sql: "SELECT * FROM batch WHERE device = ? ORDER BY id",
            arguments: [device.text])
        while let row = try rows.next() {
            try body(
                StoredBatch(
                    head: row.bytes("head"), tail: row.bytes("tail"), first: row.integer("first"),
                    last: row.integer("last"), newFrom: row.integer("new_from")))
        }
    }

    func records(
        of device: DeviceID, _ range: ClosedRange<RecordNumber>, across seam: Int64
    ) throws -> [StoredRecord] {
        let rows = try SQLiteHubStore.line(of: device, range, upTo: seam, in: self.db)
        var records: [StoredRecord] = []
        while let row = try rows.next() {
            records.append(
                StoredRecord(
                    seq: row.integer("seq"), bytes: row.bytes("bytes"),
                    chain: try row.digest("chain")))
        }
        return records
    }

    func eachRecord(
        of device: DeviceID, through last: RecordNumber, across seam: Int64,
        _ body: ([UInt8]) throws -> Void
    ) throws {
        try SQLiteHubStore.eachOfLine(
            of: device, through: last, upTo: seam, in: self.db, body)
    }

    func seams(of journal: HeldJournal) throws -> [StoredSeam] {
        try Row.fetchAll(
            self.db, sql: "SELECT * FROM seam WHERE device = ? AND last = after ORDER BY id",
            arguments: [journal.device.text]
        ).map { row in
            let seam = try Seam(row: row, journal)
            return StoredSeam(
                id: seam.id, numbers: seam.at...seam.after, chain: seam.line.chain,
                laws: seam.line.laws)
        }
    }

    func entries(
        of device: DeviceID, _ range: ClosedRange<RecordNumber>
    ) throws -> [BookedEntry] {
        try self.rows(BookedEntry.selection, of: device, range).map { try BookedEntry(row: $0) }
    }

    func deposits(
        of device: DeviceID, _ range: ClosedRange<RecordNumber>
    ) throws -> [DepositLine] {
        try self.rows("SELECT * FROM deposit", of: device, range)
            .map { try DepositLine(row: $0) }
    }

    func steps(of device: DeviceID, _ range: ClosedRange<RecordNumber>) throws -> [ClockStep] {
        try self.rows("SELECT * FROM step", of: device, range).map { try ClockStep(row: $0) }
    }

    private func rows(
        _ selection: String, of device: DeviceID, _ range: ClosedRange<RecordNumber>
    ) throws -> [Row] {
        try Row.fetchAll(
            self.db,
            sql: """
                SELECT * FROM (\(selection)) WHERE device = ? AND seq BETWEEN ? AND ?
                ORDER BY seq
                """,
            arguments: [device.text, range.lowerBound, range.upperBound])
    }

    func counts(of device: DeviceID) throws -> StoredCounts {
        func count(_ table: String) throws -> Int64 {
            try Int64.fetchOne(
                self.db, sql: "SELECT count(*) FROM \(table) WHERE device = ?",
                arguments: [device.text]) ?? 0
        }
        return StoredCounts(
            records: try count("record"), entries: try count("entry"),
            deposits: try count("deposit"), steps: try count("step"))
    }

    func registrations() throws -> [Registration] {
        try Row.fetchAll(self.db, sql: "SELECT * FROM registration ORDER BY id")
            .map { try Registration(row: $0) }
    }

    func sums() throws -> [AccountID: AccountSum] {
        let rows = try Row.fetchAll(
            self.db,
            sql: """
                SELECT account, \(AccountSum.columns) FROM entry
                WHERE account IS NOT NULL GROUP BY account
                """)
        var sums: [AccountID: AccountSum] = [:]
        for row in rows {
            sums[try row.text("account") { AccountID($0) }] = AccountSum(row: row)
        }
        return sums
    }

    func eachBulletin(
        _ body: (BulletinKind, Int64, _ line: [UInt8], _ seal: [UInt8]) throws -> Void
    ) throws {
        let rows = try Row.fetchCursor(
            self.db, sql: "SELECT * FROM bulletin ORDER BY kind, version")
        while let row = try rows.next() {
            try body(
                try row.text("kind") { BulletinKind(rawValue: $0) }, row.integer("version"),
                row.bytes("line"), row.bytes("seal"))
        }
    }
}
