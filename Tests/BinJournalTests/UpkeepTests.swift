import BinCore
import BinJournal
import Foundation
import GRDB
import Records
import Testing

/// Years of records: pruning, room, and a start that doesn't grow with them.
@Suite struct UpkeepTests {
    private static let dayMs: Int64 = 86_400_000

    /// So many days after noon.
    private func day(_ number: Int64, clock: ClockState = .synced) -> Moment {
        Moment(
            up: BootInstant(milliseconds: 1_000 + number * Self.dayMs),
            at: WallTime(
                millisecondsSince1970: noon.at.millisecondsSince1970 + number * Self.dayMs),
            clock: clock)
    }

    /// A journal with `perDay` weights a day, from day 0 on.
    private func fill(_ journal: Journal, days: Int64, perDay: Int = 100) async throws {
        let pet = try name("pet")
        var level = journal.memory.compartments[pet]?.level ?? .zero
        for number in 0..<days {
            let facts = (0..<perDay).map { _ in
                level += Grams(5)
                return Fact.unattributed(
                    UnattributedFact(
                        compartment: pet, before: level - Grams(5), after: level, cause: .drift))
            }
            _ = try journal.append(facts, at: self.day(number))
        }
    }

    private func pruneAll(_ journal: Journal, at moment: Moment) async throws -> Int {
        var steps = 0
        while try await journal.prune(olderThan: 90, at: moment) { steps += 1 }
        return steps
    }

