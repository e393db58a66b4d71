package import BinCore
import Foundation
import GRDB
package import Records
import Synchronization

/// The weights around deposits, in a file of their own beside the journal.
///
/// They wait in memory and are written in bulk, without a sync of their own: losing the last ones
/// at a power cut costs nothing that counts. When room gets scarce they are the first to go.
package final class TraceStore: TraceKeeping, TraceSharing {
    package static let file = "traces.sqlite"
    /// Traces that wait to be written; beyond it the oldest is forgotten.
    private static let mostWaiting = 256

    /// How much may be kept.
    package struct Limits: Hashable, Sendable {
        /// Newest first; about ninety days of 600 deposits a day.
        package var mostTraces: Int64
        /// With less free space than this on the medium no trace is kept at all. Less than what is
        /// warned of (`StorageState.leastFree`), and four times what must stay free for records
        /// (`Journal.reserveBytes`).
        package var leastFreeBytes: Int64

        package init(mostTraces: Int64 = 54_000, leastFreeBytes: Int64 = 32 << 20) {
            self.mostTraces = mostTraces
            self.leastFreeBytes = leastFreeBytes
        }
    }

    /// So many damaged files are kept.
    private static let mostDamaged = 3

    private let directory: String
    private let limits: Limits
    /// `nil` while the medium doesn't let it be opened.
    private let database = Mutex<DatabaseQueue?>(nil)
    private let waiting = Mutex<[(seq: RecordNumber, trace: WeightTrace)]>([])
    private let isShort = Mutex(false)
    /// More than that must be free until traces are kept again, against flapping.
    private static let moreBytes: Int64 = 8 << 20

    /// Opens the file, or begins a new one if it is damaged: that is kept under another name. One
    /// that the medium doesn't let be opened is tried again with each use; the bin does without.
    package init(in directory: StorageDirectory, limits: Limits = Limits()) throws(JournalError) {
        self.directory = directory.path
        self.limits = limits
        // `try?`: tried again with the next use, which tells of it.
        _ = try? self.opened()
    }

    private var path: String { "\(self.directory)/\(Self.file)" }

    private func opened() throws -> DatabaseQueue {
        try self.database.withLock { database in
            if let database { return database }
            let opened: DatabaseQueue
            do { opened = try Self.open(self.path) } catch  where Damage.isShown(by: error) {
                try self.setAside()
                opened = try Self.open(self.path)
            }
            database = opened
            return opened
        }
    }

    /// Once so many are kept, the first one makes room.
    private func setAside() throws {
        let names = (1...Self.mostDamaged).map { number in
            self.path + ".damaged" + (number == 1 ? "" : "-\(number)")
        }
        let manager = FileManager.default
        let name = names.first { !manager.fileExists(atPath: $0) } ?? names[0]
        for suffix in ["-wal", "-shm"] where manager.fileExists(atPath: self.path + suffix) {
            try manager.removeItem(atPath: self.path + suffix)
        }
        if manager.fileExists(atPath: name) { try manager.removeItem(atPath: name) }
        try manager.moveItem(atPath: self.path, toPath: name)
    }

    private static func open(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.journalMode = .wal
        let database = try DatabaseQueue(path: path, configuration: configuration)
        try database.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS traces (
                        seq INTEGER PRIMARY KEY, body TEXT NOT NULL
                    ) STRICT
                    """)
        }
        return database
    }

    package func keep(_ trace: WeightTrace, of seq: RecordNumber) {
        self.waiting.withLock { waiting in
            if waiting.count == Self.mostWaiting { waiting.removeFirst() }
            waiting.append((seq, trace))
        }
    }

    /// Forgets all traces if there is too little room for records. Returns whether there is.
    package func makeRoom() throws(JournalError) -> Bool {
        do {
            let wasShort = self.isShort.withLock { $0 }
            let free = try self.freeBytes()
            let isShort = free - (wasShort ? Self.moreBytes : 0) < self.limits.leastFreeBytes
            if isShort { try self.drop() }
            self.isShort.withLock { $0 = isShort }
            return isShort
        } catch { throw JournalError(.storage, "traces can't be dropped: \(error)") }
    }

    /// Removes the files: to delete rows would take as much room again, for the log of that.
    private func drop() throws {
        self.waiting.withLock { $0 = [] }
        let database = self.database.withLock { database in
            defer { database = nil }
            return database
        }
        try database?.close()
        let manager = FileManager.default
        for suffix in ["", "-wal", "-shm"] where manager.fileExists(atPath: self.path + suffix) {
            try manager.removeItem(atPath: self.path + suffix)
        }
    }

    /// Writes what waits. With too little room it forgets all traces instead.
    package func flush() throws(JournalError) {
        if try self.makeRoom() { return }
        let traces = self.waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        do {
            guard !traces.isEmpty else { return }
            try self.opened().write { db in
                for (seq, trace) in traces {
                    try db.execute(
                        sql: "INSERT OR REPLACE INTO traces (seq, body) VALUES (?, ?)",
                        arguments: [seq, trace.json.text])
                }
                try db.execute(
                    sql: """
                        DELETE FROM traces WHERE seq <= (
                            SELECT seq FROM traces ORDER BY seq DESC LIMIT 1 OFFSET ?)
                        """, arguments: [self.limits.mostTraces])
            }
        } catch {
            throw JournalError(.storage, "traces can't be written: \(error)")
        }
    }

    package func trace(of seq: RecordNumber) async throws(JournalError) -> WeightTrace? {
        if let held = self.waiting.withLock({ $0.last { $0.seq == seq } }) { return held.trace }
        do {
            let body = try await self.opened().read { db in
                try String.fetchOne(
                    db, sql: "SELECT body FROM traces WHERE seq = ?", arguments: [seq])
            }
            guard let body else { return nil }
            return WeightTrace(json: try JSONParser.object(Array(body.utf8)))
        } catch {
            throw JournalError(.storage, "traces can't be read: \(error)")
        }
    }

    private func freeBytes() throws -> Int64 {
        let facts = try FileManager.default.attributesOfFileSystem(forPath: self.directory)
        return (facts[.systemFreeSize] as? NSNumber)?.int64Value ?? .max
    }
}
