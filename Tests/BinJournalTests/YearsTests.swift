import BinCore
import Foundation
import GRDB
import Records
import Synchronization
import Testing

@testable import BinJournal

private let isWanted = ProcessInfo.processInfo.environment["STEELYARD_RECORDS"] != nil

/// What upkeep costs the order path while it works through years of records.
@Suite struct YearsTests {
    private static let records =
        ProcessInfo.processInfo.environment["STEELYARD_RECORDS"].flatMap(Int64.init) ?? 0

    /// What one step of upkeep may write to the log: an order can have to wait for it. At 5 MB/s,
    /// a slow card, it is 30 ms.
    private static let mostBytesAStep: Int64 = 150_000

    private let storage: TemporaryStorage

    init() throws { self.storage = try TemporaryStorage() }

    /// Old records that fill the file, acknowledged, and a true tail.
    private func stuff() throws {
        let (count, tail) = (Self.records, RecordNumber(2_000))
        let filler = count - tail
        do { try self.storage.open().close() }
        let database = try DatabaseQueue(path: "\(self.storage.path)/journal.sqlite")
        try database.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
                    INSERT INTO records SELECT i, CAST('{"seq":' || i ||
                    ',"at":"2026-01-02T00:00:00.000Z","clock":"synced","boot":1,"up":1,' ||
                    '"kind":"fault","source":"pet","code":"test","detail":"","more":"' ||
                    hex(zeroblob(140)) || '"}' AS BLOB), zeroblob(32) FROM n
                    """, arguments: [filler])
            try db.execute(
                sql: """
                    WITH RECURSIVE n(i) AS (SELECT 500 UNION ALL SELECT i + 500 FROM n
                    WHERE i + 500 <= ?1) INSERT INTO summaries SELECT i, ?2 FROM n
                    """, arguments: [count - 500, BinMemory().summary.text])
            var chain = Digest256([UInt8](repeating: 0, count: 32)) ?? Digest256(of: [])
            for seq in filler + 1...count {
                let header = RecordHeader(seq: seq, boot: 1, moment: noon)
                let body = try Record(header: header, fact: remark(1)).encoded()
                chain = HashChain.link(chain, body)
                try db.execute(
                    sql: "INSERT INTO records VALUES (?, ?, ?)",
                    arguments: [seq, Data(body), Data(chain.bytes)])
            }
            let zero = try #require(Digest256([UInt8](repeating: 0, count: 32)))
            let acknowledgement = try Acknowledgement(
                device: self.storage.device, through: filler, chain: zero,
                signedBy: self.storage.hub)
            try db.execute(
                sql: "INSERT INTO acknowledged (one, through, body) VALUES (1, ?, ?)",
                arguments: [filler, Data(acknowledgement.bytes)])
        }
        try database.close()
    }

    /// The size of the write-ahead log.
    private static func size(_ log: String) -> Int64 {
        // `try?`: none is as good as an empty one.
        let facts = try? FileManager.default.attributesOfItem(atPath: log)
        return (facts?[.size] as? NSNumber)?.int64Value ?? 0
    }

    /// What upkeep did.
    private struct Work: Sendable {
        var cuts = 0
        var vacuums = 0
        var mostBytes: Int64 = 0
    }

    @Test(.enabled(if: isWanted, "left out: a matter of `deploy/test.sh torture`"))
    func upkeepOfYearsNeitherHoldsUpOrdersNorGrowsTheLog() async throws {
        try self.stuff()
        let journal = try self.storage.open()
        let quiet = try await self.commits(to: journal) { $0 < 300 }
        let log = "\(self.storage.path)/journal.sqlite-wal"
        let isDone = Mutex(false)
        async let working = Self.upkeep(of: journal, log: log) { isDone.withLock { $0 = true } }
        let busy = try await self.commits(to: journal) { _ in !isDone.withLock { $0 } }
        let work = try await working
        print(
            "upkeep beside orders, \(Self.records) records: a commit takes \(quiet) without and "
                + "\(busy) with it; \(work.cuts) steps pruned, \(work.vacuums) gave pages back, "
                + "and one writes \(work.mostBytes) bytes at most")
        #expect(work.vacuums >= 100)
        #expect(work.mostBytes <= Self.mostBytesAStep)
        #expect(Self.size(log) <= 4 << 20)
        #expect(journal.queue.first > RecordNumber(Self.records / 2))
    }

    /// Prunes most of the records and gives their pages back, without a rest. A step lets the log
    /// grow until it is as long as between two checkpoints.
    ///
    /// - Parameter done: Called at the end, however it comes.
    private static func upkeep(
        of journal: Journal, log: String, done: () -> Void
    ) async throws -> Work {
        defer { done() }
        var work = Work()
        var written = self.size(log)
        func note() {
            let now = self.size(log)
            work.mostBytes = max(work.mostBytes, now - written)
            written = now
        }
        // A day's cuts are few: each step is two hours after the one before.
        while try await journal.prune(olderThan: 1, at: self.moment(afterHours: 2 * work.cuts)) {
            work.cuts += 1
            note()
        }
        while try await journal.shrink(keeping: 8) {
            work.vacuums += 1
            note()
        }
        return work
    }

    private static func moment(afterHours hours: Int) -> Moment {
        let ms = Int64(hours) * 3_600_000
        return Moment(
            up: noon.up.advanced(byMs: ms),
            at: WallTime(
                millisecondsSince1970: noon.at.millisecondsSince1970 + 864_000_000 + ms),
            clock: .synced)
    }

    /// Median and slowest of the commits that are made while `goesOn` says so, told how many were.
    private func commits(
        to journal: Journal, while goesOn: (Int) -> Bool
    ) async throws -> String {
        var times: [Duration] = []
        while times.isEmpty || goesOn(times.count) {
            let begun = ContinuousClock.now
            _ = try journal.append([remark(times.count % 7)], at: noon)
            times.append(ContinuousClock.now - begun)
        }
        times.sort()
        func ms(_ time: Duration) -> String {
            (time / .milliseconds(1)).formatted(.number.precision(.fractionLength(1)))
        }
        return "\(ms(times[times.count / 2])) ms, at most \(ms(times[times.count - 1])) ms"
    }
}
