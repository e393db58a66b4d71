import BinCore
import GRDB
import Records

/// Opens a journal whatever was done to its files.
///
/// | found | done |
/// | --- | --- |
/// | a whole database | opened |
/// | a damaged one, or one that isn't ours | set aside, salvaged, then opened |
/// | none, though there was one | a new one after the hub's last acknowledgement |
/// | an older one than the hub has acknowledged | set aside; goes on after the acknowledgement |
/// | fewer records than were committed | a `fault` record `lost` for each number set apart |
/// | another device's, or newer software's | refused, and left as it is |
///
/// A power cut alone leaves a whole database with every record that was committed: then the next
/// number follows on the last one, however many are set apart.
struct Opening {
    struct Opened {
        var database: DatabaseQueue
        var head: Journal.Head
        var notes: [FaultFact]
    }

    let directory: StorageDirectory
    /// There was a key before this start.
    let wasUsed: Bool
    let owner: Journal.Owner
    let bootID: String
    let moment: Moment
    let highWater: HighWaterFile
    let progress: Journal.Progress

    private var files: any FileKeeping { self.directory.files }
    private var path: String { "\(self.directory.path)/\(StorageDirectory.database)" }

    func run() throws -> Opened {
        if let mark = self.highWater.value, mark.device != self.owner.device {
            throw JournalError(
                .foreign,
                "the storage directory belongs to the device \(mark.device), not to "
                    + "\(self.owner.device); give this bin a storage directory of its own")
        }
        let salvage = Salvage(
            directory: self.directory, owner: self.owner, progress: self.progress)
        try salvage.finish()
        let bare = self.bareNote
        if salvage.isUnderWay || self.isGone { try self.salvage(salvage) }
        var opened: Opened
        do {
            opened = try self.openAsIs()
        } catch  where Damage.isShown(by: error) {
            try self.salvage(salvage)
            opened = try self.openAsIs()
        }
        do {
            try self.noteBoot(opened.head)
            let notes = [
                bare, salvage.note, try self.fill(&opened), try self.renewMark(opened.head),
            ]
            opened.notes = notes.compactMap(\.self)
            return opened
        } catch {
            try opened.database.close()
            throw error
        }
    }

    /// There is a key and nothing else. A power cut in the first moment of a bin's life leaves that
    /// too.
    private var bareNote: FaultFact? {
        guard self.wasUsed, self.highWater.value == nil, self.highWater.newestSeen == 0,
            ["", "-wal"].allSatisfy({ self.files.size(self.path + $0) ?? 0 == 0 })
        else { return nil }
        return FaultFact(
            source: "storage lost", code: "bare",
            detail:
                "the device's key is here, and neither a journal nor high-water: if it ever "
                + "recorded anything, its numbers are used twice; ask the hub for its last")
    }

    /// Whether there was a database once, and nothing is left of it.
    private var isGone: Bool {
        self.highWater.value != nil && self.files.size(self.path) ?? 0 == 0
    }

    private func salvage(_ salvage: Salvage) throws {
        let mark = try salvage.build(self.highWater.value)
        // Before the new database counts, so that no number of the old one is used again.
        try self.highWater.update(isDurable: true) { value in
            value = mark
            return true
        }
        try salvage.publish()
        try salvage.finish()
    }

    private func openAsIs() throws -> Opened {
        try self.examine()
        let database = try Journal.open(self.path)
        do {
            let head = try database.write { db in
                let head = try Journal.load(
                    db, owner: self.owner, bootID: self.bootID,
                    known: self.highWater.value?.boot ?? 0)
                try self.checkAnchor(db, head)
                return head
            }
            if self.directory.isSuspect {
                try database.read {
                    try Journal.checkAll($0, owner: self.owner, progress: self.progress)
                }
                try self.directory.setSuspect(false)
            }
            return Opened(database: database, head: head, notes: [])
        } catch {
            try database.close()
            throw error
        }
    }

