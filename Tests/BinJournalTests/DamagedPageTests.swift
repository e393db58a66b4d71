import BinCore
import BinJournal
import Foundation
import GRDB
import Records
import Testing

/// Sectors that a medium lost: whatever they held, the bin starts, and says what it lost.
@Suite struct DamagedPageTests {
    /// What is in the journal besides remarks: everything that a start reads.
    private func fill(_ storage: TemporaryStorage) async throws -> [[UInt8]] {
        let journal = try storage.open()
        let prices: JSONValue = ["prices": ["pet-bottle": 2800]]
        _ = try journal.adopt(try storage.bulletin(.tariff, 1, prices), at: noon)
        let cards: JSONValue = [
            "replace": true, "cards": [["card": "uid:04A1B2C3", "role": "resident"]],
        ]
        _ = try journal.adopt(try storage.bulletin(.cards, 1, cards), at: noon)
        _ = try journal.append((1...25).map { remark($0) }, at: noon)
        try await storage.acknowledge(journal)
        // More than one summary's worth, in few pages.
        _ = try journal.append((1...30).map { remark($0) }, at: noon)
        let bodies = try await journal.wholeBook(of: storage)
        try journal.close()
        return bodies
    }

    /// Starts, reads everything, and starts again if that showed damage.
    private func restart(_ storage: TemporaryStorage) async throws -> Journal {
        do {
            let journal = try storage.open(bootID: "boot-b")
            do {
                _ = try await journal.wholeBook(of: storage)
                _ = try journal.role(of: card("uid:04A1B2C3"))
                _ = try await journal.bulletins()
            } catch is JournalError { #expect(journal.isSuspect) }
        }
        return try storage.open(bootID: "boot-c")
    }

    @Test("a lost half of a page is damage, never a crash", arguments: [0, 1, 2, 3])
    func survivesLostSectors(part: Int) async throws {
        let storage = try TemporaryStorage()
        let before = try await self.fill(storage)
        let database = try storage.data("journal.sqlite")
        let mark = try storage.data("high-water")
        let key = try storage.data("device.key")
        for sector in stride(from: part, to: database.count / 512, by: 4) {
            let copy = try TemporaryStorage(like: storage)
            try copy.make()
            var damaged = database
            damaged.replaceSubrange(sector * 512..<(sector + 1) * 512, with: Data(count: 512))
            try copy.put(damaged, "journal.sqlite")
            try copy.put(mark, "high-water")
            try copy.put(key, "device.key")
            let journal = try await self.restart(copy)
            let bodies = try await journal.wholeBook(of: copy)
            let first = Int(journal.queue.first)
            #expect(journal.queue.last >= before.count, "sector \(sector)")
            for (index, body) in bodies.enumerated() where first - 1 + index < before.count {
                let isKept = body == before[first - 1 + index]
                #expect(try isKept || isLost(body), "sector \(sector)")
            }
        }
    }

    /// The hub corrects times start by start: no two may have one number.
    @Test("no number of a start is used twice", arguments: ["row", "page", "mark too"])
    func countsStarts(loss: String) async throws {
        let storage = try TemporaryStorage()
        for start in ["boot-a", "boot-b", "boot-c"] {
            let journal = try storage.open(bootID: start)
            _ = try journal.append([remark(1)], at: noon)
            try journal.close()
        }
        switch loss {
        case "row": try storage.tamper("DELETE FROM identity")
        case "page": try self.zero("identity", in: storage)
        default:
            try self.zero("identity", in: storage)
            try storage.remove("high-water")
        }
        let journal = try storage.open(bootID: "boot-d")
        #expect(journal.boot >= 4)
    }

    /// Zeroes the only page of a small table.
    private func zero(_ table: String, in storage: TemporaryStorage) throws {
        let database = try DatabaseQueue(path: "\(storage.path)/journal.sqlite")
        let (page, size) = try database.read { db in
            let root = try Int.fetchOne(
                db, sql: "SELECT rootpage FROM sqlite_master WHERE name = ?", arguments: [table])
            return (try #require(root), try #require(try Int.fetchOne(db, sql: "PRAGMA page_size")))
        }
        try database.close()
        var bytes = try storage.data("journal.sqlite")
        bytes.replaceSubrange((page - 1) * size..<page * size, with: Data(count: size))
        try storage.put(bytes, "journal.sqlite")
    }

    /// What a power cut leaves: nothing was written when it ended.
    @Test func aStartIsCountedApartFromTheDatabase() async throws {
        let storage = try TemporaryStorage()
        let copy = try TemporaryStorage(like: storage)
        do {
            let journal = try storage.open(bootID: "boot-a")
            _ = try journal.append([remark(1)], at: noon)
            try journal.close()
        }
        let journal = try storage.open(bootID: "boot-b")
        _ = try journal.append([remark(2)], at: noon)
        try storage.copy(to: copy)
        withExtendedLifetime(journal) {}
        for name in ["journal.sqlite", "journal.sqlite-wal"] { try copy.remove(name) }
        #expect(try copy.open(bootID: "boot-c").boot == 3)
    }

    @Test("a column that can't be NULL and is, is damage", arguments: ["body", "chain"])
    func toleratesNull(column: String) async throws {
        let storage = try TemporaryStorage()
        _ = try await storage.filled(5, acknowledged: 0)
        try storage.tamper(
            """
            CREATE TABLE loose (seq INTEGER PRIMARY KEY, body BLOB, chain BLOB);
            INSERT INTO loose SELECT * FROM records;
            DROP TABLE records;
            ALTER TABLE loose RENAME TO records;
            UPDATE records SET \(column) = NULL WHERE seq = 3;
            """)
        let journal = try storage.open()
        #expect(journal.notes.map(\.source).contains("storage set-aside"))
        #expect(journal.nextSeq >= 6)
    }

    @Test func aSummaryThatWasChangedIsDamage() async throws {
        let storage = try TemporaryStorage()
        let bottle = try card("uid:04A1B2C3")
        do {
            let journal = try storage.open()
            let opened = OpenedFact(order: 1, card: bottle, role: .resident, reader: try name("r"))
            _ = try journal.append(
                [.opened(opened), try deposit(1, 500, from: 0, by: bottle)], at: noon)
            let order = try #require(journal.memory.openOrder).settled(.tap)
            _ = try journal.append([.order(order)], at: noon)
            _ = try journal.append((1...600).map { remark($0) }, at: noon)
            try journal.close()
        }
        try storage.tamper("UPDATE summaries SET body = replace(body, '500', '900')")
        let journal = try storage.open()
        #expect(journal.notes.map(\.source) == ["storage set-aside"])
        #expect(journal.memory.compartments[try name("pet")]?.level == Grams(500))
        #expect(journal.queue.last == 603)
    }

    // MARK: No damage

    /// Puts another record into the place of the last one, with the chain value that it has then.
    private func replaceLast(_ storage: TemporaryStorage, with text: String) throws -> Data {
        let database = try DatabaseQueue(path: "\(storage.path)/journal.sqlite")
        defer {
            // `try?`: what was written is there; closing only tidies.
            try? database.close()
        }
        return try database.write { db in
            let seq = try #require(try Int64.fetchOne(db, sql: "SELECT max(seq) FROM records"))
            let bytes = try #require(
                try Data.fetchOne(
                    db, sql: "SELECT chain FROM records WHERE seq = ?", arguments: [seq - 1]))
            let before = try #require(Digest256(Array(bytes)))
            let body = Array(text.replacing("SEQ", with: "\(seq)").utf8)
            try db.execute(
                sql: "UPDATE records SET body = ?, chain = ? WHERE seq = ?",
                arguments: [Data(body), Data(HashChain.link(before, body).bytes), seq])
            return Data(body)
        }
    }

    @Test(
        "what newer software wrote is refused as it is, and not salvaged",
        arguments: [
            #""kind":"lottery","card":"uid:04A1B2C3""#,
            #""kind":"refused","card":"uid:04A1B2C3","reason":"asleep""#,
        ])
    func refusesNewerRecords(fields: String) async throws {
        let storage = try TemporaryStorage()
        _ = try await storage.filled(4, acknowledged: 0)
        let newest = try self.replaceLast(
            storage,
            with: #"{"seq":SEQ,"at":"2026-11-26T06:00:00.000Z","clock":"synced","boot":1,"#
                + #""up":5,"# + fields + "}")
        for _ in 0..<2 {
            let error = #expect(throws: JournalError.self) { try storage.open() }
            #expect(error?.code == .foreign)
            #expect(error?.message.contains("newer software") == true)
        }
        let database = try DatabaseQueue(path: "\(storage.path)/journal.sqlite")
        let bodies = try await database.read {
            try Data.fetchAll($0, sql: "SELECT body FROM records ORDER BY seq")
        }
        #expect(bodies.count == 4 && bodies.last == newest)
        #expect(try storage.names.allSatisfy { !$0.contains("set-aside") })
    }

    @Test func aMissingKeyIsNotMadeUpFor() async throws {
        let storage = try TemporaryStorage()
        _ = try await storage.filled(2, acknowledged: 0)
        let key = try storage.data("device.key")
        try storage.remove("device.key")
        let error = #expect(throws: JournalError.self) { try storage.open() }
        #expect(error?.code == .damaged)
        #expect(error?.message.contains("restore it from a backup") == true)
        #expect(try !storage.names.contains("device.key"))
        try storage.put(key, "device.key")
        #expect(try storage.open().nextSeq == 3)
    }
}
