import BinCore
import Foundation
import GRDB
import Records

/// Reads what can be read of a database that may be damaged anywhere.
struct SalvageSource {
    struct Row {
        var seq: RecordNumber
        var body: [UInt8]
        var chain: [UInt8]
    }

    struct Card {
        var card: String
        var role: String
        var balance: Int64?
    }

    /// Numbers in a row that can't be read, after which there is nothing more to be expected.
    private static let mostMissing: RecordNumber = 10_000
    /// No bin writes more records than this in its life: a higher number is damage.
    private static let mostRecords: RecordNumber = 1_000_000_000

    /// `nil` if SQLite can't read anything of it.
    private let database: DatabaseQueue?
    /// No number above it was used; `nil` if that isn't known.
    private let highest: RecordNumber?

    /// Opens for reading only. An empty file is not opened: SQLite would delete its log. With a log
    /// that can't be read the file counts as it is.
    init(path: String, files: any FileKeeping, highest: RecordNumber?) {
        self.highest = highest
        guard let size = files.size(path), size > 0 else {
            self.database = nil
            return
        }
        var configuration = Configuration()
        configuration.readonly = true
        let alone = "file:\(Self.escaped(path))?immutable=1"
        self.database =
            Self.opened(path, configuration) ?? Self.opened(alone, configuration)
    }

    private static func opened(_ path: String, _ configuration: Configuration) -> DatabaseQueue? {
        // `try?`: what can't be opened holds nothing that can be read.
        guard let database = try? DatabaseQueue(path: path, configuration: configuration) else {
            return nil
        }
        do {
            _ = try database.read { try Int.fetchOne($0, sql: "PRAGMA schema_version") }
            return database
        } catch {
            // `try?`: nothing was written that closing could lose.
            try? database.close()
            return nil
        }
    }

    /// A path in SQLite's URI file names (sqlite.org/uri.html).
    private static func escaped(_ path: String) -> String {
        path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
    }

    func close() {
        // `try?`: nothing was written that closing could lose.
        try? self.database?.close()
    }

    private func value<Value>(_ body: (Database) throws -> Value?) -> Value? {
        // `try?`: each part is read by itself; one that can't be is as good as missing.
        try? self.database?.read { db in try body(db) }
    }

    /// What of the database isn't free pages, bytes; `nil` if it doesn't say.
    var usedBytes: Int64? {
        self.value { db in
            let page = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0
            let all = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            let free = try Int64.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
            guard page > 0, free <= all, all < Int64.max / page else { return nil }
            return page * (all - free)
        }
    }

    var boot: Int64? {
        self.value { try Int64.fetchOne($0, sql: "SELECT boot FROM identity") }
            .flatMap { (0..<Int64.max).contains($0) ? $0 : nil }
    }

    var acknowledgement: [UInt8]? {
        self.value { try Data.fetchOne($0, sql: "SELECT body FROM acknowledged") }.map { Array($0) }
    }

    /// Where it was cut, with what the records up to there add up to.
    var cut: (RecordNumber, Digest256, BinMemory)? {
        self.value { db in
            guard let (seq, chain) = try Journal.cut(db),
                let text = try String.fetchOne(
                    db, sql: "SELECT body FROM summaries WHERE seq = ?", arguments: [seq])
            else { return nil }
            return (seq, chain, try Summary(text: text, after: seq).memory)
        }
    }

