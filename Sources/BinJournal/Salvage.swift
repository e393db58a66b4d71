import BinCore
import Foundation
import GRDB
import Records

/// Sets a database aside that can't be gone on with, and builds a new one of what can be read.
///
/// The old files get second names, `journal.sqlite.set-aside-N`, and are only read from then on.
/// The new database is built under a name of its own, and takes the old one's place by a rename.
/// Interrupted anywhere, the next start goes on where this one ended:
///
/// | file | as long as |
/// | --- | --- |
/// | `salvaging` | the new database isn't ready; holds N |
/// | `journal.salvaging` | it is being built; what is in it is good |
/// | `journal.salvaged` | it is ready, and not in its place yet |
struct Salvage {
    private static let marker = "salvaging"
    static let temporary = "journal.salvaging"
    static let ready = "journal.salvaged"
    private static let aside = "set-aside"

    /// What a database needs on the medium besides what the old one took, bytes.
    private static let moreBytes: Int64 = 1 << 20

    let directory: StorageDirectory
    let owner: Journal.Owner
    let progress: Journal.Progress

    private var files: any FileKeeping { self.directory.files }
    private var database: String { self.path(StorageDirectory.database) }
    func path(_ name: String) -> String { "\(self.directory.path)/\(name)" }

    /// Whether a salvage was begun whose database isn't ready.
    var isUnderWay: Bool {
        self.files.size(self.path(Self.marker)) != nil
            && self.files.size(self.path(Self.ready)) == nil
    }

    /// Puts a new database that is ready into the old one's place.
    func finish() throws(JournalError) {
        guard self.files.size(self.path(Self.ready)) != nil else { return }
        // First, so that the salvage isn't begun again over what follows.
        try self.files.unlinkDurably(self.path(Self.marker))
        // The log next: it must never meet the new database.
        for suffix in ["-wal", "-shm"] { try self.files.unlink(self.database + suffix) }
        try self.files.syncFolder(of: self.database)
        try self.files.renameDurably(self.path(Self.ready), to: self.database)
        try self.directory.setSuspect(false)
    }

