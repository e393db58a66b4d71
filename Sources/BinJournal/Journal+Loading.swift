import BinCore
import Foundation
import GRDB
import Records

extension Journal {
    /// How many of the newest records are checked against their chain values at every start.
    static let tailChecked = 1000

    /// Reads the head, checks the tail, and counts this start of the machine.
    static func load(_ db: Database, owner: Owner, bootID: String) throws -> Head {
        let boot = try Self.countBoot(db, owner: owner, bootID: bootID)
        let summary = try Row.fetchOne(db, sql: "SELECT * FROM summaries ORDER BY seq DESC LIMIT 1")
        var head = Head(
            cut: 0, last: 0, chain: HashChain.start(of: owner.device), acknowledged: 0, boot: boot,
            fold: JournalFold(), lastHeader: nil, lastSummary: 0, rates: RateBook(),
            notices: nil, versions: [:])
        if let (seq, chain) = try Self.cut(db) {
            (head.cut, head.last, head.chain) = (seq, seq, chain)
        }
        if let summary {
            let text: String = summary["body"]
            guard let memory = BinMemory(summary: try JSONParser.parse(Array(text.utf8))) else {
                throw JournalError(.damaged, "a summary in the journal can't be read")
            }
            head.lastSummary = summary["seq"]
            head.fold = JournalFold(memory)
        }
        try Self.readTail(db, into: &head)
        // What was cut off was acknowledged, whatever became of the acknowledgement.
        head.acknowledged = max(
            head.cut, try RecordNumber.fetchOne(db, sql: "SELECT through FROM acknowledged") ?? 0)
        try Self.loadBulletins(db, into: &head)
        return head
    }

    /// Checks who the journal belongs to. A new boot id is a new start of the machine.
    private static func countBoot(
        _ db: Database, owner: Owner, bootID: String
    ) throws -> Int64 {
        guard let row = try Row.fetchOne(db, sql: "SELECT * FROM identity") else {
            try db.execute(
                sql: "INSERT INTO identity (one, device, boot, boot_id) VALUES (1, ?, 1, ?)",
                arguments: [owner.device.text, bootID])
            return 1
        }
        let device: String = row["device"]
        guard device == owner.device.text else {
            throw JournalError(
                .foreign,
                "the journal belongs to the device \(device), not to \(owner.device); give this "
                    + "bin a storage directory of its own")
        }
        let boot: Int64 = row["boot"]
        let lastID: String = row["boot_id"]
        if lastID == bootID { return boot }
        try db.execute(
            sql: "UPDATE identity SET boot = ?, boot_id = ?", arguments: [boot + 1, bootID])
        return boot + 1
    }

    /// Folds the records since the summary, and checks the chain of the newest ones.
    private static func readTail(_ db: Database, into head: inout Head) throws {
        let newest = max(
            head.cut, try RecordNumber.fetchOne(db, sql: "SELECT max(seq) FROM records") ?? 0)
        let tail = newest - RecordNumber(Self.tailChecked)
        let first = max(head.cut, min(head.lastSummary, tail)) + 1
        if first > head.cut + 1 {
            head.chain = try Self.chain(at: first - 1, in: db) ?? head.chain
            head.last = first - 1
        }
        let rows = try Row.fetchCursor(
            db, sql: "SELECT seq, body, chain FROM records WHERE seq >= ? ORDER BY seq",
            arguments: [first])
        while let row = try rows.next() {
            let body: Data = row["body"]
            let stored: Data = row["chain"]
            head.rowsRead += 1
            let seq: RecordNumber = row["seq"]
            let chain = HashChain.link(head.chain, Array(body))
            guard seq == head.last + 1, chain.bytes == Array(stored) else {
                throw JournalError(
                    .damaged,
                    "record \(head.last + 1) of the journal doesn't fit the chain; run "
                        + "`steelyardctl journal verify`")
            }
            head.chain = chain
            head.last = seq
            // What the summary holds needn't be read a second time.
            guard seq > head.lastSummary || seq == newest else { continue }
            let record = try Records.Record(bytes: Array(body))
            head.lastHeader = record.header
            if seq > head.lastSummary { head.fold.add(record) }
        }
        guard head.last == newest, head.lastSummary <= newest else {
            throw JournalError(.damaged, "the journal ends before its last summary")
        }
    }

    /// Where the journal was cut, if it was.
    static func cut(_ db: Database) throws -> (RecordNumber, Digest256)? {
        guard let row = try Row.fetchOne(db, sql: "SELECT seq, chain FROM cut") else { return nil }
        let (seq, bytes): (RecordNumber, Data) = (row["seq"], row["chain"])
        guard let chain = Digest256(Array(bytes)) else { return nil }
        return (seq, chain)
    }

    /// chain(seq), or `nil` if there is no such record.
    static func chain(at seq: RecordNumber, in db: Database) throws -> Digest256? {
        let bytes = try Data.fetchOne(
            db,
            sql: """
                SELECT chain FROM records WHERE seq = ?1
                UNION ALL SELECT chain FROM cut WHERE seq = ?1
                """, arguments: [seq])
        return bytes.flatMap { Digest256(Array($0)) }
    }

    /// Reads the adopted bulletins that count.
    static func loadBulletins(_ db: Database, into head: inout Head) throws {
        var rates = RateBook()
        var versions: [BulletinKind: Int64] = [:]
        let rows = try Row.fetchCursor(
            db, sql: "SELECT line, seal FROM bulletins ORDER BY kind, version")
        while let row = try rows.next() {
            let (line, seal): (Data, Data) = (row["line"], row["seal"])
            let bulletin = try Bulletin(line: Array(line), seal: Array(seal))
            versions[bulletin.kind] = bulletin.version
            switch bulletin.body {
            case .tariff(let prices, let each):
                rates.tariffs.append(
                    Tariff(
                        version: bulletin.version, effective: bulletin.effective,
                        prices: prices, each: each))
            case .carbon(let factors):
                rates.carbonSets.append(
                    CarbonSet(
                        version: bulletin.version, effective: bulletin.effective,
                        factors: factors))
            case .policy(let policy): rates.policy = policy
            case .notices(let notices): head.notices = notices
            case .cards: break
            }
        }
        head.rates = rates
        head.versions = versions
    }
}
