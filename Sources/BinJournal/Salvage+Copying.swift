import BinCore
import Foundation
import GRDB
import Records

extension Salvage {
    /// Where the new journal begins: where the old one did, if it can be followed from there to the
    /// last acknowledged record; else after that record, which the hub holds.
    func base(_ source: SalvageSource, _ mark: HighWater?) throws -> Place {
        var place = Place(
            seq: 0, chain: HashChain.start(of: self.owner.device), fold: JournalFold())
        if let (seq, chain, memory) = source.cut {
            place = Place(seq: seq, chain: chain, fold: JournalFold(memory))
        }
        guard let anchor = mark?.anchor else { return place }
        var (seq, chain) = (place.seq, place.chain)
        try source.each(after: seq) { row in
            let next = HashChain.link(chain, row.body)
            guard row.seq == seq + 1, next.bytes == row.chain else { return false }
            (seq, chain) = (row.seq, next)
            self.report(seq)
            return seq < anchor.seq
        }
        if seq == anchor.seq, chain == anchor.chain { return place }
        return Place(seq: anchor.seq, chain: anchor.chain, fold: JournalFold(anchor.memory))
    }

    private func report(_ seq: RecordNumber) {
        if seq % Journal.summaryEvery == 0 { self.progress(nil) }
    }

    func begin(_ target: DatabaseQueue, at base: Place, boot: Int64) throws -> Place {
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
            arguments: [place.seq, Summary(place.fold.memory, after: place.seq).text])
    }

    /// Copies the records that follow on one another; what doesn't is kept for the auditor.
    func copy(
        _ source: SalvageSource, to target: DatabaseQueue, end: inout Place, stray: StrayRecords
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
        try source.each(after: place.seq) { row in
            self.report(row.seq)
            let chain = HashChain.link(place.chain, row.body)
            guard !isBroken, row.seq == place.seq + 1, chain.bytes == row.chain else {
                isBroken = true
                try stray.add(row)
                return true
            }
            place.fold.add(try Journal.chained(row.body, row.seq))
            (place.seq, place.chain) = (row.seq, chain)
            waiting.append(row)
            if waiting.count >= Int(Journal.summaryEvery) { try write() }
            return true
        }
        if !waiting.isEmpty { try write() }
        end = place
    }

    /// What isn't records: the acknowledgement, the bulletins and the cards, as far as they hold.
    func complete(
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
            // An interrupted attempt may have come as far as this.
            for table in ["acknowledged", "bulletins", "cards"] {
                try db.execute(sql: "DELETE FROM \(table)")
            }
            if let word = acknowledgement {
                try db.execute(
                    sql: "INSERT INTO acknowledged (one, through, body) VALUES (1, ?, ?)",
                    arguments: [word.through, Data(word.bytes)])
            }
            for bulletin in bulletins { try Journal.store(bulletin, in: db) }
            for card in cards {
                try db.execute(
                    sql: "INSERT OR REPLACE INTO cards (card, role, balance) VALUES (?, ?, ?)",
                    arguments: [card.card, card.role, card.balance])
            }
        }
    }
}
