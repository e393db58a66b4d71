import BinCore
import GRDB
package import Records
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A database that is removed, replaced or cut short while it is open.
///
/// SQLite goes on with the file that it has open: what it commits is durable, and gone with the
/// process. So the journal looks at its place before each transaction and whenever it is asked for
/// its room. Once it isn't there any more it takes nothing, and everything that it holds is written
/// beside the place, where the next opening finds it:
///
/// | what lies in the place | becomes of it |
/// | --- | --- |
/// | nothing | |
/// | another file | `journal.sqlite.set-aside-N` |
/// | the open file, shorter than it was | the same; what can't be read any more is salvaged |
extension Journal {
    /// Whether the database and its log are still where they were opened. Once it was `false` it is
    /// never `true` again.
    package var isInPlace: Bool { self.place.look() }

    func checkPlace() throws(JournalError) {
        guard self.isInPlace else { throw Self.replaced }
    }

    /// Why such a journal takes nothing.
    package static let replaced = JournalError(
        .replaced,
        "the journal's database was removed, replaced or cut short while it was open; what it held "
            + "is written back")

    static let replacedFault = FaultFact(
        source: "storage", code: "replaced", detail: Journal.replaced.message)

    /// Writes everything that the open database holds beside its place, durably; the next opening
    /// puts it there. What lies there now is set aside. Does nothing the second time.
    ///
    /// - Throws: `JournalError`: `.storage` if the medium doesn't take it: try again, and keep the
    ///   journal open until then. `.damaged` if not everything can be read: the next opening
    ///   salvages what is left.
    package func rescue() async throws(JournalError) {
        do {
            try await self.database.writeWithoutTransaction { db in
                guard !self.place.isRescued else { return }
                try Salvage(
                    directory: self.directory, owner: self.owner, progress: { _ in }
                ).takeBack(db)
                self.place.setRescued()
            }
        } catch let error as DatabaseError
            where error.extendedResultCode == .SQLITE_IOERR_SHORT_READ
        {
            // What was cut off is gone; trying again would find it no more.
            throw self.told(JournalError(.damaged, "the journal's files were cut short: \(error)"))
        } catch { throw self.told(error) }
    }
}

extension Salvage {
    /// Writes a copy of an open database beside its place.
    fileprivate func takeBack(_ db: Database) throws {
        let copy = self.path(Self.temporary)
        for suffix in ["", "-journal", "-wal", "-shm"] {
            try self.directory.files.unlink(copy + suffix)
        }
        try db.execute(sql: "VACUUM INTO ?", arguments: [copy])
        try self.directory.files.sync(copy)
        _ = try self.setAside()
        try self.directory.files.renameDurably(copy, to: self.path(Self.ready))
    }
}

/// What the names of a database and of its log stood for when they were opened.
final class PlaceWatch: Sendable {
    private struct File {
        var device: dev_t
        var inode: ino_t
        /// When it was last looked at, bytes.
        var size: Int64
    }

    private struct State {
        var database: File?
        var log: File?
        /// What a checkpoint that is still to come may cut the database to, bytes.
        var fewest = Int64.max
        var isLost = false
        var isRescued = false
    }

    private let path: String
    private let logPath: String
    private let state: Mutex<State>

    /// - Parameter path: The database, which was just opened. What isn't there now is watched from
    ///   the first look on that finds it.
    init(_ path: String) {
        self.path = path
        self.logPath = path + "-wal"
        self.state = Mutex(State())
        _ = self.look()
    }

    /// Compares what lies on the medium with what was opened: two calls of stat(2).
    func look() -> Bool {
        self.state.withLock { state in
            if state.isLost { return false }
            let isThere =
                Self.follow(&state.database, self.path, most: state.fewest)
                && Self.follow(&state.log, self.logPath, most: Int64(Journal.longestLog))
            state.isLost = !isThere
            // It was cut, or there was nothing to cut.
            if let size = state.database?.size, size <= state.fewest { state.fewest = .max }
            return isThere
        }
    }

    /// Returns whether it is the same file, and not shorter than it may be.
    ///
    /// - Parameter most: What it may be cut back to at any time.
    private static func follow(_ file: inout File?, _ path: String, most: Int64) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return file == nil }
        let size = Int64(status.st_size)
        if let file {
            guard file.device == status.st_dev, file.inode == status.st_ino,
                size >= min(file.size, most)
            else { return false }
        }
        file = File(device: status.st_dev, inode: status.st_ino, size: size)
        return true
    }

    /// Pages were given back, maybe before it was opened: a checkpoint will cut the file to those
    /// that are left.
    func allow(pages db: Database) throws {
        let page = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0
        let count = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        self.state.withLock { $0.fewest = min($0.fewest, count * page) }
    }

    var isRescued: Bool { self.state.withLock { $0.isRescued } }

    func setRescued() { self.state.withLock { $0.isRescued = true } }
}
