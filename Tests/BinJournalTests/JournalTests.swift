import BinCore
import BinJournal
import Foundation
import GRDB
import Records
import Testing

@Suite struct JournalTests {
    @Test func whatWasAppendedIsThereAfterReopening() async throws {
        let storage = try TemporaryStorage()
        let bottle = try card("uid:04A1B2C3")
        let before: QueueState
        do {
            let journal = try storage.open()
            let opened = OpenedFact(order: 1, card: bottle, role: .resident, reader: try name("r"))
            let records = try journal.append([.opened(opened)], at: noon)
            #expect(records.map(\.header.seq) == [1])
            _ = try journal.append([try deposit(1, 500, from: 0, by: bottle)], at: noon)
            before = journal.queue
        }
        let journal = try storage.open()
        #expect(journal.queue == before)
        #expect(journal.nextSeq == 3)
        #expect(journal.memory.compartments[try name("pet")]?.level == Grams(500))
        #expect(journal.memory.openOrder?.mass == Grams(500))
        #expect(journal.lastHeaders.openOrder?.seq == 2)
    }

    @Test func commitsAreFullySyncedInTheWriteAheadLog() async throws {
        let storage = try TemporaryStorage()
        let journal = try storage.open()
        _ = try journal.append([remark(1)], at: noon)
        let settings = try await journal.durability()
        #expect(settings.mode == "wal")
        #expect(settings.synchronous == 2)
    }

    @Test func aNewJournalHasSmallPages() throws {
        let storage = try TemporaryStorage()
        withExtendedLifetime(try storage.open()) {}
        #expect(try storage.pageBytes() == 1024)
    }

    @Test func aJournalKeepsThePagesThatItWasMadeWith() async throws {
        let storage = try TemporaryStorage()
        // An empty database with a page of its own, as another program would leave it.
        withExtendedLifetime(try StorageDirectory(path: storage.path)) {}
        try storage.tamper("PRAGMA page_size = 4096; PRAGMA user_version = 1")
        let journal = try storage.open()
        _ = try journal.append([remark(1)], at: noon)
        let settings = try await journal.durability()
        #expect(settings.mode == "wal")
        #expect(settings.synchronous == 2)
        #expect(try storage.pageBytes() == 4096)
    }

    @Test func aSecondProcessIsRefused() throws {
        let storage = try TemporaryStorage()
        let journal = try storage.open()
        let error = #expect(throws: JournalError.self) { try storage.open() }
        #expect(error?.code == .locked)
        #expect(error?.message.contains(storage.path) == true)
        withExtendedLifetime(journal) {}
    }

    @Test func anotherDevicesStorageIsRefused() throws {
        let storage = try TemporaryStorage()
        _ = try storage.open()
        let other = try #require(DeviceID("baiyun-018"))
        let error = #expect(throws: JournalError.self) { try storage.open(device: other) }
        #expect(error?.code == .foreign)
        #expect(error?.message.contains("baiyun-017") == true)
    }

    @Test func startsOfTheMachineAreCounted() throws {
        let storage = try TemporaryStorage()
        #expect(try storage.open(bootID: "a").boot == 1)
        #expect(try storage.open(bootID: "a").boot == 1)
        #expect(try storage.open(bootID: "b").boot == 2)
        #expect(try storage.open(bootID: "a").boot == 3)
    }

    @Test func theDeviceKeyStaysAndIsPrivate() throws {
        let storage = try TemporaryStorage()
        let key = try storage.open().publicKey
        #expect(try storage.open().publicKey == key)
        let file = "\(storage.path)/device.key"
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        try Data("no key\n".utf8).write(to: URL(filePath: file))
        let error = #expect(throws: JournalError.self) { try storage.open() }
        #expect(error?.code == .damaged)
    }

    @Test("nobody else may read the files", arguments: [false, true])
    func filesArePrivate(wereOpen: Bool) async throws {
        let storage = try TemporaryStorage()
        let files = ["", "/lock", "/device.key", "/journal.sqlite"].map { storage.path + $0 }
        do { _ = try storage.open().append([remark(1)], at: noon) }
        if wereOpen { for file in files { try #require(chmod(file, 0o755) == 0) } }
        let directory = try StorageDirectory(path: storage.path)
        #expect(directory.exposed.isEmpty)
        let journal = try storage.open(in: directory)
        _ = try journal.append([remark(2)], at: noon)
        for file in files + ["-wal", "-shm"].map({ "\(storage.path)/journal.sqlite\($0)" }) {
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
            let others = (mode as? Int).map { $0 & 0o077 }
            #expect(others == 0, "\(file)")
        }
    }

    @Test func aJournalOfManyRecordsStartsFromItsSummary() async throws {
        let storage = try TemporaryStorage()
        let pet = try name("pet")
        var level: Int64 = 0
        do {
            let journal = try storage.open()
            for _ in 0..<25 {
                let facts = (0..<50).map { _ in
                    level += 5
                    return Fact.unattributed(
                        UnattributedFact(
                            compartment: pet, before: Grams(level - 5), after: Grams(level),
                            cause: .drift))
                }
                _ = try journal.append(facts, at: noon)
            }
        }
        // A record that the newest 1,000 don't reach, and a start doesn't need.
        try storage.tamper("UPDATE records SET body = x'7b7d' WHERE seq = 100")
        let journal = try storage.open()
        #expect(journal.memory.compartments[pet]?.level == Grams(6_250))
        #expect(journal.nextSeq == 1_251)
        let error = await #expect(throws: JournalError.self) {
            try await journal.batch(after: 0, limit: 1000)
        }
        #expect(error?.code == .damaged)
        #expect(error?.message.hasPrefix("record 100 ") == true)
    }

    @Test func aRecordThatIsTooLongChangesNothing() async throws {
        let storage = try TemporaryStorage()
        let journal = try storage.open()
        let long = String(repeating: "x", count: 5000)
        let fact = Fact.boot(BootFact(version: long, config: "", reason: .power))
        #expect(throws: JournalError.self) {
            try journal.append([remark(1), fact], at: noon)
        }
        #expect(journal.queue.last == 0)
        #expect(try journal.append([remark(1)], at: noon).first?.header.seq == 1)
    }

    @Test func whatACardWasPaidForTodayIsCounted() async throws {
        let storage = try TemporaryStorage()
        let journal = try storage.open()
        let (mine, other) = (try card("uid:04A1B2C3"), try card("uid:0BADCAFE"))
        let tomorrow = Moment(
            up: noon.up.advanced(byMs: 86_400_000), at: noon.at.advanced(byMs: 86_400_000),
            clock: .synced)
        _ = try journal.append([try deposit(1, 100, from: 0, by: mine)], at: noon)
        _ = try journal.append(
            [
                try deposit(1, 200, from: 100, by: mine), try deposit(1, 400, from: 300, by: other),
                try deposit(1, 800, from: 700, by: mine, price: 0),
                try deposit(1, -50, from: 1500, by: mine),
            ], at: tomorrow)
        #expect(try journal.credited(to: mine, onDayOf: tomorrow) == Grams(150))
        #expect(try journal.credited(to: mine, onDayOf: noon) == Grams(100))
        // What comes later is counted without reading it again.
        _ = try journal.append([try deposit(1, 300, from: 1450, by: mine)], at: tomorrow)
        #expect(try journal.credited(to: mine, onDayOf: tomorrow) == Grams(450))
    }
}
