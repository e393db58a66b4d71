package import BinCore
import Foundation
import GRDB
package import Records
import Synchronization

/// What is done off the order path, in steps of a few milliseconds each.
extension Journal {
    /// Rows that one step deletes, and pages that one step gives back: about 64 KiB of writing, and
    /// as much again when its log is written back.
    private static let rowsAtOnce = 100
    private static let pagesAtOnce = 64
    /// Free pages are kept for the records to come, unless there are more than this and more than a
    /// quarter of the file: giving back what is needed again tomorrow only wears the medium.
    package static let freePagesKept = 4096
    /// How many cuts a day of this machine's running may see, of `summaryEvery` records each: more
    /// than a busy bin makes in two days. A clock that is years ahead must not empty the journal
    /// before somebody sees it.
    private static let cutsADay = 12
    private static let dayMs: Int64 = 86_400_000
    /// A record's size before there are enough of them to be measured.
    private static let usualBytes: Int64 = 600

    /// Prunes a little of what is older than `days` and acknowledged. The chain value at the cut
    /// stays, and so does what the records up to it add up to.
    ///
    /// - Returns: Whether there is more to be done.
    package func prune(
        olderThan days: Int, at moment: Moment
    ) async throws(JournalError) -> Bool {
        if try await self.sweep() {
            try await self.writeBack()
            return true
        }
        // An unset clock can't tell what is old.
        guard moment.clock != .unset else { return false }
        let limit = WallTime(
            millisecondsSince1970: moment.at.millisecondsSince1970 - Int64(days) * Self.dayMs)
        let (cut, acknowledged) = self.head.withLock { ($0.cut, $0.acknowledged) }
        let next = try await self.look { db in
            try Self.nextCut(db, after: cut, through: acknowledged, olderThan: limit)
        }
        guard let next, self.mayCut(at: moment.up) else { return false }
        try await self.transaction { db, head in
            guard let chain = try Self.chain(at: next, in: db) else { return }
            try db.execute(
                sql: """
                    INSERT INTO cut (one, seq, chain) VALUES (1, ?, ?)
                    ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, chain = excluded.chain
                    """, arguments: [next, Data(chain.bytes)])
            try db.execute(sql: "DELETE FROM summaries WHERE seq < ?", arguments: [next])
            head.cut = next
        }
        return true
    }

    private func mayCut(at now: BootInstant) -> Bool {
        self.cuts.withLock { cuts in
            cuts.removeAll { now.ms(since: $0) >= Self.dayMs }
            guard cuts.count < Self.cutsADay else { return false }
            cuts.append(now)
            return true
        }
    }

    /// The first summary's record that may be the next cut: no order is open there.
    private static func nextCut(
        _ db: Database, after cut: RecordNumber, through last: RecordNumber,
        olderThan limit: WallTime
    ) throws -> RecordNumber? {
        let candidates = try RecordNumber.fetchCursor(
            db, sql: "SELECT seq FROM summaries WHERE seq > ? AND seq <= ? ORDER BY seq",
            arguments: [cut, last])
        var first: RecordNumber?
        while let seq = try candidates.next() {
            first = first ?? seq
            guard let header = try Self.header(of: seq, in: db) else { return nil }
            // A record under an unset clock is as old as the next one that knows its time.
            if header.clock != .unset { return header.at < limit ? first : nil }
        }
        return nil
    }

    private static func header(of seq: RecordNumber, in db: Database) throws -> RecordHeader? {
        let body = try Data.fetchOne(
            db, sql: "SELECT body FROM records WHERE seq = ?", arguments: [seq])
        return try body.map { try Records.Record(bytes: Array($0)).header }
    }

    /// Deletes some of the rows that the cut left behind. Returns whether there were any.
    private func sweep() async throws(JournalError) -> Bool {
        try await self.transaction { db, head in
            guard head.cut > 0,
                let first = try RecordNumber.fetchOne(db, sql: "SELECT min(seq) FROM records"),
                first <= head.cut
            else { return false }
            try db.execute(
                sql: "DELETE FROM records WHERE seq <= ?",
                arguments: [min(head.cut, first + RecordNumber(Self.rowsAtOnce) - 1)])
            return true
        }
    }

