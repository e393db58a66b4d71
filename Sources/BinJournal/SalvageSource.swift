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

    /// `nil` if SQLite can't read anything of it.
    private let database: DatabaseQueue?

    /// Opens for reading only. An empty file is not opened: SQLite would delete its log.
    init(path: String) {
        guard let size = PrivateFile.size(path), size > 0 else {
            self.database = nil
            return
        }
        var configuration = Configuration()
        configuration.readonly = true
        // `try?`: what can't be opened holds nothing that can be read.
        self.database = try? DatabaseQueue(path: path, configuration: configuration)
    }

    func close() {
        // `try?`: nothing was written that closing could lose.
        try? self.database?.close()
    }

    private func value<Value>(_ body: (Database) throws -> Value?) -> Value? {
        // `try?`: each part is read by itself; one that can't be is as good as missing.
        try? self.database?.read { db in try body(db) }
    }

    var boot: Int64? {
        self.value { try Int64.fetchOne($0, sql: "SELECT boot FROM identity") }
    }

    var acknowledgement: [UInt8]? {
        self.value { try Data.fetchOne($0, sql: "SELECT body FROM acknowledged") }.map { Array($0) }
    }

    /// Where it was cut, with what the records up to there add up to.
    var cut: (RecordNumber, Digest256, BinMemory)? {
        self.value { db in
            guard let (seq, chain) = try Journal.cut(db),
                let text = try String.fetchOne(
                    db, sql: "SELECT body FROM summaries WHERE seq = ?", arguments: [seq]),
                let memory = BinMemory(summary: try JSONParser.parse(Array(text.utf8)))
            else { return nil }
            return (seq, chain, memory)
        }
    }

    /// The rows after `seq` in their order, until `body` returns `false`. What can't be read is
    /// stepped over, number by number.
    ///
    /// - Parameter reserved: Up to there numbers may have been used.
    func each(
        after seq: RecordNumber, through reserved: RecordNumber, _ body: (Row) throws -> Bool
    ) throws {
        guard let database = self.database else { return }
        let newest = self.value { try Int64.fetchOne($0, sql: "SELECT max(seq) FROM records") }
        var next = seq + 1
        var lastRead = seq
        while next <= max(newest ?? 0, reserved, lastRead + Self.mostMissing) {
            var wanted: Result<Bool, any Error> = .success(true)
            do {
                try database.read { db in
                    let rows = try GRDB.Row.fetchCursor(
                        db,
                        sql: "SELECT seq, body, chain FROM records WHERE seq >= ? ORDER BY seq",
                        arguments: [next])
                    while case .success(true) = wanted, let row = try rows.next() {
                        let (body1, chain): (Data, Data) = (row["body"], row["chain"])
                        let found = Row(seq: row["seq"], body: Array(body1), chain: Array(chain))
                        (lastRead, next) = (found.seq, found.seq + 1)
                        wanted = Result { try body(found) }
                    }
                }
                _ = try wanted.get()
                return
            } catch is DatabaseError where Self.isFine(wanted) {
                next += 1
            }
        }
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
                ).map { ($0["line"], $0["seal"]) }
            } ?? []
        var bulletins = lines.compactMap { line, seal in
            // `try?`: one that doesn't hold is missing; the hub sends it again.
            try? Bulletin(line: Array(line), seal: Array(seal))
        }.filter { keys.contains($0.key) }
        let cards: [Card]? = self.value { db in
            try GRDB.Row.fetchAll(db, sql: "SELECT card, role, balance FROM cards").map {
                Card(card: $0["card"], role: $0["role"], balance: $0["balance"])
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
    private let path: String
    private var handle: FileHandle?
    private(set) var highest: RecordNumber = 0

    init(path: String) { self.path = path }

    func add(_ row: SalvageSource.Row) throws {
        if self.handle == nil {
            try PrivateFile.write([], to: self.path)
            self.handle = FileHandle(forWritingAtPath: self.path)
        }
        try self.handle?.write(contentsOf: Data(row.body + [0x0A]))
        self.highest = max(self.highest, row.seq)
    }

    func close() throws {
        try self.handle?.synchronize()
        try self.handle?.close()
    }
}
