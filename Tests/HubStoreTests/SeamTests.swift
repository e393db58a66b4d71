import BinCore
import HubCore
import HubKit
import HubStore
import Records
import Testing

/// A bin that was set back and goes on above what the hub has: the operator lets the hub follow it.
@Suite struct SeamTests {
    /// The bin before it lost its storage, which the hub took whole: eight records, two orders and
    /// an open one.
    private func before() throws -> TestBin {
        var bin = try TestBin("baiyun-017")
        try bin.visit(Bench.anna, [("pet", 500)])
        try bin.visit(Bench.ben, [("pet", 100)])
        try bin.visit(Bench.anna, [("pet", 250)], settles: false)
        return bin
    }

    /// The same bin set back to its first `last` records. It takes the numbers up to `taken`, and
    /// serves Ben.
    private func setBack(to last: Int, taken: RecordNumber) throws -> TestBin {
        var bin = try TestBin("baiyun-017")
        try bin.visit(Bench.anna, [("pet", 500)])
        if last > 3 { try bin.visit(Bench.ben, [("pet", 100)]) }
        let lost = FaultFact(source: "journal", code: "lost", detail: "")
        while bin.last < taken { try bin.append(.fault(lost)) }
        try bin.visit(Bench.ben, [("pet", 40)])
        return bin
    }

    private func forked(
        _ bench: Bench, _ bin: TestBin, at seq: RecordNumber = 4
    ) async throws {
        _ = try await bench.register([(Bench.anna, "li-wei"), (Bench.ben, "chen-jing")])
        try await bench.send(try self.before(), 1...8)
        #expect(try await bench.send(bin, 1...bin.last) == .refused(.fork(at: seq)))
    }

    @Test func laterOrdersReachTheirAccountsAndBothHistoriesStay() async throws {
        let bench = try await Bench()
        let bin = try self.setBack(to: 3, taken: 20)
        try await self.forked(bench, bin)
        let credited = try await bench.sum("chen-jing")
        #expect(try await bench.store.follow(bin.device, at: Bench.now) == 4)
        #expect(try await bench.store.follow(bin.device, at: Bench.now) == nil)
        #expect(try await bench.acknowledge(bin, 1...bin.last) == [23, 20])
        // What was credited before stays, and the 40 g after it came on top.
        let now = try #require(try await bench.sum("chen-jing"))
        #expect(now.value.value == (credited?.value.value ?? 0) + 40 * TestBin.price)
        #expect(try bench.count("other_record") == 5)
        #expect(try await bench.store.devices().map(\.state) == [.active])
        #expect(try await bench.store.audit().finding == nil)
        // As from any device from now on, also over the seam.
        #expect(try await bench.acknowledge(bin, 1...bin.last) == [23, 0])
        #expect(try await bench.acknowledge(bin, 5...21) == [23, 0])
        var later = bin
        try later.visit(Bench.anna, [("pet", 10)])
        #expect(try await bench.acknowledge(later, 22...26) == [26, 3])
        #expect(try await bench.store.audit().finding == nil)
    }

    @Test("however the bin's batches are cut", arguments: [1, 2, 3, 4, 5, 6, 7, 30])
    func followsInPieces(size: Int64) async throws {
        let bench = try await Bench()
        let bin = try self.setBack(to: 3, taken: 12)
        try await self.forked(bench, bin)
        _ = try await bench.store.follow(bin.device, at: Bench.now)
        #expect(try await bench.send(bin, 6...7) == .refused(.gap(have: 3)))
        for first in stride(from: 4, through: bin.last, by: Int(size)) {
            let last = min(bin.last, first + size - 1)
            #expect(try await bench.acknowledge(bin, first...last).first == last)
            #expect(try await bench.store.audit().finding == nil)
        }
        #expect(try await bench.sum("chen-jing")?.value.value == 140 * TestBin.price)
    }

    @Test func aBinThatIsStillBehindIsFollowedToTheEndOfTheSeam() async throws {
        let bench = try await Bench()
        // It has six records, the fourth as the hub has it, and the hub eight.
        let bin = try self.setBack(to: 3, taken: 3)
        try await self.forked(bench, bin, at: 5)
        _ = try await bench.store.follow(bin.device, at: Bench.now)
        #expect(try await bench.acknowledge(bin, 1...6) == [6, 2])
        #expect(try await bench.store.devices().map(\.last) == [8])
        // An order under numbers that were used makes no second entry.
        #expect(try await bench.sum("chen-jing")?.value.value == 100 * TestBin.price)
        var later = bin
        for _ in 0..<2 { try later.visit(Bench.ben, [("pet", 5)]) }
        #expect(try await bench.acknowledge(later, 7...12) == [12, 6])
        #expect(try await bench.sum("chen-jing")?.value.value == 105 * TestBin.price)
        #expect(try await bench.store.audit().finding == nil)
    }

    @Test func aSecondForkInTheSeamIsFollowedTheSameWay() async throws {
        let bench = try await Bench()
        let bin = try self.setBack(to: 3, taken: 20)
        try await self.forked(bench, bin)
        _ = try await bench.store.follow(bin.device, at: Bench.now)
        _ = try await bench.acknowledge(bin, 1...bin.last)
        // Set back once more, to a place within the seam.
        let again = try self.setBack(to: 3, taken: 30)
        var other = try TestBin("baiyun-017")
        try other.visit(Bench.anna, [("pet", 500)])
        let lost = FaultFact(source: "journal", code: "lost", detail: "")
        while other.last < 6 { try other.append(.fault(lost)) }
        while other.last < 30 {
            try other.append(.fault(FaultFact(source: "journal", code: "lost", detail: "again")))
        }
        try other.visit(Bench.ben, [("pet", 60)])
        #expect(try await bench.send(other, 1...other.last) == .refused(.fork(at: 7)))
        #expect(try await bench.send(again, 1...5) == .refused(.fork(at: 7)))
        #expect(try await bench.store.follow(bin.device, at: Bench.now) == 7)
        #expect(try await bench.acknowledge(other, 1...other.last).first == 33)
        #expect(try await bench.store.audit().finding == nil)
        #expect(try await bench.sum("chen-jing")?.value.value == 200 * TestBin.price)
    }

    @Test func whatIsKeptBesideIsAuditedToo() async throws {
        let bench = try await Bench()
        let bin = try self.setBack(to: 3, taken: 12)
        try await self.forked(bench, bin)
        _ = try await bench.store.follow(bin.device, at: Bench.now)
        _ = try await bench.acknowledge(bin, 1...bin.last)
        try bench.tamper("UPDATE other_record SET bytes = CAST('{}' AS BLOB) WHERE seq = 6")
        #expect(try await bench.store.audit().finding != nil)
    }
}
