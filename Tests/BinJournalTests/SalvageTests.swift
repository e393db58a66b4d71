import BinCore
import BinJournal
import Foundation
import GRDB
import Records
import Testing

/// A database that is damaged, gone, older or somebody else's: what can be read is kept, and no
/// number is used twice.
@Suite struct SalvageTests {
    @Test(
        "a changed record ends what is kept; what comes after it is there for the auditor",
        arguments: [
            """
            UPDATE records SET body = CAST(replace(CAST(body AS TEXT), 'part 3', 'part 9') AS BLOB)
            WHERE seq = 3
            """,
            "UPDATE records SET chain = zeroblob(32) WHERE seq = 3",
            "DELETE FROM records WHERE seq = 3",
        ])
    func keepsWhatComesBeforeATamperedRecord(sql: String) async throws {
        let storage = try TemporaryStorage()
        let before = try await storage.filled(6, acknowledged: 0)
        try storage.tamper(sql)
        do {
            let journal = try storage.open()
            let bodies = try await journal.wholeBook(of: storage)
            #expect(bodies.prefix(2) == before.prefix(2))
            #expect(try bodies.dropFirst(2).map(isLost) == [true, true, true, true])
            #expect(try journal.append([remark(7)], at: noon).first?.header.seq == 7)
            #expect(journal.notes.map(\.source) == ["storage set-aside", "storage lost"])
        }
        let stray = try storage.text("journal.sqlite.set-aside-1.ndjson").split(separator: "\n")
        #expect(stray.suffix(3).map { Array($0.utf8) } == Array(before.suffix(3)))
        #expect(try storage.names.contains("journal.sqlite.set-aside-1"))
        // The file is for the auditor: it is told until somebody takes it away.
        #expect(try storage.open().notes.map(\.source) == ["storage set-aside"])
    }

    @Test func damageBeforeTheAcknowledgedRecordCostsNothing() async throws {
        let storage = try TemporaryStorage()
        let before = try await storage.filled(9, acknowledged: 5)
        try storage.tamper("UPDATE records SET body = x'7b7d' WHERE seq = 2")
        let journal = try storage.open()
        #expect(journal.queue.acknowledged == 5)
        #expect(journal.queue.last == 9)
        #expect(journal.notes.map(\.source) == ["storage set-aside"])
        let batch = try #require(try await journal.batch(after: 5, limit: 100))
        #expect(batch.records == Array(before.suffix(4)))
        #expect(batch.prev == chain(over: before.prefix(5), of: storage))
    }

    @Test func aDeletedDatabaseGoesOnAfterWhatTheHubHas() async throws {
        let storage = try TemporaryStorage()
        let bottle = try card("uid:04A1B2C3")
        var acknowledged: [[UInt8]] = []
        do {
            let journal = try storage.open()
            let opened = OpenedFact(order: 1, card: bottle, role: .resident, reader: try name("r"))
            _ = try journal.append(
                [.opened(opened), try deposit(1, 500, from: 0, by: bottle)], at: noon)
            let order = try #require(journal.memory.openOrder).settled(.tap)
            _ = try journal.append([.order(order)], at: noon)
            try await storage.acknowledge(journal)
            acknowledged = try await journal.records(from: 1, limit: 3)
            _ = try journal.append([try deposit(1, 80, from: 500, by: bottle)], at: noon)
            try journal.close()
        }
        try storage.remove("journal.sqlite")
        let journal = try storage.open()
        // Record 4 was nobody else's yet: its number is taken, and its mass found at the scale.
        #expect(journal.queue.last == 4)
        #expect(journal.memory.compartments[try name("pet")]?.level == Grams(500))
        #expect(journal.memory.openOrder == nil)
        let batch = try #require(try await journal.batch(after: 3, limit: 10))
        #expect(batch.prev == chain(over: acknowledged[...], of: storage))
        #expect(try batch.records.map(isLost) == [true])
    }

    @Test func aDatabaseThatWasDeletedWithItsLogLeftDeletesNothingMore() async throws {
        let storage = try TemporaryStorage()
        let copy = try TemporaryStorage(like: storage)
        let journal = try storage.open()
        _ = try journal.append((1...3).map { remark($0) }, at: noon)
        try storage.copy(to: copy)
        let log = try copy.data("journal.sqlite-wal")
        try copy.remove("journal.sqlite")
        let reopened = try copy.open()
        #expect(try copy.data("journal.sqlite.set-aside-1-wal") == log)
        // Which of the numbers that were set apart were used, nobody knows any more: all are taken.
        #expect(reopened.nextSeq > 3)
        #expect(try await reopened.wholeBook(of: storage).allSatisfy(isLost))
        withExtendedLifetime(journal) {}
    }

    @Test func anOlderBackupGoesOnAboveWhatWasEverUsed() async throws {
        let storage = try TemporaryStorage()
        let old = try await storage.filled(4, acknowledged: 0)
        let backup = try storage.data("journal.sqlite")
        let all = try await storage.filled(5, acknowledged: 0)
        try storage.put(backup, "journal.sqlite")
        let journal = try storage.open()
        let bodies = try await journal.wholeBook(of: storage)
        #expect(bodies.prefix(4) == old[...])
        #expect(bodies.count == all.count)
        #expect(try bodies.dropFirst(4).allSatisfy(isLost))
    }

