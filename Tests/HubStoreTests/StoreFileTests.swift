import BinCore
import Foundation
import GRDB
import HubCore
import HubKit
import Records
import Testing

@testable import HubStore

@Suite struct StoreFileTests {
    @Test func everyCommitIsSyncedAndTheFileIsPrivate() async throws {
        let bench = try await Bench()
        let store = try SQLiteHubStore(path: bench.file.path)
        let level = try await store.pool.write { db in
            try Int.fetchOne(db, sql: "PRAGMA synchronous")
        }
        #expect(level == 2)  // FULL (sqlite.org, pragma.html)
        let mode = try await store.pool.read { db in
            try String.fetchOne(db, sql: "PRAGMA journal_mode")
        }
        #expect(mode == "wal")
        for suffix in ["", "-wal", "-shm"] {
            let attributes = try FileManager.default.attributesOfItem(
                atPath: bench.file.path + suffix)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test func everyTableIsStrict() async throws {
        let bench = try await Bench()
        let store = try SQLiteHubStore(path: bench.file.path)
        let loose = try await store.pool.read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0
                    AND name NOT LIKE 'sqlite_%' AND name <> 'grdb_migrations'
                    """)
        }
        #expect(loose == [])
    }

    @Test func twoProcessesShareOneFile() async throws {
        let bench = try await Bench()
        let second = try SQLiteHubStore(path: bench.file.path)
        let key = try await bench.store.signingKey().publicKey
        #expect(try await second.signingKey().publicKey == key)
        var bin = try TestBin("baiyun-017")
        try bin.visit(Bench.anna, [("pet", 500)])
        try await bench.send(bin, 1...2)
        _ = try await second.ingest(try bin.bytes(1...3), from: nil, at: Bench.now)
        #expect(try await bench.store.devices().map(\.last) == [3])
        #expect(try await bench.acknowledge(bin, 1...3) == [3, 0])
    }

    @Test func whatCantBeOpenedSaysWhy() throws {
        let file = try ScratchFile()
        let fault = #expect(throws: HubFault.self) {
            try SQLiteHubStore(path: file.path + "/none/hub.sqlite")
        }
        #expect(fault?.description.contains("No such file") == true)
        try Data("this is no database, but long enough to be looked at".utf8)
            .write(to: URL(fileURLWithPath: file.path))
        #expect(throws: HubFault.self) { try SQLiteHubStore(path: file.path) }
    }
}
