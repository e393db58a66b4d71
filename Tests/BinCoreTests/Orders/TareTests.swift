import BinCore
import Testing

/// A tare wants a weight that is steady to a quarter of a division (OIML R 76-1 4.4.2, 4.6.3); to
/// store one, a division is enough. Division 5 g.
@Suite struct TareTests {
    /// Four fifths of a division to and fro: at rest, but never steady.
    private static let hops: [Int64] = [0, 0, 4_000, 4_000]

    /// A bin with a kilogram in it, tared, whose scale has begun to hop.
    private func hopping(_ hops: [Int64] = Self.hops) throws -> BinBench {
        var bin = try BinBench()
        bin.put(1_000, bin.pet)
        try bin.wait(BinRules.unattributedMs)
        bin.shaking[bin.pet] = hops
        try bin.settle()
        return bin
    }

    private func rest(_ bin: inout BinBench) throws {
        bin.shaking = [:]
        try bin.settle()
    }

    /// The tap finds it moving: the last tare counts.
    @Test func aScaleThatHopsIsNotTared() throws {
        var bin = try self.hopping()
        try bin.wait(20_000)
        bin.put(53, bin.pet)
        try bin.wait(200)
        try bin.tap(bin.resident)
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

    /// The reference of the tap is 1 g too much.
    @Test func aCardThatComesBeforeGetsItsTareAsLongAsNothingCanHaveBeenDropped() throws {
        var bin = try self.hopping([0, 0, 2_000, 2_000])
        try bin.tap(bin.resident)
        try self.rest(&bin)
        try bin.drop(53, bin.pet)
        #expect(bin.deposits.map(\.mass) == [Grams(55)])
    }

    /// What drifted while it hopped isn't the resident's: 1,054.5 g are shown.
    @Test func anOrderBeginsFromTheWeightAtTheTapThoughItIsNotSteady() throws {
        var bin = try self.hopping([0, 0, -4_000, -4_000])
        bin.drift[bin.pet] = 4_500
        try bin.settle()
        #expect(bin.unattributed.count == 1)
        try bin.tap(bin.resident)
        try self.rest(&bin)
        try bin.drop(50, bin.pet)
        #expect(bin.deposits.map(\.mass) == [Grams(50)])
    }

    /// Whatever a neighbour left, and however the scale hopped at the tap.
    @Test(
        "nobody pays for how a scale hopped, and nobody earns by it more than a division",
        arguments: [0, 52, 53, 57, 295, 300, 302, 305, 310] as [Int64],
        [hops, [0, 0, -4_000, -4_000], [0, 5_000, 5_000, 0], [2_500, 2_500, -2_500, -2_500]])
    func isFair(nobodys: Int64, hops: [Int64]) throws {
        for crumb: Int64 in [0, 3, 9, -3, -9] {
            for drop: Int64 in [50, 52, 53] {
                var bin = try self.hopping(hops)
                try bin.drop(nobodys, bin.pet)
                let records = bin.unattributed.count
                try bin.tap(bin.resident)
                try bin.drop(crumb, bin.pet)
                try self.rest(&bin)
                try bin.drop(drop, bin.pet)
                try bin.tap(bin.resident)
                try bin.settle()
                let (left, paid) = (crumb + drop, bin.orders.last?.mass.value ?? 0)
                // Half a division of rounding, and what the scale was away from rest at the tap.
                #expect(abs(paid - left) <= 5 + 2, "\(crumb) and \(drop): \(paid)")
                let removals = bin.unattributed.dropFirst(records).filter { $0.cause == .removal }
                #expect(removals.isEmpty || crumb < 0, "\(crumb) and \(drop)")
                #expect(abs(bin.level(bin.pet) * 1000 - bin.shown(bin.pet)) <= 5_000)
            }
        }
    }

    /// What a hop leaves below a division is nobody's, and adds up to nothing.
    @Test(
        "a scale that hops at each tap and rests in between shows nothing but empty orders",
        arguments: [
            hops, [0, 0, -4_000, -4_000], [0, 5_000, 5_000, 0], [0, -5_000, -5_000, 0],
            [2_500, 2_500, -2_500, -2_500],
        ], [[true, false], [false, true], [true, true]])
    func cycles(hops: [Int64], hopsAtTaps: [Bool]) throws {
        var bin = try self.hopping(hops)
        let records = bin.unattributed.count
        for _ in 0..<6 {
            for isHopping in hopsAtTaps {
                bin.shaking[bin.pet] = isHopping ? hops : [0]
                try bin.settle()
                try bin.tap(bin.resident)
                try bin.settle()
            }
            bin.shaking = [:]
            try bin.wait(20_000)
        }
        #expect(bin.orders.count == 6 && bin.orders.allSatisfy { $0.deposits == 0 })
        #expect(bin.unattributed.count == records)
    }

    @Test func whatACollectorLeavesIsTaredOnceItIsSteady() throws {
        var bin = try self.hopping()
        let collector = try card("uid:04C0FFEE")
        try bin.tap(collector, role: .collector)
        try bin.drop(-698, bin.pet)
        #expect(bin.collections.map(\.removed) == [Grams(695)])
        try bin.tap(collector, role: .collector)
        try self.rest(&bin)
        try bin.tap(bin.resident)
        try bin.drop(55, bin.pet)
        #expect(bin.deposits.map(\.mass) == [Grams(55)])
    }
}
