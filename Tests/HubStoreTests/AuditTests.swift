import BinCore
import HubCore
import HubKit
import Records
import Testing

@Suite struct AuditTests {
    /// Two batches that overlap, a claimed order, and a tariff.
    private func bench() async throws -> Bench {
        let bench = try await Bench()
        _ = try await bench.register([(Bench.anna, "anna")])
        var bin = try TestBin("baiyun-017")
        try bin.visit(Bench.anna, [("pet", 500), ("film", 40)])
        try bin.visit(Bench.ben, [("pet", 250)])
        try await bench.send(bin, 1...5)
        try bin.setClock()
        try await bench.send(bin, 3...8)
        _ = try await bench.register([(Bench.ben, "ben")])
        _ = try await bench.store.publish(
            BulletinDraft(effective: nil, body: ["prices": ["pet": 2800]]), kind: .tariff,
            to: .everyone, at: Bench.now)
        return bench
    }

    @Test func whatNobodyTouchedAgrees() async throws {
        let bench = try await self.bench()
        let report = try await bench.store.audit()
        var expected = AuditReport()
        expected.devices = 1
        expected.records = 8
        expected.batches = 2
        expected.orders = 2
        expected.bulletins = 3
        #expect(report == expected)
    }

    @Test func anEmptyHubAgrees() async throws {
        let bench = try await Bench(devices: [])
        #expect(try await bench.store.audit() == AuditReport())
    }

    @Test(
        "a hand in the database",
        arguments: [
            // what was done, the record that is named, a word of the finding
            (
                """
                UPDATE record SET bytes = CAST(replace(CAST(bytes AS TEXT), '500', '600') AS BLOB)
                WHERE seq = 2
                """, 2, "bytes"
            ),
            ("UPDATE record SET chain = zeroblob(32) WHERE seq = 6", 6, "chain"),
            ("DELETE FROM record WHERE seq = 7", 7, "missing"),
            ("DELETE FROM batch WHERE id = 2", nil, "journal"),
            ("DELETE FROM batch WHERE id = 1", 1, "follow"),
            ("UPDATE batch SET tail = head WHERE id = 1", 1, "batch"),
            ("UPDATE entry SET value = value + 1 WHERE seq = 4", 4, "entry"),
            ("UPDATE entry SET account = 'ben' WHERE seq = 4", 4, "account"),
            ("UPDATE entry SET account = NULL WHERE seq = 7", 7, "account"),
            ("UPDATE entry SET card = 'nonsense' WHERE seq = 7", nil, "card"),
            ("DELETE FROM entry WHERE seq = 7", 7, "no entry"),
            ("UPDATE deposit SET material = 'gold' WHERE seq = 3", 3, "deposit"),
            ("DELETE FROM deposit WHERE seq = 6", 6, "deposit"),
            (
                """
                INSERT INTO entry (device, seq, number, card, account, at, clock, boot, up, deposits,
                    mass, value, co2e, closed, received)
                SELECT device, 99, 99, card, account, at, clock, boot, up, deposits, mass, value,
                    co2e, closed, received FROM entry WHERE seq = 4
                """, nil, "rows"
            ),
            ("UPDATE step SET at = at + 1", 8, "clock"),
            ("DELETE FROM step", 8, "clock"),
            ("UPDATE device SET last = 6", nil, "journal"),
            ("UPDATE device SET laws = '{}'", nil, "laws"),
            ("UPDATE device SET chain = zeroblob(32)", nil, "journal"),
            ("UPDATE bulletin SET version = 9 WHERE kind = 'tariff'", nil, "tariff"),
            (
                """
                UPDATE bulletin SET line = CAST(replace(CAST(line AS TEXT), '2800', '2900') AS BLOB)
                WHERE kind = 'tariff'
                """, nil, "signature"
            ),
            ("UPDATE hub SET seed = zeroblob(32)", nil, "published"),
            ("UPDATE registration SET account = 'cleo' WHERE id = 1", 4, "account"),
        ] as [(String, Int64?, String)])
    func isFound(sql: String, seq: Int64?, word: String) async throws {
        let bench = try await self.bench()
        try bench.tamper(sql)
        let finding = try await bench.store.audit().finding
        #expect(finding?.seq == seq)
        #expect(finding?.description.contains(word) == true, "\(String(describing: finding))")
    }
}