    /// What a technician should know while there is something that was set aside.
    var note: FaultFact? {
        let prefix = "\(StorageDirectory.database).\(Self.aside)-"
        let numbers = self.files.names(in: self.directory.path).compactMap { name in
            name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count)) : nil
        }
        guard let newest = numbers.max() else { return nil }
        return FaultFact(
            source: "storage set-aside", code: "damaged",
            detail:
                "\(prefix)\(newest) was set aside: copy it (with -wal and .ndjson) for the "
                + "auditor, then remove it; it may be the medium that fails")
    }

    /// Builds the new database, and returns the marks that it must go on above. They must be
    /// durable before `publish`.
    ///
    /// - Throws: `JournalError`: `.storage` if there isn't the room, `.foreign` if the old database
    ///   was written by newer software.
    func build(_ mark: HighWater?) throws -> HighWater {
        let aside = try self.setAside()
        let source = SalvageSource(path: aside, files: self.files, highest: mark?.reserved)
        defer { source.close() }
        try self.checkRoom(for: aside, source)
        let target = try self.openTarget()
        let boot = max(source.boot ?? 0, mark?.boot ?? 0)
        let stray = StrayRecords(path: aside + ".ndjson", files: self.files)
        do {
            var end =
                try self.end(of: target)
                ?? self.begin(target, at: self.base(source, mark), boot: boot)
            try self.copy(source, to: target, end: &end, stray: stray)
            try self.complete(target, from: source, mark, end: end)
            try stray.close()
            try target.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            }
            try target.close()
            return self.marks(above: max(end.seq, stray.highest), mark, boot: boot)
        } catch {
            // `try?`: the first error tells more; what was written is gone on with.
            try? target.close()
            throw error
        }
    }

    /// Any number that was set apart may have been used in what is lost.
    private func marks(
        above highest: RecordNumber, _ mark: HighWater?, boot: Int64
    ) -> HighWater {
        if var mark {
            mark.reserved = max(mark.reserved, highest)
            mark.last = mark.reserved
            return mark
        }
        // Nobody knows how far it went. As far as numbers are set apart at once is likely enough.
        let last = highest == 0 ? 0 : highest + Journal.reservedAtOnce
        return HighWater(device: self.owner.device, last: last, boot: boot)
    }

    /// The database that was built is all that there is to be.
    func publish() throws(JournalError) {
        let temporary = self.path(Self.temporary)
        for suffix in ["-wal", "-shm"] { try self.files.unlink(temporary + suffix) }
        try self.files.sync(temporary)
        try self.files.renameDurably(temporary, to: self.path(Self.ready))
    }

    /// Gives the old files their second names, unless an interrupted attempt did.
    func setAside() throws(JournalError) -> String {
        let marker = self.path(Self.marker)
        let text = try self.files.read(marker, limit: 32) ?? []
        let begun = Int(String(decoding: text.prefix { $0 != 0x0A }, as: UTF8.self))
        let number = begun ?? self.freeNumber
        if begun == nil { try self.files.replace(marker, with: Array("\(number)\n".utf8)) }
        let name = self.asideName(number)
        let old = ["-wal", ""].map { ($0, self.files.size(self.database + $0)) }
        guard old.contains(where: { $0.1 ?? 0 > 0 }) else { return name }
        // The log first: a name without its log is never taken for the whole.
        for (suffix, size) in old
        where size != nil && self.files.size(name + suffix) == nil {
            if try !self.files.link(self.database + suffix, as: name + suffix) {
                try self.files.rename(self.database + suffix, to: name + suffix)
            }
            try self.files.syncFolder(of: name)
        }
        return name
    }

    private func asideName(_ number: Int) -> String { "\(self.database).\(Self.aside)-\(number)" }

    private var freeNumber: Int {
        var number = 1
        while ["", "-wal", ".ndjson"].contains(where: {
            self.files.size(self.asideName(number) + $0) != nil
        }) {
            number += 1
        }
        return number
    }

    /// A salvage that can't end wears the medium at each attempt.
    private func checkRoom(for aside: String, _ source: SalvageSource) throws(JournalError) {
        let used = source.usedBytes ?? self.files.size(aside) ?? 0
        let temporary = self.path(Self.temporary)
        let done = ["", "-wal"].reduce(Int64(0)) { $0 + (self.files.size(temporary + $1) ?? 0) }
        let needed = max(0, used - done) + Self.moreBytes
        guard let free = self.directory.freeBytes, free < needed else { return }
        throw JournalError(
            .storage,
            "the journal is damaged; to salvage it \(needed >> 10) KiB must be free in "
                + "\(self.directory.path), and \(free >> 10) are: make room; nothing was deleted")
    }

    /// The database that is being built. One that can't be gone on with is begun again: nothing is
    /// in it that isn't in the old one.
    private func openTarget() throws -> DatabaseQueue {
        let temporary = self.path(Self.temporary)
        do {
            let target = try Journal.open(temporary)
            _ = try self.end(of: target)
            return target
        } catch  where Damage.isShown(by: error) {
            for suffix in ["-wal", "-shm", ""] { try self.files.unlink(temporary + suffix) }
            return try Journal.open(temporary)
        }
    }

    /// How far an interrupted attempt came; `nil` if it hadn't begun.
    private func end(of target: DatabaseQueue) throws -> Place? {
        try target.write { db in
            guard try Row.fetchOne(db, sql: "SELECT * FROM identity") != nil else { return nil }
            let head = try Journal.load(db, owner: self.owner, bootID: "")
            return Place(seq: head.last, chain: head.chain, fold: head.fold)
        }
    }

    /// A place in a journal that is known to be right.
    struct Place {
        var seq: RecordNumber
        var chain: Digest256
        /// What the records up to it add up to.
        var fold: JournalFold
    }
}
