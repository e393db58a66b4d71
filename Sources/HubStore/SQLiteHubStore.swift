import Foundation
import GRDB
package import HubCore
package import Records

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The hub's store in one SQLite file, which several processes may use at a time.
package struct SQLiteHubStore: HubStoring {
    /// Only the hub's own user: the file holds its key.
    private static let fileMode: mode_t = 0o600
    /// How long one process waits for another's transaction, seconds.
    private static let patience = 10.0
    /// What `PRAGMA synchronous` says when every commit is synced (sqlite.org, pragma.html).
    private static let full = 2

    let pool: DatabasePool

    /// Opens the database at `path`, and makes it if it isn't there.
    ///
    /// - Throws: `HubFault.unopened`.
    package init(path: String) throws(HubFault) {
        try Self.prepareFile(path)
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(Self.patience)
            configuration.foreignKeysEnabled = true
            self.pool = try DatabasePool(path: path, configuration: configuration)
            // GRDB sets NORMAL when it turns WAL on, whatever was set before; a commit would then
            // return before it is on the medium.
            let level = try self.pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                return try Int.fetchOne(db, sql: "PRAGMA synchronous")
            }
            guard level == Self.full else {
                throw HubFault.unopened(path: path, problem: "synchronous = FULL doesn't hold")
            }
            try HubSchema.migrator.migrate(self.pool)
        } catch let fault as HubFault {
            throw fault
        } catch { throw .unopened(path: path, problem: Self.reason(error)) }
    }

    /// Makes the file before SQLite does, so that it is never readable to others; SQLite gives its
    /// `-wal` and `-shm` the same mode.
    private static func prepareFile(_ path: String) throws(HubFault) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, self.fileMode)
        guard descriptor >= 0 else {
            throw .unopened(path: path, problem: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        guard fchmod(descriptor, self.fileMode) == 0 else {
            throw .unopened(path: path, problem: String(cString: strerror(errno)))
        }
    }

    func read<Value: Sendable>(
        _ body: @Sendable @escaping (Database) throws -> Value
    ) async throws -> Value {
        do { return try await self.pool.read(body) } catch { throw Self.worded(error) }
    }

    func write<Value: Sendable>(
        _ body: @Sendable @escaping (Database) throws -> Value
    ) async throws -> Value {
        do { return try await self.pool.write(body) } catch { throw Self.worded(error) }
    }

    /// No type of the library leaves this module.
    private static func worded(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: return HubFault.busy
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: return HubFault.corrupt(Self.reason(error))
        default: return HubFault.storage(Self.reason(error))
        }
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? DatabaseError else { return "\(error)" }
        return error.message ?? "\(error.resultCode)"
    }

    package func signingKey() async throws -> SigningKey {
        try await self.write { db in try Self.signingKey(db) }
    }

    static func signingKey(_ db: Database) throws -> SigningKey {
        if let seed = try Data.fetchOne(db, sql: "SELECT seed FROM hub") {
            guard let key = SigningKey(seed: Array(seed)) else {
                throw HubFault.corrupt("the hub's key")
            }
            return key
        }
        let key = SigningKey()
        try db.execute(sql: "INSERT INTO hub (id, seed) VALUES (1, ?)", arguments: [Data(key.seed)])
        return key
    }

    package func audit() async throws -> AuditReport {
        try await self.read { db in
            let state = try String.fetchOne(db, sql: "PRAGMA quick_check(1)")
            guard state == "ok" else {
                var report = AuditReport()
                report.finding = AuditFinding("the database file is damaged: \(state ?? "?")")
                return report
            }
            return try HubAudit.report(on: DatabaseAuditSource(db: db))
        }
    }
}