    /// What the hub acknowledged is what is here, or was here and was pruned.
    private func checkAnchor(_ db: Database, _ head: Journal.Head) throws {
        guard let anchor = self.highWater.value?.anchor, anchor.seq >= head.cut else { return }
        guard anchor.seq <= head.last, try Journal.chain(at: anchor.seq, in: db) == anchor.chain
        else {
            throw JournalError(
                .damaged, "record \(anchor.seq), which the hub acknowledged, isn't in the journal")
        }
    }

    /// Finds out, without changing anything, whether the database is one of ours. SQLite deletes a
    /// write-ahead log whose database is empty: that must not happen here. A database whose very
    /// making was cut off is put right first, from its rollback journal: else it can't be read.
    private func examine() throws {
        guard let size = self.files.size(self.path), size > 0 else {
            guard self.files.size(self.path + "-wal") ?? 0 == 0 else {
                throw JournalError(.damaged, "the journal's database is gone, its log isn't")
            }
            return
        }
        var configuration = Configuration()
        configuration.readonly = self.files.size(self.path + "-journal") == nil
        let database = try DatabaseQueue(path: self.path, configuration: configuration)
        defer {
            // `try?`: nothing was written that closing could lose.
            try? database.close()
        }
        let names = try database.read { db in
            try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        guard names.isEmpty || names.contains("records") else {
            throw JournalError(.damaged, "\(self.path) isn't a bin's journal")
        }
    }

    /// Takes every number that may be missing from the journal's end on, so that none is used twice
    /// and the chain has no gap. Interrupted, it goes on at the next start.
    ///
    /// A number above the journal's last one was certainly used if the mark says so durably, or
    /// the line that is written behind each commit does. Then any that was set apart may have been.
    private func fill(_ opened: inout Opened) throws -> FaultFact? {
        let mark = self.highWater.value
        let used = max(mark?.last ?? 0, self.highWater.newestSeen)
        guard used > opened.head.last else { return nil }
        let reserved = max(used, mark?.reserved ?? 0)
        if let mark, mark.last < reserved {
            // None is left out after an interruption.
            try self.highWater.update(isDurable: true) { value in
                value?.last = reserved
                value?.reserved = reserved
                return true
            }
        }
        let first = opened.head.last + 1
        while opened.head.last < reserved {
            self.progress(nil)
            opened.head = try opened.database.write { [head = opened.head] db in
                try self.take(through: reserved, after: head, in: db)
            }
        }
        return FaultFact(
            source: "storage lost", code: "lost",
            detail:
                "records from \(first) on may be lost, up to \(opened.head.last): their numbers "
                + "are taken by `journal` faults; see README, Bad storage")
    }

    private static let lost = FaultFact(
        source: "journal", code: "lost",
        detail: "the record that may have had this number was lost with the database")

    /// Takes a summary's worth of numbers at most. What was open is settled first: nobody knows
    /// what came after its last deposit.
    private func take(
        through seq: RecordNumber, after head: Journal.Head, in db: Database
    ) throws -> Journal.Head {
        var head = head
        var facts: [Fact] = []
        if let order = head.fold.memory.openOrder { facts = [.order(order.settled(.power))] }
        let room = seq - head.last - RecordNumber(facts.count)
        let count = Int(min(Journal.summaryEvery, max(0, room)))
        facts += Array(repeating: .fault(Self.lost), count: count)
        _ = try Journal.append(facts, at: self.moment, to: &head, in: db)
        return head
    }

    /// Counts this start apart from the database too, before any record is made in it.
    private func noteBoot(_ head: Journal.Head) throws {
        try self.highWater.update(isDurable: true) { value in
            guard let known = value?.boot, known < head.boot else { return false }
            value?.boot = head.boot
            return true
        }
    }

    /// A journal without a readable mark gets a new one, which knows of nothing that was lost.
    private func renewMark(_ head: Journal.Head) throws -> FaultFact? {
        guard self.highWater.value == nil, head.last > 0 else { return nil }
        try self.highWater.update(isDurable: true) { value in
            value = HighWater(device: self.owner.device, last: head.last, boot: head.boot)
            return true
        }
        return FaultFact(
            source: "storage high-water", code: "renewed",
            detail:
                "the file high-water was gone or couldn't be read: if this database is an older "
                + "one, numbers above \(head.last) may be used twice; ask the hub for its last")
    }
}
