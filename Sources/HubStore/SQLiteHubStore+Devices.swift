package import BinCore
import Foundation
import GRDB
package import HubCore
package import Records

extension SQLiteHubStore {
    package func add(
        _ device: DeviceID, community: Name, token: Digest256, at now: WallTime
    ) async throws {
        let journal = HeldJournal(of: device)
        try await self.write { db in
            try db.execute(
                sql: """
                    INSERT INTO device (id, community, token, added, chain, laws)
                    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
                    """,
                arguments: [
                    device.text, community.text, Data(token.bytes), now.stored,
                    Data(journal.chain.bytes), journal.laws.state.text,
                ])
            guard db.changesCount == 1 else { throw HubFault.deviceExists(device) }
        }
    }

    package func revoke(_ device: DeviceID, at now: WallTime) async throws {
        try await self.write { db in
            try db.execute(
                sql: "UPDATE device SET revoked = coalesce(revoked, ?) WHERE id = ?",
                arguments: [now.stored, device.text])
            guard db.changesCount == 1 else { throw HubFault.unknownDevice(device) }
        }
    }

    package func release(_ device: DeviceID) async throws -> RecordNumber? {
        try await self.write { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT forked FROM device WHERE id = ?", arguments: [device.text])
            guard let row else { throw HubFault.unknownDevice(device) }
            try db.execute(
                sql: "UPDATE device SET forked = NULL WHERE id = ?", arguments: [device.text])
            return row["forked"]
        }
    }

    package func devices() async throws -> [HubDevice] {
        try await self.read { db in try Self.devices(db) }
    }

    static func devices(_ db: Database) throws -> [HubDevice] {
        try Row.fetchAll(db, sql: "SELECT * FROM device ORDER BY id").map { row in
            HubDevice(
                id: try row.text("id") { DeviceID($0) },
                community: try row.text("community") { Name($0) }, added: row.time("added"),
                revoked: row.optionalTime("revoked"),
                key: try row.optionalText("key") { VerifyingKey(base64: $0) },
                last: row.integer("last"), received: row.optionalTime("received"),
                forkedAt: row["forked"], refused: row.integer("refused"))
        }
    }

    package func credentials(of device: DeviceID) async throws -> DeviceCredentials? {
        try await self.read { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT token, revoked FROM device WHERE id = ?",
                arguments: [device.text])
            guard let row else { return nil }
            return DeviceCredentials(
                token: try row.digest("token"), isRevoked: row.optionalTime("revoked") != nil)
        }
    }

    package func isToken(_ digest: Digest256) async throws -> Bool {
        try await self.read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM device WHERE token = ?)",
                arguments: [Data(digest.bytes)]) ?? false
        }
    }

    package func check() async throws {
        _ = try await self.read { db in try Int64.fetchOne(db, sql: "SELECT max(id) FROM hub") }
    }

    package func figures() async throws -> HubFigures {
        try await self.read { db in
            func count(_ sql: String) throws -> Int64 { try Int64.fetchOne(db, sql: sql) ?? 0 }
            return HubFigures(
                devices: try Self.devices(db),
                // Neither batches nor entries are ever removed: the last number is the count.
                batches: try count("SELECT max(id) FROM batch"),
                orders: try count("SELECT max(id) FROM entry"),
                unclaimedOrders: try count("SELECT count(*) FROM entry WHERE account IS NULL"))
        }
    }
}
