import BinCore
import Foundation
import GRDB
import Records

/// Sets a database aside that can't be gone on with, and builds a new one of what can be read.
///
/// The old files get a second name, `journal.sqlite.set-aside-N`, and are only read from then on.
/// The new database is built under a name of its own, and takes the old one's place by a rename: a
/// power cut in between leaves either.
struct Salvage {
    static let temporary = "journal.salvaging"
    static let ready = "journal.salvaged"
    private static let aside = "set-aside"

    let directory: StorageDirectory
    let owner: Journal.Owner

    private var database: String { self.path(StorageDirectory.database) }

    func path(_ name: String) -> String { "\(self.directory.path)/\(name)" }

    /// Puts a new database that is ready into the old one's place.
    func finish() throws(JournalError) {
        for suffix in ["", "-wal", "-shm"] {
            try PrivateFile.unlink(self.path(Self.temporary) + suffix)
        }
        guard PrivateFile.size(self.path(Self.ready)) != nil else { return }
        // The log first: it must never meet the new database.
        for suffix in ["-wal", "-shm"] { try PrivateFile.unlink(self.database + suffix) }
        try PrivateFile.syncFolder(of: self.database)
        try PrivateFile.rename(self.path(Self.ready), to: self.database)
        try self.directory.setSuspect(false)
    }

    /// What a technician should know while there is something that was set aside.
    var note: FaultFact? {
        let prefix = "\(StorageDirectory.database).\(Self.aside)-"
        let names = PrivateFile.names(in: self.directory.path).filter { name in
            name.hasPrefix(prefix) && Int(name.dropFirst(prefix.count)) != nil
        }
        guard let newest = names.last else { return nil }
        return FaultFact(
            source: "storage set-aside", code: "damaged",
            detail:
                "\(newest) was set aside: copy it (with -wal and .ndjson) for the auditor, then "
                + "remove it; it may be the medium that fails")
    }

