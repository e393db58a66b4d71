import BinCore
import Foundation
import GRDB
import Records
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

    @Test(.enabled(if: isWanted, "left out: a matter of `deploy/test.sh torture`"))
    func upkeepOfYearsNeitherHoldsUpOrdersNorGrowsTheLog() async throws {
        try self.stuff()
        let journal = try self.storage.open()
        let later = Moment(
            up: noon.up,
            at: WallTime(millisecondsSince1970: noon.at.millisecondsSince1970 + 864_000_000),
            clock: .synced)
        let quiet = try await self.commits(100, to: journal)
        let log = "\(self.storage.path)/journal.sqlite-wal"
        async let steps = Self.upkeep(of: journal, at: later, log: log)
        let busy = try await self.commits(600, to: journal)
        let most = try await steps
        print(
            "upkeep beside orders, \(Self.records) records: a commit takes \(quiet) without and "
                + "\(busy) with it; a step writes \(most) bytes at most")
        #expect(most <= Self.mostBytesAStep)
        #expect(Self.size(log) <= 4 << 20)
        #expect(journal.queue.first > 1)
    }

    /// Prunes and vacuums without a rest for a while. Returns by what a step let the log grow at
    /// most: it does so until it is as long as between two checkpoints.
    private static func upkeep(
        of journal: Journal, at moment: Moment, log: String
    ) async throws -> Int64 {
        var most: Int64 = 0
        var written = self.size(log)
        for _ in 0..<400 {
            let isPruning = try await journal.prune(olderThan: 1, at: moment)
            let isShrinking = try await journal.shrink()
            let now = self.size(log)
            most = max(most, now - written)
            written = now
            guard isPruning || isShrinking else { break }
        }
        return most
    }

    /// Median and slowest of so many commits.
    private func commits(_ count: Int, to journal: Journal) async throws -> String {
        var times: [Duration] = []
        for number in 0..<count {
            let begun = ContinuousClock.now
            _ = try journal.append([remark(number % 7)], at: noon)
            times.append(ContinuousClock.now - begun)
        }
        times.sort()
        func ms(_ time: Duration) -> String {
            (time / .milliseconds(1)).formatted(.number.precision(.fractionLength(1)))
        }
        return "\(ms(times[count / 2])) ms, at most \(ms(times[count - 1])) ms"
    }
}