    @Test func anOlderBackupThanTheHubHasGoesOnAfterTheHubs() async throws {
        let storage = try TemporaryStorage()
        _ = try await storage.filled(4, acknowledged: 0)
        let backup = try storage.data("journal.sqlite")
        let all = try await storage.filled(6, acknowledged: 8)
        try storage.put(backup, "journal.sqlite")
        let journal = try storage.open()
        #expect(journal.queue.acknowledged == 8)
        #expect(journal.queue.last == 10)
        let batch = try #require(try await journal.batch(after: 8, limit: 10))
        #expect(batch.prev == chain(over: all.prefix(8), of: storage))
        #expect(try batch.records.map(isLost) == [true, true])
        #expect(try storage.names.contains("journal.sqlite.set-aside-1"))
    }

    @Test func aCutOffLogIsMadeUpForFromTheAcknowledgement() async throws {
        let storage = try TemporaryStorage()
        let copy = try TemporaryStorage(like: storage)
        let journal = try storage.open()
        for number in 1...8 { _ = try journal.append([remark(number)], at: noon) }
        try await storage.acknowledge(journal)
        try storage.copy(to: copy)
        let log = try copy.data("journal.sqlite-wal")
        try copy.put(log.prefix(log.count - 3_000), "journal.sqlite-wal")
        let reopened = try copy.open()
        #expect(reopened.queue.acknowledged == 8)
        #expect(reopened.nextSeq >= 9)
        _ = try reopened.append([remark(9)], at: noon)
        let batch = try #require(try await reopened.batch(after: 8, limit: 1000))
        #expect(batch.prev == journal.queue.chain)
    }

    @Test("what isn't a journal is set aside as it is", arguments: [false, true])
    func setsForeignFilesAside(isDatabase: Bool) async throws {
        let storage = try TemporaryStorage()
        try storage.make()
        if isDatabase {
            try storage.tamper("CREATE TABLE photos (id INTEGER PRIMARY KEY)")
        } else {
            try storage.put(Data(repeating: 0x42, count: 5_000), "journal.sqlite")
        }
        let before = try storage.data("journal.sqlite")
        let journal = try storage.open()
        #expect(try journal.append([remark(1)], at: noon).first?.header.seq == 1)
        #expect(try storage.data("journal.sqlite.set-aside-1") == before)
        #expect(journal.notes.map(\.code) == ["damaged"])
    }

    @Test func anotherDevicesHighWaterMarkIsRefused() async throws {
        let storage = try TemporaryStorage()
        _ = try await storage.filled(3, acknowledged: 0)
        try storage.remove("journal.sqlite")
        let other = try #require(DeviceID("baiyun-018"))
        let error = #expect(throws: JournalError.self) { try storage.open(device: other) }
        #expect(error?.code == .foreign)
    }

    @Test func aCardInAnotherMachineIsToldUntilSomebodySaysThatItMoved() throws {
        let storage = try TemporaryStorage()
        let directory = try StorageDirectory(path: storage.path)
        #expect(try directory.originFault(machine: "serial 1000") == nil)
        #expect(try directory.originFault(machine: "serial 1000") == nil)
        let fault = try #require(try directory.originFault(machine: "serial 2000"))
        #expect(fault.code == "moved")
        #expect(fault.detail.contains("serial 1000") && fault.detail.contains("serial 2000"))
        try storage.remove("origin")
        #expect(try directory.originFault(machine: "serial 2000") == nil)
    }

    @Test("a slot of the mark that is torn leaves the other one", arguments: [0, 4_096])
    func readsEitherSlot(offset: Int) async throws {
        let storage = try TemporaryStorage()
        _ = try await storage.filled(3, acknowledged: 0)
        _ = try await storage.filled(3, acknowledged: 6)
        var mark = try storage.data("high-water")
        mark.replaceSubrange(offset..<offset + 20, with: Data(repeating: 0, count: 20))
        try storage.put(mark, "high-water")
        try storage.remove("journal.sqlite")
        #expect(try storage.open().nextSeq >= 4)
    }

    @Test("what the medium lost is never made up for by something else", arguments: 1...24)
    func survivesDamagedPages(seed: Int) async throws {
        let storage = try TemporaryStorage()
        var dice = Dice(seed)
        let acknowledged = dice.roll(3) == 0 ? 0 : RecordNumber(60)
        let before = try await storage.filled(1_500, atOnce: 20, acknowledged: acknowledged)
        var database = try storage.data("journal.sqlite")
        for _ in 0...dice.roll(3) {
            let at = dice.roll(database.count)
            if dice.roll(2) == 0 {
                database[at] ^= UInt8(1 << dice.roll(8))
            } else {
                let page = at / 1024 * 1024
                database.replaceSubrange(page..<page + 1024, with: Data(count: 1024))
            }
        }
        try storage.put(database, "journal.sqlite")
        do {
            let journal = try storage.open()
            // What lies deep is found when it is read; the next start deals with it.
            do { _ = try await journal.wholeBook(of: storage) } catch is JournalError {
                #expect(journal.isSuspect)
            }
        }
        let journal = try storage.open()
        let bodies = try await journal.wholeBook(of: storage)
        let last = journal.queue.last
        #expect(last >= before.count)
        let first = Int(last) - bodies.count
        for (index, body) in bodies.enumerated() where first + index < before.count {
            let isKept = body == before[first + index]
            #expect(try isKept || isLost(body), "record \(first + index + 1)")
        }
        #expect(first == 0 || first == Int(acknowledged))
        #expect(try journal.append([remark(0)], at: noon).first?.header.seq == last + 1)
    }
}