    /// Builds the new database, and returns the marks that it must go on above.
    func build(_ mark: HighWater?) throws -> HighWater {
        let aside = try self.setAside()
        let source = SalvageSource(path: aside)
        defer { source.close() }
        let base = try self.base(source, mark)
        let temporary = self.path(Self.temporary)
        let target = try Journal.open(temporary)
        let boot = max(source.boot ?? 0, mark?.boot ?? 0)
        let stray = StrayRecords(path: aside + ".ndjson")
        var end = try self.begin(target, at: base, boot: boot)
        try self.copy(source, to: target, end: &end, stray: stray, through: mark?.reserved ?? 0)
        try self.complete(target, from: source, mark, end: end)
        try stray.close()
        try target.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
        }
        try target.close()
        try PrivateFile.sync(temporary)
        try PrivateFile.rename(temporary, to: self.path(Self.ready))
        var result = mark ?? HighWater(device: self.owner.device, last: 0, boot: boot)
        result.last = max(result.last, end.seq, stray.highest)
        result.reserved = max(result.reserved, result.last)
        return result
    }

    /// Gives the old files their second names; the ones that an interrupted attempt gave are good.
    func setAside() throws(JournalError) -> String {
        var number = 1
        while true {
            let name = "\(self.database).\(Self.aside)-\(number)"
            if PrivateFile.size(name) == nil || PrivateFile.isSame(name, self.database) {
                for suffix in ["-wal", ""]
                where PrivateFile.size(self.database + suffix) != nil
                    && PrivateFile.size(name + suffix) == nil
                {
                    try PrivateFile.link(self.database + suffix, as: name + suffix)
                }
                return name
            }
            number += 1
        }
    }

    /// A place in a journal that is known to be right.
    struct Place {
        var seq: RecordNumber
        var chain: Digest256
        /// What the records up to it add up to.
        var fold: JournalFold
    }

    /// Where the new journal begins: where the old one did, if it can be followed from there to the
    /// last acknowledged record; else after that record, which the hub holds.
    private func base(_ source: SalvageSource, _ mark: HighWater?) throws -> Place {
        var place = Place(
            seq: 0, chain: HashChain.start(of: self.owner.device), fold: JournalFold())
        if let (seq, chain, memory) = source.cut {
            place = Place(seq: seq, chain: chain, fold: JournalFold(memory))
        }
        guard let anchor = mark?.anchor else { return place }
        var (seq, chain) = (place.seq, place.chain)
        try source.each(after: seq, through: anchor.seq) { row in
            guard row.seq == seq + 1 else { return false }
            (seq, chain) = (row.seq, HashChain.link(chain, row.body))
            return seq < anchor.seq
        }
        if seq == anchor.seq, chain == anchor.chain { return place }
        return Place(seq: anchor.seq, chain: anchor.chain, fold: JournalFold(anchor.memory))
    }

    private func begin(_ target: DatabaseQueue, at base: Place, boot: Int64) throws -> Place {
        try target.write { db in
            try db.execute(
                sql: "INSERT INTO identity (one, device, boot, boot_id) VALUES (1, ?, ?, '')",
                arguments: [self.owner.device.text, boot])
            guard base.seq > 0 else { return }
            try db.execute(
                sql: "INSERT INTO cut (one, seq, chain) VALUES (1, ?, ?)",
                arguments: [base.seq, Data(base.chain.bytes)])
            try Self.summarize(base, in: db)
        }
        return base
    }

    private static func summarize(_ place: Place, in db: Database) throws {
        guard place.fold.memory.openOrder == nil else { return }
        try db.execute(
            sql: "INSERT OR REPLACE INTO summaries (seq, body) VALUES (?, ?)",
            arguments: [place.seq, place.fold.memory.summary.text])
    }

    /// Copies the records that follow on one another; what doesn't is kept for the auditor.
    private func copy(
        _ source: SalvageSource, to target: DatabaseQueue, end: inout Place, stray: StrayRecords,
        through reserved: RecordNumber
    ) throws {
        var waiting: [SalvageSource.Row] = []
        var place = end
        var isBroken = false
        func write() throws {
            let rows = waiting
            waiting = []
            let summary = place
            try target.write { db in
                for row in rows {
                    try db.execute(
                        sql: "INSERT INTO records (seq, body, chain) VALUES (?, ?, ?)",
                        arguments: [row.seq, Data(row.body), Data(row.chain)])
                }
                try Self.summarize(summary, in: db)
            }
        }
        try source.each(after: place.seq, through: reserved) { row in
            let chain = HashChain.link(place.chain, row.body)
            // `try?`: a record that can't be read can't be gone on from either.
            let record = try? Records.Record(bytes: row.body)
            isBroken = isBroken || row.seq != place.seq + 1 || chain.bytes != row.chain
            guard !isBroken, let record, record.header.seq == row.seq else {
                isBroken = true
                try stray.add(row)
                return true
            }
            place.fold.add(record)
            (place.seq, place.chain) = (row.seq, chain)
            waiting.append(row)
            if waiting.count >= Int(Journal.summaryEvery) { try write() }
            return true
        }
        if !waiting.isEmpty { try write() }
        end = place
    }

    /// What isn't records: the acknowledgement, the bulletins and the cards, as far as they hold.
    private func complete(
        _ target: DatabaseQueue, from source: SalvageSource, _ mark: HighWater?, end: Place
    ) throws {
        let words = [source.acknowledgement, mark?.anchor?.acknowledgement].compactMap(\.self)
        let acknowledgement = words.compactMap { bytes in
            // `try?`: one that can't be read is none; the hub gives it again.
            try? Acknowledgement(bytes: bytes)
        }.filter { $0.through <= end.seq && self.owner.trust.contains($0.key) }
            .max { $0.through < $1.through }
        let (bulletins, cards) = source.bulletins(trusting: self.owner.trust)
        try target.write { db in
            if let word = acknowledgement {
                try db.execute(
                    sql: "INSERT INTO acknowledged (one, through, body) VALUES (1, ?, ?)",
                    arguments: [word.through, Data(word.bytes)])
            }
            for bulletin in bulletins { try Journal.store(bulletin, in: db) }
            for card in cards {
                try db.execute(
                    sql: "INSERT INTO cards (card, role, balance) VALUES (?, ?, ?)",
                    arguments: [card.card, card.role, card.balance])
            }
        }
    }
}
