import BinCore
import BinJournal
import Foundation
import Records
import Testing

/// A journal whose files are taken away while it is open.
@Suite struct WatchingTests {
    /// What somebody does to the files.
    enum Deed: String, CaseIterable, Sendable {
        case removed, removedWithLog, logRemoved, renamed, replaced, logReplaced, logCutShort
    }

    private func `do`(_ deed: Deed, to path: String) throws {
        let (files, log) = (FileManager.default, path + "-wal")
        let foreign = Data(repeating: 0x20, count: 20_000)
        switch deed {
        case .removed: try files.removeItem(atPath: path)
        case .removedWithLog:
            for suffix in ["", "-wal", "-shm"] { try files.removeItem(atPath: path + suffix) }
        case .logRemoved: try files.removeItem(atPath: log)
        case .renamed: try files.moveItem(atPath: path, toPath: path + ".old")
        case .replaced:
            try files.removeItem(atPath: path)
            try foreign.write(to: URL(fileURLWithPath: path))
        case .logReplaced:
            try files.removeItem(atPath: log)
            try foreign.write(to: URL(fileURLWithPath: log))
        case .logCutShort: try #require(truncate(log, 100) == 0)
        }
    }

    @Test(arguments: Deed.allCases)
    func whatAnOpenJournalHeldIsBackAfterItsFilesWereTaken(deed: Deed) async throws {
        let storage = try TemporaryStorage()
        let journal = try storage.open()
        for number in 1...40 { _ = try journal.append([remark(number)], at: noon) }
        #expect(journal.isInPlace)
        #expect(journal.shortage == nil)
        try self.do(deed, to: "\(storage.path)/journal.sqlite")

        #expect(journal.shortage?.code == "replaced")
        #expect(throws: Journal.replaced) {
            _ = try journal.append([remark(41)], at: noon)
        }
        #expect(throws: Journal.replaced) { try journal.probe() }
        if deed == .logCutShort {
            // What only the log had is gone: the next opening salvages the rest.
            do { try await journal.rescue() } catch {
                #expect([.damaged, .storage].contains(error.code))
            }
        } else {
            try await journal.rescue()
            try await journal.rescue()
        }
        try journal.close()

        let again = try storage.open()
        let records = try await again.records(from: 1, limit: 1000)
        if deed != .logCutShort { #expect(records.count == 40) }
        #expect(again.nextSeq > 40)
        let next = again.nextSeq
        _ = try again.append([remark(42)], at: noon)
        #expect(again.nextSeq == next + 1)
        let foreign = FileManager.default.contents(
            atPath: "\(storage.path)/journal.sqlite.set-aside-1")
        #expect((foreign?.count == 20_000) == (deed == .replaced))
        try again.close()
    }

    /// Its own checkpoints and pruning are no reason.
    @Test func whatTheJournalDoesItselfIsNoReason() async throws {
        let storage = try TemporaryStorage()
        let journal = try storage.open()
        for number in 0..<60 {
            _ = try journal.append((0..<100).map { remark(number * 100 + $0) }, at: noon)
            #expect(journal.isInPlace)
        }
        try journal.close()
        let again = try storage.open()
        _ = try again.append([remark(1)], at: noon)
        #expect(again.isInPlace)
        try again.close()
    }

    /// The lock goes with the journal, whoever may still hold the object.
    @Test func aClosedJournalCanBeOpenedAgainWhileSomebodyHoldsTheOldOne() async throws {
        let storage = try TemporaryStorage()
        let old = try storage.open()
        _ = try old.append([remark(1)], at: noon)
        try old.close()
        let new = try storage.open()
        #expect(new.nextSeq == 2)
        #expect(throws: JournalError.self) {
            _ = try old.append([remark(2)], at: noon)
        }
        try new.close()
        withExtendedLifetime(old) {}
    }
}
