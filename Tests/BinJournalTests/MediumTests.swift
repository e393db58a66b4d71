import BinCore
import BinJournal
import Records
import Testing

/// Media that fill up or take nothing, for real.
@Suite(
    .serialized,
    .enabled(if: SmallMedium.mayMount, "left out: only root may mount a small file system"))
struct MediumTests {
    /// Appends until the medium refuses; returns how many were durable.
    private func appendUntilRefused(_ journal: Journal) async throws -> Int {
        for number in 0..<20_000 {
            do throws(JournalError) {
                _ = try journal.append([remark(number)], at: noon)
            } catch {
                #expect(error.code == .storage)
                return number
            }
        }
        throw SmallMedium.Refused(description: "the medium never filled up")
    }

    @Test(
        "a full medium costs no record: it fills at an insert, in the log, or at a checkpoint",
        arguments: [0, 40 << 10, 1_200 << 10, 2_500 << 10])
    func losesNothing(leaving bytes: Int) async throws {
        let medium = try SmallMedium(mebibytes: 16)
        let storage = try TemporaryStorage(at: medium.path)
        let last: RecordNumber
        do {
            let journal = try storage.open()
            _ = try journal.append([remark(0)], at: noon)
            #expect(journal.shortage == nil)
            try medium.fill(leaving: bytes)
            #expect(journal.shortage?.code == "full")
            let durable = try await self.appendUntilRefused(journal)
            #expect(journal.queue.last == 1 + RecordNumber(durable))
            #expect(throws: JournalError.self) { try journal.probe() }
            medium.empty()
            try journal.probe()
            #expect(journal.shortage == nil)
            let next = try journal.append([remark(1)], at: noon).first?.header.seq
            #expect(next == 2 + RecordNumber(durable))
            last = journal.queue.last
        }
        let journal = try storage.open()
        #expect(journal.queue.last == last)
        #expect(journal.notes.isEmpty)
        #expect(try await journal.wholeBook(of: storage).count == Int(last))
    }

    @Test func aStartOnAFullMediumIsRefusedOrWorksAndChangesNothing() async throws {
        let medium = try SmallMedium(mebibytes: 16)
        let storage = try TemporaryStorage(at: medium.path)
        let before = try await storage.filled(300, acknowledged: 0)
        try medium.fill(leaving: 0)
        do { _ = try storage.open(bootID: "boot-b") } catch let error as JournalError {
            #expect(error.code == .storage)
        }
        medium.empty()
        let journal = try storage.open(bootID: "boot-c")
        #expect(try await journal.wholeBook(of: storage) == before)
        #expect(journal.notes.isEmpty)
    }

    @Test func aReadOnlyMediumIsRefusedAndUntouched() async throws {
        let medium = try SmallMedium(mebibytes: 16)
        let storage = try TemporaryStorage(at: medium.path)
        let before = try await storage.filled(30, acknowledged: 0)
        let database = try storage.data("journal.sqlite")
        try medium.set(readOnly: true)
        let error = #expect(throws: JournalError.self) { try storage.open() }
        #expect(error?.code == .storage)
        #expect(try storage.data("journal.sqlite") == database)
        try medium.set(readOnly: false)
        #expect(try await storage.open().wholeBook(of: storage) == before)
    }

    @Test func aSalvageThatFindsNoRoomIsDoneLater() async throws {
        let medium = try SmallMedium(mebibytes: 16)
        let storage = try TemporaryStorage(at: medium.path)
        let before = try await storage.filled(300, acknowledged: 0)
        try storage.tamper("UPDATE records SET chain = zeroblob(32) WHERE seq = 250")
        let damaged = try storage.data("journal.sqlite")
        try medium.fill(leaving: 0)
        for _ in 0..<2 {
            let error = #expect(throws: JournalError.self) { try storage.open() }
            #expect(error?.code == .storage)
            #expect(try storage.data("journal.sqlite") == damaged)
        }
        medium.empty()
        let journal = try storage.open()
        let after = try await journal.wholeBook(of: storage)
        #expect(after.prefix(249) == before.prefix(249))
        #expect(journal.queue.last >= 300)
        #expect(try storage.names.filter { $0.hasSuffix("set-aside-1") }.count == 1)
        #expect(try !storage.names.contains("journal.sqlite.set-aside-2"))
    }
}