    /// The rows after `seq` in their order, until `body` returns `false`. What can't be read is
    /// stepped over, number by number.
    func each(after seq: RecordNumber, _ body: (Row) throws -> Bool) throws {
        guard let database = self.database else { return }
        let newest = self.value { try Int64.fetchOne($0, sql: "SELECT max(seq) FROM records") }
        // A number that nobody used is damage too, and may be any.
        let most = self.highest ?? min(newest ?? 0, Self.mostRecords)
        var next = seq + 1
        var lastRead = seq
        let more = self.highest == nil ? Self.mostMissing : 1
        while next <= max(most, lastRead + more) {
            var wanted: Result<Bool, any Error> = .success(true)
            do {
                try database.read { db in
                    let rows = try GRDB.Row.fetchCursor(
                        db,
                        sql: """
                            SELECT seq, body, chain FROM records
                            WHERE seq BETWEEN ? AND ? ORDER BY seq
                            """, arguments: [next, Self.mostRecords])
                    while case .success(true) = wanted, let row = try rows.next() {
                        let number: RecordNumber = try row.value("seq")
                        // A lost page leads anywhere, also back: that would never end.
                        guard number >= next else { continue }
                        // What its columns say can be wrong; it isn't read a second time.
                        (lastRead, next) = (number, number + 1)
                        let (bytes, chain): (Data, Data) = (
                            try row.value("body"), try row.value("chain")
                        )
                        let found = Row(seq: number, body: Array(bytes), chain: Array(chain))
                        wanted = Result { try body(found) }
                    }
                }
                _ = try wanted.get()
                return
            } catch  where Self.isFine(wanted) && Self.isUnreadable(error) {
                // After a row that was read but makes no sense `next` is the following one already.
                if error is DatabaseError { next += 1 }
            }
        }
    }

    private static func isUnreadable(_ error: any Error) -> Bool {
        error is DatabaseError || error is RowDecodingError
    }

    /// Whether an error was the database's, and not `body`'s.
    private static func isFine(_ wanted: Result<Bool, any Error>) -> Bool {
        switch wanted {
        case .success: true
        case .failure: false
        }
    }

    /// The bulletins that hold, and the cards if their bulletin does.
    func bulletins(trusting keys: [VerifyingKey]) -> ([Bulletin], [Card]) {
        let lines: [(line: Data, seal: Data)] =
            self.value { db in
                try GRDB.Row.fetchAll(
                    db, sql: "SELECT line, seal FROM bulletins ORDER BY kind, version"
                ).compactMap { row in
                    // `try?`: one that can't be read is missing; the hub sends it again.
                    try? (line: row.value("line"), seal: row.value("seal"))
                }
            } ?? []
        var bulletins = lines.compactMap { line, seal in
            // `try?`: one that doesn't hold is missing; the hub sends it again.
            try? Bulletin(line: Array(line), seal: Array(seal))
        }.filter { keys.contains($0.key) }
        let cards: [Card]? = self.value { db in
            try GRDB.Row.fetchAll(db, sql: "SELECT card, role, balance FROM cards").map { row in
                Card(
                    card: try row.value("card"), role: try row.value("role"),
                    balance: try row.value("balance", Int64?.self))
            }
        }
        guard let cards, bulletins.contains(where: { $0.kind == .cards }) else {
            bulletins.removeAll { $0.kind == .cards }
            return (bulletins, [])
        }
        return (bulletins, cards)
    }
}

/// Records that can be read and don't follow on what was kept: one a line, for the auditor.
final class StrayRecords {
    /// Lines are written when there are this many bytes of them.
    private static let atOnce = 64 << 10

    private let path: String
    private let files: any FileKeeping
    private var lines: [UInt8] = []
    private var written: Int64 = 0
    private(set) var highest: RecordNumber = 0

    init(path: String, files: any FileKeeping) { (self.path, self.files) = (path, files) }

    func add(_ row: SalvageSource.Row) throws(JournalError) {
        if self.highest == 0 { try self.files.create(self.path) }
        self.highest = max(self.highest, row.seq)
        self.lines += row.body + [0x0A]
        if self.lines.count >= Self.atOnce { try self.write() }
    }

    private func write() throws(JournalError) {
        try self.files.write(self.lines, at: self.written, of: self.path)
        self.written += Int64(self.lines.count)
        self.lines = []
    }

    func close() throws(JournalError) {
        guard self.highest > 0 else { return }
        if !self.lines.isEmpty { try self.write() }
        try self.files.sync(self.path)
        try self.files.syncFolder(of: self.path)
    }
}
