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
        /// With less free space than this on the medium no trace is kept at all.
        package var leastFreeBytes: Int64

        package init(mostTraces: Int64 = 54_000, leastFreeBytes: Int64 = 128 << 20) {
            self.mostTraces = mostTraces
            self.leastFreeBytes = leastFreeBytes
        }
    }

    private let directory: String
    private let limits: Limits
    private let database: DatabaseQueue
    private let waiting = Mutex<[(seq: RecordNumber, trace: WeightTrace)]>([])

    /// Opens the file, or begins a new one if it can't be read: what was set aside stays there.
    package init(in directory: StorageDirectory, limits: Limits = Limits()) throws(JournalError) {
        self.directory = directory.path
        self.limits = limits
        let path = "\(directory.path)/\(Self.file)"
        do {
            self.database = try Self.open(path)
        } catch {
            do {
                // `try?`: there is at most one set aside, and it need not exist.
                try? FileManager.default.removeItem(atPath: path + ".damaged")
                try FileManager.default.moveItem(atPath: path, toPath: path + ".damaged")
                self.database = try Self.open(path)
            } catch {
                throw JournalError(.storage, "\(path) can't be opened: \(error)")
            }
        }
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

    /// Writes what waits. With too little room it forgets all traces instead.
    package func flush() throws(JournalError) {
        let traces = self.waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        do {
            guard try self.hasRoom() else {
                try self.database.write { try $0.execute(sql: "DELETE FROM traces") }
                try self.database.writeWithoutTransaction { try $0.execute(sql: "VACUUM") }
                return
            }
            guard !traces.isEmpty else { return }
            try self.database.write { db in
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
            let body = try await self.database.read { db in
                try String.fetchOne(
                    db, sql: "SELECT body FROM traces WHERE seq = ?", arguments: [seq])
            }
            guard let body else { return nil }
            return WeightTrace(json: try JSONParser.object(Array(body.utf8)))
        } catch {
            throw JournalError(.storage, "traces can't be read: \(error)")
        }
    }

    private func hasRoom() throws -> Bool {
        let facts = try FileManager.default.attributesOfFileSystem(forPath: self.directory)
        guard let free = facts[.systemFreeSize] as? NSNumber else { return true }
        return free.int64Value >= self.limits.leastFreeBytes
    }
}
