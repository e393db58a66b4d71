import CrashKit
import Foundation
import GRDB
import Testing

/// SQLite on a crash disk: what the file system promises, before a bin is built on it.
@Suite struct CrashDiskTests {
    private static let folder = "/crash-\(UUID().uuidString)"

    /// A table with numbers from 1 on, each committed for itself.
    private static func write(
        _ numbers: ClosedRange<Int>, on disk: CrashDisk, at folder: String, synchronous: String,
        isClosed: Bool = false
    ) throws -> [Int] {
        try disk.mount(at: folder)
        defer { CrashDisk.unmount(folder) }
        var configuration = Configuration()
        configuration.journalMode = .wal
        let queue = try DatabaseQueue(path: "\(folder)/t.sqlite", configuration: configuration)
        // How many operations there were when each commit returned.
        var commits: [Int] = []
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = \(synchronous)")
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 20")
            try db.execute(sql: "CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY, x BLOB)")
            for number in numbers {
                try db.execute(
                    sql: "INSERT INTO t VALUES (?, randomblob(700))", arguments: [number])
                commits.append(disk.count)
            }
        }
        if !isClosed { disk.disconnect() }
        try queue.close()
        return commits
    }

    /// The numbers that are there, after SQLite found the database sound.
    private static func numbers(on files: CrashDisk.Files, at folder: String) throws -> [Int] {
        let disk = try CrashDisk(files)
        try disk.mount(at: folder)
        defer { CrashDisk.unmount(folder) }
        let queue = try DatabaseQueue(path: "\(folder)/t.sqlite")
        defer { disk.disconnect() }
        return try queue.write { db in
            #expect(try String.fetchOne(db, sql: "PRAGMA integrity_check") == "ok")
            guard try db.tableExists("t") else { return [] }
            return try Int.fetchAll(db, sql: "SELECT n FROM t ORDER BY n")
        }
    }

    /// How many of all cuts lose a commit that had returned.
    private static func losses(synchronous: String, folder: String) throws -> (Int, of: Int) {
        let disk = try CrashDisk()
        let commits = try Self.write(1...60, on: disk, at: folder, synchronous: synchronous)
        var medium = Medium(of: disk)
        var losses = 0
        for position in 0...disk.count {
            medium.advance(to: position)
            var survival = Survival(seed: UInt64(position))
            let found = try Self.numbers(on: medium.remains(&survival), at: folder)
            // Without a hole, whatever is lost.
            #expect(found == Array(1..<found.count + 1), "cut at \(position)")
            if found.count < commits.count(where: { $0 <= position }) { losses += 1 }
        }
        return (losses, disk.count + 1)
    }

    @Test func withFullSyncNoCutLosesWhatWasCommitted() throws {
        let (losses, all) = try Self.losses(synchronous: "FULL", folder: "\(Self.folder)-full")
        #expect(losses == 0)
        #expect(all > 200)
    }

    /// The counter-check: what GRDB would set by itself is not enough, and the disk shows it.
    @Test func withNormalSyncManyCutsLoseWhatWasCommitted() throws {
        let (losses, all) = try Self.losses(
            synchronous: "NORMAL", folder: "\(Self.folder)-normal")
        #expect(losses * 4 > all, "\(losses) of \(all)")
    }

    @Test func whatACleanEndLeavesIsThereEntirely() throws {
        let folder = "\(Self.folder)-clean"
        let disk = try CrashDisk()
        _ = try Self.write(1...30, on: disk, at: folder, synchronous: "FULL", isClosed: true)
        var medium = Medium(of: disk)
        medium.advance(to: disk.count)
        #expect(Set(medium.everything().keys) == ["t.sqlite"])
        for seed in 0..<20 as Range<UInt64> {
            var survival = Survival(seed: seed)
            let remains = medium.remains(&survival)
            #expect(try Self.numbers(on: remains, at: folder) == Array(1...30))
        }
    }

    @Test func whoIsDisconnectedReachesNothing() throws {
        let folder = "\(Self.folder)-gone"
        let disk = try CrashDisk()
        try disk.mount(at: folder)
        defer { CrashDisk.unmount(folder) }
        let queue = try DatabaseQueue(path: "\(folder)/t.sqlite")
        try queue.write { try $0.execute(sql: "CREATE TABLE t (n INTEGER)") }
        let count = disk.count
        disk.disconnect()
        #expect(throws: DatabaseError.self) {
            try queue.write { try $0.execute(sql: "INSERT INTO t VALUES (1)") }
        }
        #expect(disk.count == count)
    }
}