    @Test func whatIsOldAndAcknowledgedGoesAndTheChainGoesOn() async throws {
        let storage = try TemporaryStorage()
        let before: QueueState
        let whole: [[UInt8]]
        do {
            let journal = try storage.open()
            try await self.fill(journal, days: 100)
            whole = try await journal.wholeBook(of: storage)
            // Nothing is acknowledged: nothing goes.
            #expect(try await self.pruneAll(journal, at: self.day(400)) == 0)
            try await storage.acknowledge(journal)
            // A clock that was never set can't tell what is old.
            #expect(try await self.pruneAll(journal, at: self.day(400, clock: .unset)) == 0)
            #expect(try await self.pruneAll(journal, at: self.day(120)) > 0)
            // 120 − 90 = day 30, and back to the last summary before it.
            #expect((2_501...3_001).contains(journal.queue.first))
            before = journal.queue
            #expect(before.last == 10_000)
        }
        let journal = try storage.open()
        #expect(journal.queue == before)
        #expect(journal.memory.compartments[try name("pet")]?.level == Grams(50_000))
        let kept = try await journal.wholeBook(of: storage)
        #expect(kept == Array(whole.suffix(kept.count)))
        let cut = Int(before.first) - 1
        let batch = try #require(
            try await journal.batch(after: before.first - 1, limit: 10))
        #expect(batch.prev == chain(over: whole.prefix(cut), of: storage))
        #expect(try await journal.records(from: 1, limit: 5).first == kept.first)
        let error = await #expect(throws: JournalError.self) {
            try await journal.batch(after: 0, limit: 10)
        }
        #expect(error?.code == .mismatch)
        #expect(error?.message.contains("pruned") == true)
    }

    @Test func recordsUnderAnUnsetClockDoNotStandInTheWayForEver() async throws {
        let storage = try TemporaryStorage()
        let journal = try storage.open()
        let pet = try name("pet")
        var level = Grams.zero
        // More summaries than anybody would look ahead at.
        for number in 0..<120 as Range<Int64> {
            let facts = (0..<100).map { _ in
                level += Grams(5)
                return Fact.unattributed(
                    UnattributedFact(
                        compartment: pet, before: level - Grams(5), after: level, cause: .drift))
            }
            _ = try journal.append(
                facts, at: self.day(number, clock: number < 110 ? .unset : .synced))
        }
        try await storage.acknowledge(journal)
        #expect(try await self.pruneAll(journal, at: self.day(115)) == 0)
        #expect(try await self.pruneAll(journal, at: self.day(300)) > 0)
        #expect(journal.queue.first > 501)
    }

    @Test func aClockThatIsYearsAheadPrunesNoMoreThanADaysShare() async throws {
        let storage = try TemporaryStorage()
        let journal = try storage.open()
        try await self.fill(journal, days: 100)
        try await storage.acknowledge(journal)
        var wrong = self.day(40_000)
        wrong.up = self.day(100).up
        _ = try await self.pruneAll(journal, at: wrong)
        #expect(journal.queue.first == 6_001)
        wrong.up = self.day(101).up
        _ = try await self.pruneAll(journal, at: wrong)
        #expect(journal.queue.first > 6_001)
    }

    @Test func aJournalMayBePrunedAwayWhole() async throws {
        let storage = try TemporaryStorage()
        do {
            let journal = try storage.open()
            try await self.fill(journal, days: 5)
            try await storage.acknowledge(journal)
            _ = try await self.pruneAll(journal, at: self.day(400))
            #expect(journal.queue.first == 501)
            #expect(try await journal.batch(after: 500, limit: 10) == nil)
        }
        let journal = try storage.open()
        #expect(journal.queue.acknowledged == 500)
        #expect(try journal.append([remark(1)], at: noon).first?.header.seq == 501)
        #expect(try await journal.batch(after: 500, limit: 10)?.count == 1)
    }

    @Test func aPrunedJournalThatIsDamagedIsSalvagedFromItsCut() async throws {
        let storage = try TemporaryStorage()
        do {
            let journal = try storage.open()
            try await self.fill(journal, days: 20)
            try await storage.acknowledge(journal)
            _ = try await self.pruneAll(journal, at: self.day(100))
            #expect(journal.queue.first > 501)
            _ = try journal.append((1...6).map { remark($0) }, at: self.day(20))
            try journal.close()
        }
        try storage.tamper("UPDATE records SET chain = zeroblob(32) WHERE seq = 2004")
        let journal = try storage.open()
        #expect(journal.queue.first > 501)
        let kept = try await journal.wholeBook(of: storage)
        #expect(try kept.suffix(4).map(isLost) == [false, true, true, true])
        #expect(journal.memory.compartments[try name("pet")]?.level == Grams(10_000))
    }

    @Test func freePagesGoBackToTheMediumInSteps() async throws {
        let storage = try TemporaryStorage()
        let journal = try storage.open()
        try await self.fill(journal, days: 200)
        try await storage.acknowledge(journal)
        let full = try await journal.storage().journal
        for number in 1_000..<1_004 as Range<Int64> {
            _ = try await self.pruneAll(journal, at: self.day(number))
        }
        var steps = 0
        while try await journal.shrink() { steps += 1 }
        #expect(steps > 10)
        #expect(try await journal.storage().journal < full)
        #expect(try journal.append([remark(1)], at: noon).first?.header.seq == 20_001)
    }

    @Test func roomIsReckonedInDaysAtTheBinsOwnRate() async throws {
        let storage = try TemporaryStorage()
        let journal = try storage.open()
        #expect(try await journal.storage().perDay == nil)
        try await self.fill(journal, days: 21)
        let state = try await journal.storage()
        #expect(state.perDay == 104)  // 2,000 records in the 19.2 days between them
        #expect((150...600).contains(state.perRecord))
        var small = state
        small.free = Journal.reserveBytes + 104 * state.perRecord * 29
        #expect(small.days(reserve: Journal.reserveBytes) == 29)
        small.free = 1
        #expect(small.days(reserve: Journal.reserveBytes) == 0)
    }

    /// Many records at once, of which only the last 2,000 are true ones.
    private func stuff(_ storage: TemporaryStorage, records count: RecordNumber) throws {
        let filler = count - 2_000
        var chain = Digest256(of: [])
        try storage.tamper(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(filler))
            INSERT INTO records SELECT i, zeroblob(450), x'\(chain.hex)' FROM n
            """)
        let database = try DatabaseQueue(path: "\(storage.path)/journal.sqlite")
        try database.write { db in
            for seq in filler + 1...count {
                let header = RecordHeader(seq: seq, boot: 1, moment: noon)
                let body = try Record(header: header, fact: remark(1)).encoded()
                chain = HashChain.link(chain, body)
                try db.execute(
                    sql: "INSERT INTO records VALUES (?, ?, ?)",
                    arguments: [seq, Data(body), Data(chain.bytes)])
            }
            try db.execute(
                sql: "INSERT INTO summaries VALUES (?, '{}')", arguments: [count - 300])
        }
        try database.close()
    }

    @Test func aStartReadsNoMoreOfALongJournal() async throws {
        let storage = try TemporaryStorage()
        do { _ = try storage.open() }
        try self.stuff(storage, records: 200_000)
        let journal = try storage.open()
        #expect(journal.queue.last == 200_000)
        #expect(journal.rowsReadAtStart == 1_000)
        #expect(try journal.append([remark(1)], at: noon).first?.header.seq == 200_001)
    }
}
