import BinCore
import Testing

/// A tare wants a weight that is steady to a quarter of a division (OIML R 76-1 4.4.2, 4.6.3); to
/// record one, a division is enough. Division 5 g.
@Suite struct TareTests {
    /// Four fifths of a division to and fro: at rest, but never steady.
    private static let hops: [Int64] = [0, 0, 4_000, 4_000]

    /// A bin with a kilogram in it, tared, whose scale has begun to hop.
    private func hopping(drift: Int64 = 0) throws -> BinBench {
        var bin = try BinBench()
        bin.drift[bin.pet] = drift
        bin.put(1_000, bin.pet)
        try bin.wait(BinRules.unattributedMs)
        bin.shaking[bin.pet] = Self.hops
        try bin.settle()
        return bin
    }

    private func rest(_ bin: inout BinBench) throws {
        bin.shaking = [:]
        try bin.settle()
    }

    @Test func aScaleThatHopsIsNotTared() throws {
        var bin = try self.hopping()
        try bin.wait(20_000)
        try bin.tap(bin.resident)
        bin.put(53, bin.pet)
        try self.rest(&bin)
        #expect(bin.deposits.map(\.mass) == [Grams(55)])
    }

    @Test func whatANeighbourLeftOnAScaleThatHopsIsTaredOnceItIsSteady() throws {
        var bin = try self.hopping()
        try bin.drop(302, bin.pet)
        #expect(bin.unattributed.last?.delta == Grams(305))
        try self.rest(&bin)
        try bin.tap(bin.resident)
        try bin.drop(55, bin.pet)
        #expect(bin.deposits.map(\.mass) == [Grams(55)])
    }

    @Test("a card that comes before gets its tare as long as nothing was dropped")
    func inAnOrder() throws {
        var bin = try self.hopping()
        try bin.drop(302, bin.pet)
        try bin.tap(bin.resident)
        try self.rest(&bin)
        try bin.drop(55, bin.pet)
        #expect(bin.deposits.map(\.mass) == [Grams(55)])
        // Once: what is below a division now is the resident's.
        try bin.drop(4, bin.pet)
        try bin.drop(4, bin.pet)
        try bin.tap(bin.resident)
        try bin.settle()
        #expect(bin.orders.map(\.mass) == [Grams(65)])
    }

    /// 1,357 g are shown, tared at 0 behind a record of 1,305 g.
    @Test func aDropBeforeItIsWeighedFromTheTareBefore() throws {
        var bin = try self.hopping()
        try bin.drop(302, bin.pet)
        try bin.tap(bin.resident)
        bin.put(55, bin.pet)
        try self.rest(&bin)
        #expect(bin.deposits.map(\.mass) == [Grams(50)])
    }

    /// The record is 1,060 g, 1,058 g are shown, and 4 g of them were drift: without moving the
    /// tare by a division the resident would have taken 5 g out.
    @Test func whatIsNobodysIsNotTheNextResidents() throws {
        var bin = try self.hopping(drift: 4_000)
        try bin.drop(52, bin.pet)
        let records = bin.unattributed.count
        try bin.tap(bin.resident)
        try bin.settle()
        #expect(bin.level(bin.pet) == 1_060)
        #expect(bin.unattributed.count == records)
        try bin.tap(bin.resident)
        try bin.settle()
        #expect(bin.orders.map(\.mass) == [.zero])
    }

    @Test func whatACollectorLeavesIsTaredOnceItIsSteady() throws {
        var bin = try self.hopping()
        let collector = try card("uid:04C0FFEE")
        try bin.tap(collector, role: .collector)
        try bin.drop(-698, bin.pet)
        #expect(bin.collections.map(\.removed) == [Grams(695)])
        try bin.tap(collector, role: .collector)
        try bin.settle()
        try bin.tap(bin.resident)
        try self.rest(&bin)
        try bin.drop(55, bin.pet)
        #expect(bin.deposits.map(\.mass) == [Grams(55)])
    }
}
