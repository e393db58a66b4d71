import BinCore
import Foundation
import GRDB
package import HubCore
import Records

extension SQLiteHubStore {
    static func book(_ entry: OrderEntry, at now: WallTime, in db: Database) throws {
        let (header, fact) = (entry.header, entry.fact)
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO entry (device, seq, number, card, account, at, clock, boot, up,
                    deposits, mass, value, co2e, closed, received)
                VALUES (?1, ?2, ?3, ?4,
                    (SELECT account FROM registration WHERE card = ?4 ORDER BY id DESC LIMIT 1),
                    ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
                """)
        try insert.execute(arguments: [
            entry.device.text, header.seq, fact.order, fact.card.description, header.at.stored,
            header.clock.rawValue, header.boot, header.up.milliseconds, fact.deposits,
            fact.mass.value, fact.value.value, fact.co2e.value, fact.closed.rawValue, now.stored,
        ])
    }

    static func insert(_ line: DepositLine, in db: Database) throws {
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO deposit (device, seq, at, clock, boot, up, number, compartment,
                    material, mass, pieces, value, co2e)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try insert.execute(arguments: [
            line.device.text, line.header.seq, line.header.at.stored, line.header.clock.rawValue,
            line.header.boot, line.header.up.milliseconds, line.order, line.compartment.text,
            line.material.text, line.mass.value, line.pieces, line.value.value, line.co2e.value,
        ])
    }

    static func insert(_ step: ClockStep, in db: Database) throws {
        let insert = try db.cachedStatement(
            sql: "INSERT INTO step (device, seq, at, clock, boot, up) VALUES (?, ?, ?, ?, ?, ?)")
        let header = step.header
        try insert.execute(arguments: [
            step.device.text, header.seq, header.at.stored, header.clock.rawValue, header.boot,
            header.up.milliseconds,
        ])
    }

    package func entries(
        of account: AccountID?, after cursor: Int64, limit: Int
    ) async throws -> [BookedEntry] {
        try await self.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    \(BookedEntry.selection)
                    WHERE entry.id > ?1 \(account == nil ? "" : "AND entry.account = ?3")
                    ORDER BY entry.id LIMIT ?2
                    """,
                arguments: account.map { [cursor, limit, $0.text] } ?? [cursor, limit]
            ).map { try BookedEntry(row: $0) }
        }
    }

    package func standing(of account: AccountID) async throws -> AccountStanding? {
        try await self.read { db in
            let sum = try Row.fetchOne(
                db, sql: "SELECT \(AccountSum.columns) FROM entry WHERE account = ?",
                arguments: [account.text]
            ).map { AccountSum(row: $0) }
            let isKnown = try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM registration WHERE account = ?)",
                arguments: [account.text])
            // An entry gets its account from a registration: there is none without.
            guard isKnown == true else { return nil }
            let cards = try Row.fetchAll(
                db,
                sql: """
                    SELECT card FROM registration AS newest WHERE account = ?1 AND NOT EXISTS (
                        SELECT 1 FROM registration WHERE card = newest.card AND id > newest.id)
                    ORDER BY id
                    """,
                arguments: [account.text])
            return AccountStanding(
                account: account, sum: sum ?? .zero,
                cards: try cards.map { try $0.text("card") { CardNumber($0) } })
        }
    }
}

extension AccountSum {
    /// Of any selection from `entry`. SQLite refuses a sum beyond 64 bits.
    static let columns = """
        count(*) AS orders, coalesce(sum(mass), 0) AS mass, coalesce(sum(value), 0) AS value,
        coalesce(sum(co2e), 0) AS co2e
        """

    init(row: Row) {
        self.init(
            orders: row.integer("orders"), mass: Grams(row.integer("mass")),
            value: MicroYuan(row.integer("value")), co2e: MilligramsCO2e(row.integer("co2e")))
    }
}

extension BookedEntry {
    /// Which step corrects an entry is in `ClockStep`. A bin that tells nonsense corrects nothing.
    static let selection = """
        SELECT entry.*, device.community, iif(entry.clock = 'synced', NULL, (
            SELECT step.at - (step.up - entry.up) FROM step
            WHERE step.device = entry.device AND step.boot = entry.boot AND step.seq > entry.seq
                AND step.clock <> 'unset' AND step.up BETWEEN entry.up AND entry.up + step.at
            ORDER BY step.clock = 'synced' DESC, step.seq LIMIT 1)) AS corrected
        FROM entry JOIN device ON device.id = entry.device
        """

    init(row: Row) throws(HubFault) {
        let fact = OrderFact(
            order: row.integer("number"), card: try row.text("card") { CardNumber($0) },
            deposits: row.integer("deposits"), mass: Grams(row.integer("mass")),
            value: MicroYuan(row.integer("value")), co2e: MilligramsCO2e(row.integer("co2e")),
            closed: try row.text("closed") { OrderFact.Closed(rawValue: $0) })
        self.init(
            id: row.integer("id"), community: try row.text("community") { Name($0) },
            account: try row.optionalText("account") { AccountID($0) },
            received: row.time("received"), corrected: row.optionalTime("corrected"),
            entry: OrderEntry(
                device: try row.text("device") { DeviceID($0) }, header: try row.header(),
                fact: fact))
    }
}

extension DepositLine {
    init(row: Row) throws(HubFault) {
        self.init(
            device: try row.text("device") { DeviceID($0) }, header: try row.header(),
            order: row.integer("number"),
            compartment: try row.text("compartment") { Name($0) },
            material: try row.text("material") { Name($0) }, mass: Grams(row.integer("mass")),
            pieces: row.integer("pieces"), value: MicroYuan(row.integer("value")),
            co2e: MilligramsCO2e(row.integer("co2e")))
    }
}

extension ClockStep {
    init(row: Row) throws(HubFault) {
        self.init(device: try row.text("device") { DeviceID($0) }, header: try row.header())
    }
}
