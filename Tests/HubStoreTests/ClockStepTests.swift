import BinCore
import HubCore
import HubKit
import HubStore
import Records
import Testing

/// What a bin recorded before its clock was set is corrected by its `clock` record.
@Suite struct ClockStepTests {
    private static let year: Int64 = 365 * 86_400_000

    /// Three records a visit: the order's is its third.
    private func corrections(of bin: TestBin) async throws -> [WallTime?] {
        let bench = try await Bench()
        #expect(try await bench.acknowledge(bin, 1...bin.last) == [bin.last, bin.last])
        #expect(try await bench.store.audit().finding == nil)
        return try await bench.store.entries(of: nil, after: 0, limit: 10).map(\.corrected)
    }

    @Test func ordersBeforeTheStepGetTheirTime() async throws {
        var bin = try TestBin("baiyun-017")
        (bin.clock, bin.behindMs) = (.unset, Self.year)
        try bin.visit(Bench.anna, [("pet", 500)])
        try bin.setClock()
        try bin.visit(Bench.ben, [("pet", 500)])
        #expect(try await self.corrections(of: bin) == [TestBin.time(of: 3), nil])
    }

    @Test func theRecordStaysAsItIs() async throws {
        var bin = try TestBin("baiyun-017")
        (bin.clock, bin.behindMs) = (.unset, Self.year)
        try bin.visit(Bench.anna, [("pet", 500)])
        let bench = try await Bench()
        try await bench.send(bin, 1...3)
        let before = try found(try await bench.store.entries(of: nil, after: 0, limit: 1).first)
        try bin.setClock()
        try await bench.send(bin, 4...4)
        let after = try found(try await bench.store.entries(of: nil, after: 0, limit: 1).first)
        #expect(before.corrected == nil)
        #expect(after.corrected == TestBin.time(of: 3))
        #expect(after.entry == before.entry && after.id == before.id)
        #expect(after.entry.header.clock == .unset)
    }

    @Test func anotherStartOfTheMachineCorrectsNothing() async throws {
        var bin = try TestBin("baiyun-017")
        (bin.clock, bin.behindMs) = (.unset, Self.year)
        try bin.visit(Bench.anna, [("pet", 500)])
        bin.boot = 2
        try bin.setClock()
        #expect(try await self.corrections(of: bin) == [nil])
    }

    @Test func aStepToAClockThatIsUnsetCorrectsNothing() async throws {
        var bin = try TestBin("baiyun-017")
        (bin.clock, bin.behindMs) = (.unset, Self.year)
        try bin.visit(Bench.anna, [("pet", 500)])
        try bin.setClock(.unset)
        #expect(try await self.corrections(of: bin) == [nil])
    }

    /// A technician sets the clock by hand, an hour wrong; a time server sets it right.
    @Test func aTimeServerKnowsBetterThanAHand() async throws {
        var bin = try TestBin("baiyun-017")
        (bin.clock, bin.behindMs) = (.unset, Self.year)
        try bin.visit(Bench.anna, [("pet", 500)])
        (bin.clock, bin.behindMs) = (.holdover, 3_600_000)
        let truth = TestBin.time(of: 4)
        try bin.append(
            .clock(
                ClockFact(
                    from: truth,
                    to: WallTime(millisecondsSince1970: truth.millisecondsSince1970 - 3_600_000))))
        try bin.visit(Bench.ben, [("pet", 500)])
        try bin.setClock()
        #expect(
            try await self.corrections(of: bin) == [TestBin.time(of: 3), TestBin.time(of: 7)])
    }

    @Test func aHubOfTheFirstSchemaIsTakenOver() async throws {
        var bin = try TestBin("baiyun-017")
        (bin.clock, bin.behindMs) = (.unset, Self.year)
        try bin.visit(Bench.anna, [("pet", 500)])
        try bin.setClock()
        let bench = try await Bench()
        try await bench.send(bin, 1...4)
        let expected = try await bench.store.entries(of: nil, after: 0, limit: 1)
        try bench.tamper(
            """
            DROP TABLE step;
            ALTER TABLE entry DROP COLUMN boot;
            ALTER TABLE entry DROP COLUMN up;
            ALTER TABLE deposit DROP COLUMN clock;
            ALTER TABLE deposit DROP COLUMN boot;
            ALTER TABLE deposit DROP COLUMN up;
            DELETE FROM grdb_migrations WHERE identifier = '2';
            """)
        let store = try SQLiteHubStore(path: bench.file.path)
        #expect(try await store.entries(of: nil, after: 0, limit: 1) == expected)
        #expect(expected.first?.corrected == TestBin.time(of: 3))
        #expect(try await store.audit().finding == nil)
    }
}
