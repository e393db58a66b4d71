package import BinCore
import Foundation
import GRDB
package import HubCore
package import Records

extension SQLiteHubStore {
    package func publish(
        _ draft: BulletinDraft, kind: BulletinKind, to audience: Audience, at now: WallTime
    ) async throws -> Bulletin {
        try await self.write { db in
            try Self.publish(draft, kind: kind, to: audience, at: now, in: db)
        }
    }

    private static func publish(
        _ draft: BulletinDraft, kind: BulletinKind, to audience: Audience, at now: WallTime,
        in db: Database
    ) throws -> Bulletin {
        let newest = try Int64.fetchOne(
            db, sql: "SELECT max(version) FROM bulletin WHERE kind = ?",
            arguments: [kind.rawValue])
        let bulletin: Bulletin
        do {
            bulletin = try Bulletin(
                kind: kind, version: (newest ?? 0) + 1, effective: draft.effective ?? now,
                audience: audience, body: draft.body, signedBy: try self.signingKey(db))
        } catch let error as BulletinError { throw HubFault.bulletin(error.problem) }
        try db.execute(
            sql: """
                INSERT INTO bulletin (kind, version, audience, line, seal, published)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                kind.rawValue, bulletin.version, audience.description, Data(bulletin.line),
                Data(bulletin.seal), now.stored,
            ])
        return bulletin
    }

    package func bulletins(
        for device: DeviceID?, have: [BulletinKind: Int64]
    ) async throws -> [UInt8] {
        try await self.read { db in
            let labels = try Row.fetchAll(db, sql: "SELECT kind, version, audience FROM bulletin")
                .map { row in
                    BulletinLabel(
                        kind: try row.text("kind") { BulletinKind(rawValue: $0) },
                        version: row.integer("version"),
                        audience: try row.text("audience") { Audience($0) })
                }
            let reader = try device.map { device in
                (device: device, community: try Self.community(of: device, in: db))
            }
            var lines: [UInt8] = []
            for label in BulletinShelf.select(from: labels, have: have, for: reader) {
                let row = try Row.fetchOne(
                    db, sql: "SELECT line, seal FROM bulletin WHERE kind = ? AND version = ?",
                    arguments: [label.kind.rawValue, label.version])
                guard let row else { continue }
                lines += row.bytes("line") + [0x0A] + row.bytes("seal") + [0x0A]
            }
            return lines
        }
    }

    private static func community(of device: DeviceID, in db: Database) throws -> Name {
        let row = try Row.fetchOne(
            db, sql: "SELECT community FROM device WHERE id = ?", arguments: [device.text])
        guard let row else { throw HubFault.unknownDevice(device) }
        return try row.text("community") { Name($0) }
    }

    package func importCards(
        _ cards: [RegisteredCard], at now: WallTime
    ) async throws -> CardImport {
        try await self.write { db in
            var registry = try Self.registry(db)
            let changes = cards.filter { registry[$0.card] != $0 }
            guard !changes.isEmpty else {
                return CardImport(cards: registry.count, changed: 0, claimed: 0, version: nil)
            }
            let newest = try Int64.fetchOne(db, sql: "SELECT max(id) FROM entry") ?? 0
            var claimed = 0
            for card in changes {
                claimed += try Self.register(card, after: newest, at: now, in: db)
                registry[card.card] = card
            }
            let bulletin = try Self.publish(
                BulletinDraft(effective: nil, body: Self.body(of: registry)), kind: .cards,
                to: .everyone, at: now, in: db)
            return CardImport(
                cards: registry.count, changed: changes.count, claimed: claimed,
                version: bulletin.version)
        }
    }

    /// Every card as the newest list that names it has it.
    private static func registry(_ db: Database) throws -> [CardNumber: RegisteredCard] {
        var registry: [CardNumber: RegisteredCard] = [:]
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM registration ORDER BY id")
        while let row = try rows.next() {
            let card = try Registration(row: row).card
            registry[card.card] = card
        }
        return registry
    }

    /// Returns how many orders found their account with the card.
    private static func register(
        _ card: RegisteredCard, after entry: Int64, at now: WallTime, in db: Database
    ) throws -> Int {
        try db.cachedStatement(
            sql: """
                INSERT INTO registration (card, account, role, at, after_entry)
                VALUES (?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            card.card.description, card.account?.text, card.role.rawValue, now.stored, entry,
        ])
        guard let account = card.account else { return 0 }
        try db.cachedStatement(
            sql: "UPDATE entry SET account = ? WHERE card = ? AND account IS NULL"
        ).execute(arguments: [account.text, card.card.description])
        return db.changesCount
    }

    private static func body(of registry: [CardNumber: RegisteredCard]) -> JSONValue {
        let cards = registry.values.map { ($0.card.description, $0.role.rawValue) }
            .sorted { $0.0 < $1.0 }
        return [
            "replace": true,
            "cards": .array(cards.map { ["card": .string($0.0), "role": .string($0.1)] }),
        ]
    }
}

extension Registration {
    init(row: Row) throws(HubFault) {
        self.init(
            card: RegisteredCard(
                card: try row.text("card") { CardNumber($0) },
                account: try row.optionalText("account") { AccountID($0) },
                role: try row.text("role") { Role(rawValue: $0) }),
            afterEntry: row.integer("after_entry"))
    }
}
