package import BinCore
import Foundation
import GRDB
package import Records

extension Journal {
    /// How many of a kind's newest versions are kept: rates come into force by date, so several
    /// count. The version in force is kept besides, however old it is.
    private static let versionsKept = 16

    package func adopt(
        _ bulletin: Bulletin, at moment: Moment
    ) throws(JournalError) -> Adoption {
        try self.examine(bulletin)
        return try self.transaction { db, head in
            let current = head.versions[bulletin.kind] ?? 0
            let stored = try Data.fetchOne(
                db, sql: "SELECT line FROM bulletins WHERE kind = ? AND version = ?",
                arguments: [bulletin.kind.rawValue, bulletin.version])
            if let stored {
                guard Array(stored) == bulletin.line else {
                    throw JournalError(
                        .mismatch,
                        "version \(bulletin.version) of `\(bulletin.kind.rawValue)` was adopted "
                            + "with another text")
                }
                return .known
            }
            guard bulletin.version > current else {
                throw JournalError(
                    .stale,
                    "version \(bulletin.version) of `\(bulletin.kind.rawValue)` is older than "
                        + "\(current), which is adopted")
            }
            if case .cards(let list) = bulletin.body { try Self.take(list, current, in: db) }
            try Self.store(bulletin, in: db)
            try Self.loadBulletins(db, into: &head)
            if try Self.prune(bulletin.kind, keeping: head.rates, at: moment, in: db) {
                try Self.loadBulletins(db, into: &head)
            }
            let fact = BulletinFact(
                kind: bulletin.kind, version: bulletin.version, sha256: bulletin.digest.hex)
            _ = try Self.append([.bulletin(fact)], at: moment, to: &head, in: db)
            return .adopted
        }
    }

    /// The adopted bulletins, oldest version first.
    package func bulletins() async throws(JournalError) -> [Bulletin] {
        try await self.look { db in
            try Row.fetchAll(db, sql: "SELECT line, seal FROM bulletins ORDER BY kind, version")
                .map { try Self.bulletin($0) }
        }
    }

    private func examine(_ bulletin: Bulletin) throws(JournalError) {
        guard self.owner.trust.contains(bulletin.key) else {
            throw JournalError(
                .untrusted,
                "the bulletin was signed by a key that `trust` in the configuration lacks")
        }
        guard bulletin.audience.includes(self.owner.device, of: self.owner.community) else {
            throw JournalError(
                .mismatch, "the bulletin is for \(bulletin.audience), not for \(self.owner.device)")
        }
    }

    static func store(_ bulletin: Bulletin, in db: Database) throws {
        try db.execute(
            sql: "INSERT INTO bulletins (kind, version, line, seal) VALUES (?, ?, ?, ?)",
            arguments: [
                bulletin.kind.rawValue, bulletin.version, Data(bulletin.line), Data(bulletin.seal),
            ])
    }

    /// Deletes old versions that don't count at `moment`. Returns whether there were any.
    private static func prune(
        _ kind: BulletinKind, keeping rates: RateBook, at moment: Moment, in db: Database
    ) throws -> Bool {
        let (kept, inForce): (Int, Int64?) =
            switch kind {
            case .tariff: (Self.versionsKept, rates.tariff(at: moment)?.version)
            case .carbon: (Self.versionsKept, rates.carbonSet(at: moment)?.version)
            case .cards, .policy, .notices: (1, nil)
            }
        // Versions start from 1: 0 spares none.
        try db.execute(
            sql: """
                DELETE FROM bulletins WHERE kind = ?1 AND version <> ?3 AND version NOT IN
                (SELECT version FROM bulletins WHERE kind = ?1 ORDER BY version DESC LIMIT ?2)
                """, arguments: [kind.rawValue, kept, inForce ?? 0])
        return db.changesCount > 0
    }

    private static func take(_ list: CardList, _ current: Int64, in db: Database) throws {
        let entries: [CardEntry]
        switch list {
        case .all(let cards):
            try db.execute(sql: "DELETE FROM cards")
            entries = cards
        case .difference(let base, let set, let remove):
            guard base == current else {
                throw JournalError(
                    .mismatch,
                    "the difference is on version \(base) of `cards`, and \(current) is adopted; "
                        + "send the whole list")
            }
            for card in remove {
                try db.execute(
                    sql: "DELETE FROM cards WHERE card = ?", arguments: [card.description])
            }
            entries = set
        }
        let statement = try db.makeStatement(
            sql: "INSERT OR REPLACE INTO cards (card, role, balance) VALUES (?, ?, ?)")
        for entry in entries {
            try statement.execute(arguments: [
                entry.card.description, entry.role.rawValue, entry.balance?.value,
            ])
        }
    }
}
