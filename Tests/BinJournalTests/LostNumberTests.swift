import BinCore
import BinJournal
import Foundation
import Records
import Testing

/// What was lost without an orderly end: no number is used a second time, and a power cut that lost
/// nothing costs none.
@Suite struct LostNumberTests {
    /// A journal with records one by one, as the medium holds them while it is open: what SIGKILL
    /// leaves.
    private func killed(
        _ count: Int, acknowledged: RecordNumber = 0, _ storage: TemporaryStorage
    ) async throws -> TemporaryStorage {
        let copy = try TemporaryStorage(like: storage)
        let journal = try storage.open()
        for number in 1...count {
            _ = try journal.append([remark(number)], at: noon)
            if journal.queue.last == acknowledged { try await storage.acknowledge(journal) }
        }
        try storage.copy(to: copy)
        return copy
    }

    @Test func aPowerCutThatLosesNothingCostsNoNumber() async throws {
        let storage = try TemporaryStorage()
        let copy = try await self.killed(5, storage)
        let journal = try copy.open(bootID: "boot-b")
        #expect(journal.nextSeq == 6)
        #expect(journal.notes.isEmpty)
    }

    @Test(
        "whatever is lost, every number that was used is taken",
        arguments: [
            "database", "log", "both", "log is cut", "log is cut to nothing", "log is changed",
        ])
    func takesEveryNumber(loss: String) async throws {
        let storage = try TemporaryStorage()
        let copy = try await self.killed(7, storage)
        switch loss {
        case "database": try copy.remove("journal.sqlite")
        case "log": try copy.remove("journal.sqlite-wal")
        case "both":
            try copy.remove("journal.sqlite")
            try copy.remove("journal.sqlite-wal")
        case "log is cut":
            let log = try copy.data("journal.sqlite-wal")
            try copy.put(log.prefix(log.count - 3_000), "journal.sqlite-wal")
        case "log is cut to nothing": try copy.put(Data(), "journal.sqlite-wal")
        default:
            var log = try copy.data("journal.sqlite-wal")
            log[log.count - 3_000] ^= 1
            try copy.put(log, "journal.sqlite-wal")
        }
        let last: RecordNumber
        do {
            let journal = try copy.open()
            last = journal.queue.last
            #expect(last >= 7)
            let bodies = try await journal.wholeBook(of: copy)
            #expect(try bodies.dropFirst(7).allSatisfy(isLost))
            #expect(journal.notes.map(\.source).contains("storage lost"))
            try journal.close()
        }
        // Each loss is made good once.
        #expect(try copy.open().queue.last == last)
    }

    @Test func anOlderBackupOfABinThatWasKilledIsSeen() async throws {
        let storage = try TemporaryStorage()
        let copy = try TemporaryStorage(like: storage)
        _ = try await storage.filled(4, acknowledged: 0)
        let backup = try storage.data("journal.sqlite")
        let journal = try storage.open()
        _ = try journal.append([remark(5)], at: noon)
        try storage.copy(to: copy)
        try copy.remove("journal.sqlite-wal")
        try copy.put(backup, "journal.sqlite")
        let reopened = try copy.open()
        #expect(reopened.nextSeq > 5)
        #expect(try await reopened.wholeBook(of: copy).dropFirst(4).allSatisfy(isLost))
        withExtendedLifetime(journal) {}
    }

    @Test func aDatabaseWithoutTheRecordThatTheHubAcknowledgedIsSetAside() async throws {
        let storage = try TemporaryStorage()
        let copy = try await self.killed(6, acknowledged: 4, storage)
        // Somebody else's records under the same numbers: a chain of their own, whole.
        let other = try TemporaryStorage()
        do {
            let journal = try other.open()
            _ = try journal.append((11...19).map { remark($0) }, at: noon)
            try journal.close()
        }
        try copy.remove("journal.sqlite-wal")
        try copy.put(try other.data("journal.sqlite"), "journal.sqlite")
        let journal = try copy.open()
        #expect(journal.queue.acknowledged == 4)
        #expect(journal.nextSeq > 6)
        #expect(try copy.names.contains("journal.sqlite.set-aside-1"))
    }

