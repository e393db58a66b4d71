import Foundation
import Records
import Testing

@testable import BinJournal

@Suite struct SalvageSourceTests {
    /// A folder in its place can't be opened, like a log on sectors that the medium doesn't give
    /// back.
    @Test func aLogThatCannotBeReadLeavesTheDatabase() async throws {
        let storage = try TemporaryStorage()
        _ = try await storage.filled(6, acknowledged: 0)
        let path = "\(storage.path)/journal.sqlite"
        for suffix in ["-wal", "-shm"] {
            // `try?`: an orderly end leaves none.
            try? FileManager.default.removeItem(atPath: path + suffix)
        }
        try FileManager.default.createDirectory(
            atPath: path + "-wal", withIntermediateDirectories: false)
        let source = SalvageSource(path: path, files: PrivateFile(), highest: nil)
        #expect(source.boot == 1)
        source.close()
    }
}
