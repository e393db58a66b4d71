import BinCore
import GRDB
import Records

/// Opens a journal whatever was done to its files.
///
/// | found | done |
/// | --- | --- |
/// | a whole database | opened |
/// | a damaged one, or one that isn't ours | set aside, salvaged, then opened |
/// | an older one than the hub has acknowledged | set aside; goes on after the acknowledgement |
/// | fewer records than were durable | a `fault` record `lost` for each missing number |
/// | another device's | refused |
struct Opening {
    struct Opened {
        var database: DatabaseQueue
        var head: Journal.Head
        var notes: [FaultFact]
    }

    let directory: StorageDirectory
    let owner: Journal.Owner
    let bootID: String
    let moment: Moment
    let highWater: HighWaterFile

    private var path: String { "\(self.directory.path)/\(StorageDirectory.database)" }

    func run() throws -> Opened {
        if let mark = self.highWater.value, mark.device != self.owner.device {
            throw JournalError(
                .foreign,
                "the storage directory belongs to the device \(mark.device), not to "
                    + "\(self.owner.device); give this bin a storage directory of its own")
        }
        let salvage = Salvage(directory: self.directory, owner: self.owner)
        try salvage.finish()
        var opened: Opened
        do {
            opened = try self.openAsIs()
        } catch  where Self.isDamage(error) {
            try self.salvage(salvage)
            opened = try self.openAsIs()
        }
        if let anchor = self.highWater.value?.anchor, anchor.seq > opened.head.last {
            try opened.database.close()
            try self.salvage(salvage)
            opened = try self.openAsIs()
        }
        let lost = try self.fill(&opened)
        opened.notes = [salvage.note, lost].compactMap(\.self)
        return opened
    }

    private func salvage(_ salvage: Salvage) throws {
        let mark = try salvage.build(self.highWater.value)
        // Before the new database is there, so that no number of the old one is used again.
        try self.highWater.set(mark, isDurable: true)
        try salvage.finish()
    }

    private func openAsIs() throws -> Opened {
        try self.examine()
        let database = try Journal.open(self.path)
        do {
            let head = try database.write { db in
                try Journal.load(db, owner: self.owner, bootID: self.bootID)
            }
            if self.directory.isSuspect {
                try database.read { try Journal.checkAll($0, owner: self.owner) }
                try self.directory.setSuspect(false)
            }
            return Opened(database: database, head: head, notes: [])
        } catch {
            try database.close()
            throw error
        }
    }

    /// Finds out, without changing anything, whether the database is one of ours. SQLite deletes a
    /// write-ahead log whose database is empty: that must not happen here.
    private func examine() throws {
        guard let size = PrivateFile.size(self.path), size > 0 else {
            guard PrivateFile.size(self.path + "-wal") ?? 0 == 0 else {
                throw JournalError(.damaged, "the journal's database is gone, its log isn't")
            }
            return
        }
        var configuration = Configuration()
        configuration.readonly = true
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

    /// Takes every number that is missing from the journal's end on, so that none is used twice and
    /// the chain has no gap. Interrupted, it goes on at the next start.
    private func fill(_ opened: inout Opened) throws -> FaultFact? {
        guard var mark = self.highWater.value, mark.last > opened.head.last else { return nil }
        if mark.last < mark.reserved {
            // Any of them may have been used: none is left out after an interruption.
            mark.last = mark.reserved
            try self.highWater.set(mark, isDurable: true)
        }
        let first = opened.head.last + 1
        let lost = FaultFact(
            source: "journal", code: "lost",
            detail: "the record that may have had this number was lost with the database")
        while opened.head.last < mark.reserved {
            var head = opened.head
            try opened.database.write { db in
                var facts: [Fact] = []
                // Nobody knows what came after its last deposit: nothing more is credited to it.
                if let order = head.fold.memory.openOrder {
                    facts = [.order(order.settled(.power))]
                }
                let room = mark.reserved - head.last - RecordNumber(facts.count)
                let count = Int(min(Int64(Journal.summaryEvery), max(0, room)))
                facts += Array(repeating: .fault(lost), count: count)
                _ = try Journal.append(facts, at: self.moment, to: &head, in: db)
            }
            opened.head = head
        }
        return FaultFact(
            source: "storage lost", code: "lost",
            detail:
                "records from \(first) on may be lost, up to \(opened.head.last): their numbers "
                + "are taken by `journal` faults; see README, Bad storage")
    }

    /// Whether the database itself is at fault, and not the medium or somebody's configuration.
    static func isDamage(_ error: any Error) -> Bool {
        switch error {
        case let error as JournalError: error.code == .damaged
        case let error as DatabaseError:
            [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR].contains(error.resultCode)
        // What is stored can't be read as what it should be.
        default: true
        }
    }
}