    @Test("a torn line behind the commits is no line", arguments: [0, 1, 40])
    func readsNoTornLine(at offset: Int) async throws {
        let storage = try TemporaryStorage()
        let copy = try await self.killed(3, storage)
        var mark = try copy.data("high-water")
        mark[8_192 + offset] ^= 0x11
        try copy.put(mark, "high-water")
        let journal = try copy.open()
        #expect(journal.nextSeq == 4)
        #expect(journal.notes.isEmpty)
    }

    @Test func aKeyWithoutAnythingElseIsSaid() async throws {
        let storage = try TemporaryStorage()
        #expect(try storage.open().notes.isEmpty)
        _ = try await storage.filled(3, acknowledged: 0)
        for name in try storage.names where name.hasPrefix("journal") || name == "high-water" {
            try storage.remove(name)
        }
        #expect(try storage.open().notes.map(\.code) == ["bare"])
    }

    @Test func withoutAMarkAWholeJournalGoesOnAndSaysSo() async throws {
        let storage = try TemporaryStorage()
        _ = try await storage.filled(3, acknowledged: 0)
        try storage.remove("high-water")
        do {
            let journal = try storage.open()
            #expect(journal.nextSeq == 4)
            #expect(journal.notes.map(\.source) == ["storage high-water"])
            try journal.close()
        }
        #expect(try storage.open().notes.isEmpty)
    }

    // MARK: The hub has more

    /// Both slots are gone, and the line behind them isn't.
    @Test func theLineBehindTheCommitsCountsWithoutAMark() async throws {
        let storage = try TemporaryStorage()
        _ = try await storage.filled(3, acknowledged: 0)
        let older = try storage.data("journal.sqlite")
        let copy = try await self.killed(4, storage)
        for name in ["journal.sqlite-wal", "journal.sqlite"] { try copy.remove(name) }
        try copy.put(older, "journal.sqlite")
        var mark = try copy.data("high-water")
        mark.replaceSubrange(0..<8192, with: Data(count: 8192))
        try copy.put(mark, "high-water")
        let journal = try copy.open(bootID: "boot-b")
        #expect(journal.nextSeq == 8)
        #expect(try await journal.wholeBook(of: copy).dropFirst(3).allSatisfy(isLost))
        let notes = journal.notes.map(\.source)
        #expect(notes.contains("storage lost") && notes.contains("storage high-water"))
    }

    @Test func numbersThatTheHubHasAreTakenAtTheNextStart() async throws {
        let storage = try TemporaryStorage()
        do {
            let journal = try storage.open()
            _ = try journal.append((1...3).map { remark($0) }, at: noon)
            try journal.goOn(above: 2)
            #expect(journal.shortage == nil && !journal.isSuspect)
            try journal.goOn(above: 9)
            // Until then no order is opened, and whoever watches ends the daemon.
            #expect(journal.shortage?.code == "behind")
            #expect(journal.isSuspect)
            try journal.close()
        }
        let journal = try storage.open()
        #expect(journal.queue.last >= 9)
        #expect(!journal.isSuspect)
        let bodies = try await journal.wholeBook(of: storage)
        #expect(try bodies.dropFirst(3).allSatisfy(isLost))
    }

    @Test func anAcknowledgementOfWhatIsMissingTakesItsNumbers() async throws {
        let storage = try TemporaryStorage()
        do {
            let journal = try storage.open()
            _ = try journal.append([remark(1)], at: noon)
            let beyond = try Acknowledgement(
                device: storage.device, through: 5, chain: HashChain.start(of: storage.device),
                signedBy: storage.hub)
            let error = await #expect(throws: JournalError.self) {
                try await journal.acknowledge(beyond)
            }
            #expect(error?.code == .mismatch)
            try journal.close()
        }
        #expect(try storage.open().nextSeq >= 6)
    }

    @Test func aHubThatSaysAnythingIsNotBelieved() async throws {
        let storage = try TemporaryStorage()
        let journal = try storage.open()
        _ = try journal.append([remark(1)], at: noon)
        let error = #expect(throws: JournalError.self) { try journal.goOn(above: 9_000_000_000) }
        #expect(error?.code == .mismatch)
        #expect(!journal.isSuspect)
    }
}