    /// With so many records in the log, about 250 KiB, it is written back as soon as nobody is at
    /// the bin.
    private static let recordsInLog: RecordNumber = 50

    /// Whether the log has become so long that it is to be written back when nobody is at the bin.
    package var isLogLong: Bool {
        self.head.withLock { $0.last } - self.writtenBack.withLock { $0 } >= Self.recordsInLog
    }

    /// Writes the log back into the database. SQLite does that by itself behind a commit, when it
    /// is four times as long; but it says nothing if the medium refuses, and the log grows.
    package func writeBack() async throws(JournalError) {
        let last = self.head.withLock { $0.last }
        do { try await self.database.writeWithoutTransaction(Self.writeBack) } catch {
            throw self.told(error)
        }
        self.writtenBack.withLock { $0 = last }
    }

    @Sendable private static func writeBack(_ db: Database) throws {
        try db.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)")
    }

    /// Gives some of the file's free pages back to the medium, if there are many. Returns whether
    /// there are more.
    ///
    /// - Parameter pages: So many are kept in any case.
    package func shrink(
        keeping pages: Int = Journal.freePagesKept
    ) async throws(JournalError) -> Bool {
        do {
            return try await self.database.writeWithoutTransaction { db in
                let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
                let all = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
                guard free > max(pages, all / 4) else { return false }
                try db.execute(sql: "PRAGMA incremental_vacuum(\(Self.pagesAtOnce))")
                try self.place.allow(pages: db)
                try Self.writeBack(db)
                return true
            }
        } catch { throw self.told(error) }
    }

    /// How much the storage still takes, reckoned from the journal's own history.
    package func storage() async throws(JournalError) -> StorageState {
        let head = self.head.withLock { $0 }
        let free = self.directory.freeBytes ?? Int64.max
        return try await self.look { db in
            let page = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0
            let all = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            let unused = try Int64.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
            let count = head.last - head.cut
            let perRecord = count < 1000 ? Self.usualBytes : (all - unused) * page / count
            // What is free in the file is as good as free on the medium.
            return StorageState(
                free: free == Int64.max ? free : free + unused * page, journal: all * page,
                perRecord: max(1, perRecord), perDay: try Self.perDay(db, head))
        }
    }

    /// So many records back the rate is looked for.
    private static let stretches: [RecordNumber] = [0, 500, 2_000, 10_000, 50_000]

    /// Records a day, over the longest stretch whose ends know their time; else over that of this
    /// start of the machine, whose clock was never set.
    private static func perDay(_ db: Database, _ head: Head) throws -> Int64? {
        guard head.last > head.cut else { return nil }
        let ends = try Self.stretches.map { max(head.cut + 1, head.last - $0) }
            .compactMap { seq in
                try Self.header(of: seq, in: db).map { End(seq: seq, header: $0) }
            }
        let known = ends.filter { $0.header.clock != .unset }
        let rate = Self.rate(known) { $0.at.millisecondsSince1970 }
        return rate
            ?? Self.rate(ends.filter { $0.header.boot == ends.first?.header.boot }) {
                $0.up.milliseconds
            }
    }

    private struct End {
        var seq: RecordNumber
        var header: RecordHeader
    }

    /// Records a day between the first of `ends` and the last that is at least a day away from it.
    private static func rate(_ ends: [End], _ time: (RecordHeader) -> Int64) -> Int64? {
        guard let newest = ends.first else { return nil }
        for oldest in ends.reversed() {
            let ms = time(newest.header) - time(oldest.header)
            if ms >= Self.dayMs { return max(1, (newest.seq - oldest.seq) * Self.dayMs / ms) }
        }
        return nil
    }
}
