import BinCore
import Foundation
import GRDB
import Records

extension Journal {
    /// How many of the newest records are checked against their chain values at every start.
    static let tailChecked = 1000

    /// Reads the head, checks the tail, and counts this start of the machine.
    ///
    /// - Parameter known: So many starts are known apart from the database.
    static func load(
        _ db: Database, owner: Owner, bootID: String, known: Int64 = 0
    ) throws -> Head {
        let boot = try Self.countBoot(
            db, owner: owner, bootID: bootID, known: max(known, try Self.newestBoot(db)))
        let summary = try Row.fetchOne(db, sql: "SELECT * FROM summaries ORDER BY seq DESC LIMIT 1")
        var head = Head(
            cut: 0, last: 0, chain: HashChain.start(of: owner.device), acknowledged: 0, boot: boot,
            fold: JournalFold(), lastHeader: nil, lastSummary: 0, rates: RateBook(),
            notices: nil, versions: [:])
        if let (seq, chain) = try Self.cut(db) {
            (head.cut, head.last, head.chain) = (seq, seq, chain)
        }
        if let summary {
            head.lastSummary = try summary.value("seq")
            head.fold = JournalFold(
                try Summary(text: summary.value("body"), after: head.lastSummary).memory)
        }
        try Self.readTail(db, into: &head)
        // What was cut off was acknowledged, whatever became of the acknowledgement.
        head.acknowledged = max(head.cut, try Self.acknowledged(db))
        guard head.acknowledged <= head.last else {
            throw JournalError(.damaged, "the journal ends before its acknowledged record")
        }
        try Self.loadBulletins(db, into: &head)
        return head
    }

    /// The start of the machine that the newest record was made in; 0 without any.
    private static func newestBoot(_ db: Database) throws -> Int64 {
        let row = try Row.fetchOne(
            db, sql: "SELECT body FROM records ORDER BY seq DESC LIMIT 1")
        guard let row else { return 0 }
        let body: Data = try row.value("body")
        // `try?`: what isn't whole is found when the tail is checked.
        return (try? Records.Record(bytes: Array(body)))?.header.boot ?? 0
    }

    /// Checks who the journal belongs to. A new boot id is a new start of the machine.
    private static func countBoot(
        _ db: Database, owner: Owner, bootID: String, known: Int64
    ) throws -> Int64 {
        guard let row = try Row.fetchOne(db, sql: "SELECT * FROM identity") else {
            try db.execute(
                sql: "INSERT INTO identity (one, device, boot, boot_id) VALUES (1, ?, ?, ?)",
                arguments: [owner.device.text, known + 1, bootID])
            return known + 1
        }
        let device: String = try row.value("device")
        guard device == owner.device.text else {
            throw JournalError(
                .foreign,
                "the journal belongs to the device \(device), not to \(owner.device); give this "
                    + "bin a storage directory of its own")
        }
        let boot: Int64 = try row.value("boot")
        guard (0..<Int64.max).contains(boot) else {
            throw JournalError(.damaged, "\(boot) is no count of starts")
        }
        let lastID: String = try row.value("boot_id")
        // An older database doesn't know of the latest starts.
        if lastID == bootID, boot >= known { return boot }
        let next = max(boot, known) + 1
        try db.execute(
            sql: "UPDATE identity SET boot = ?, boot_id = ?", arguments: [next, bootID])
        return next
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
            let body: Data = try row.value("body")
            let stored: Data = try row.value("chain")
            head.rowsRead += 1
            let seq: RecordNumber = try row.value("seq")
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
            let record = try Self.chained(Array(body), seq)
            head.lastHeader = record.header
            if seq > head.lastSummary { head.fold.add(record) }
        }
        guard head.last == newest, head.lastSummary <= newest else {
            throw JournalError(.damaged, "the journal ends before its last summary")
        }
    }

    /// Reads a record whose bytes fit the chain: they are those that were committed.
    ///
    /// - Throws: `.foreign` if this software can't read them.
    static func chained(
        _ body: [UInt8], _ seq: RecordNumber
    ) throws(JournalError) -> Records.Record {
        do { return try Records.Record(bytes: body) } catch {
            throw Self.newer("record \(seq) (\(error))")
        }
    }

    /// What is whole and can't be read was written by newer software: it is no damage.
    static func newer(_ what: String) -> JournalError {
        JournalError(
            .foreign,
            "\(what) was written by newer software than this; nothing was changed: install that "
                + "again")
    }

    /// How far the hub acknowledged; 0: nothing.
    private static func acknowledged(_ db: Database) throws -> RecordNumber {
        guard let row = try Row.fetchOne(db, sql: "SELECT through, body FROM acknowledged") else {
            return 0
        }
        let (through, body): (RecordNumber, Data) = (
            try row.value("through"), try row.value("body")
        )
        guard try Acknowledgement(bytes: Array(body)).through == through else {
            throw JournalError(.damaged, "the acknowledged number isn't the acknowledgement's")
        }
        return through
    }

    /// Where the journal was cut, if it was.
    static func cut(_ db: Database) throws -> (RecordNumber, Digest256)? {
        guard let row = try Row.fetchOne(db, sql: "SELECT seq, chain FROM cut") else { return nil }
        let (seq, bytes): (RecordNumber, Data) = (try row.value("seq"), try row.value("chain"))
        guard seq >= 1, let chain = Digest256(Array(bytes)) else {
            throw JournalError(.damaged, "where the journal was cut can't be read")
        }
        return (seq, chain)
    }

    /// chain(seq), or `nil` if there is no such record.
    static func chain(at seq: RecordNumber, in db: Database) throws -> Digest256? {
        let bytes = try Data.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT chain FROM records WHERE seq = ?1
                    UNION ALL SELECT chain FROM cut WHERE seq = ?1
                    """), arguments: [seq])
        return bytes.flatMap { Digest256(Array($0)) }
    }

    /// Reads the adopted bulletins that count.
    static func loadBulletins(_ db: Database, into head: inout Head) throws {
        var rates = RateBook()
        var versions: [BulletinKind: Int64] = [:]
        let rows = try Row.fetchCursor(
            db, sql: "SELECT line, seal FROM bulletins ORDER BY kind, version")
        while let row = try rows.next() {
            let bulletin = try Self.bulletin(row)
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

    /// Reads a stored bulletin.
    ///
    /// - Throws: `BulletinError`, which is damage; `.foreign` if its signature holds.
    static func bulletin(_ row: Row) throws -> Bulletin {
        let (line, seal): (Data, Data) = (try row.value("line"), try row.value("seal"))
        do { return try Bulletin(line: Array(line), seal: Array(seal)) } catch {
            guard Bulletin.isSealed(line: Array(line), seal: Array(seal)) else { throw error }
            throw Self.newer("a bulletin (\(error))")
        }
    }
}
