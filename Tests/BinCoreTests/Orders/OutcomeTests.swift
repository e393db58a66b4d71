import BinCore
import Testing

/// What comes of everything that people, doors and weather do to a scale. Division 5 g, minimum
/// 20 g; both compartments hold something already.
@Suite struct OutcomeTests {
    /// Added to one reading after the other, milligrams.
    private static let gusts: [Int64] = [0, 20_000, 45_000, 10_000, -30_000, -5_000]

    private func opened() throws -> BinBench {
        var bin = try BinBench()
        bin.put(2_000, bin.pet)
        bin.put(700, bin.film)
        try bin.wait(15_000)
        try bin.tap(bin.resident)
        return bin
    }

    private func settled(_ bin: inout BinBench) throws -> Int64 {
        try bin.settle()
        try bin.tap(bin.resident)
        try bin.wait(BinRules.settleMs)
        return try #require(bin.orders.first).mass.value
    }

    @Test("a slow pour is paid whole", arguments: [2, 10, 100] as [Int64])
    func slowPour(gramsASecond: Int64) throws {
        var bin = try self.opened()
        for _ in 0..<300 {
            bin.loads[bin.pet, default: 0] += gramsASecond * 200
            try bin.wait(200)
        }
        #expect(try abs(self.settled(&bin) - gramsASecond * 60) <= 5)
        #expect(bin.deposits.allSatisfy { $0.flags == [] })
    }

    @Test("many small drops are paid whole", arguments: [1, 3, 8, 18] as [Int64])
    func smallDrops(grams: Int64) throws {
        var bin = try self.opened()
        for _ in 0..<60 { try bin.drop(grams, bin.pet) }
        #expect(try abs(self.settled(&bin) - 60 * grams) <= 5)
    }

    @Test func leaningOnTheBinEarnsNothing() throws {
        var bin = try self.opened()
        bin.put(18_000, bin.pet)
        bin.shaking[bin.pet] = [0, 400_000, -300_000]
        try bin.wait(8_000)
        bin.put(-18_000, bin.pet)
        bin.shaking = [:]
        #expect(try self.settled(&bin) == 0)
        #expect(bin.deposits.isEmpty)
    }

    @Test func leaningQuietlyIsPaidBack() throws {
        var bin = try self.opened()
        bin.put(18_000, bin.pet)
        try bin.settle()
        bin.put(-18_000, bin.pet)
        #expect(try self.settled(&bin) == 0)
        #expect(bin.deposits.map(\.mass) == [18_000, -18_000].map(Grams.init))
    }

    /// At the tap nothing tells a quiet hand from a load. It is seen when it lets go.
    @Test func leaningUntilTheOrderEndsIsSeenAfterIt() throws {
        var bin = try self.opened()
        bin.put(9_000, bin.pet)
        try bin.settle()
        try bin.tap(bin.resident)
        try bin.settle()
        bin.put(-9_000, bin.pet)
        try bin.wait(15_000)
        #expect(bin.unattributed.last?.cause == .removal)
        #expect(bin.unattributed.last?.delta == Grams(-9_000))
        try bin.tap(bin.resident)
        try bin.drop(9_000, bin.pet)
        #expect(bin.deposits.last?.flags == [.afterRemoval])
    }

    @Test func windDelaysAndChangesNothing() throws {
        var bin = try self.opened()
        bin.shaking[bin.pet] = Self.gusts
        bin.put(300, bin.pet)
        try bin.wait(20_000)
        #expect(bin.deposits.isEmpty)
        bin.shaking = [:]
        #expect(try self.settled(&bin) == 300)
        #expect(bin.deposits.map(\.flags) == [[]])
    }

    @Test func windAtTheEndIsWaitedFor() throws {
        var bin = try self.opened()
        bin.shaking[bin.pet] = Self.gusts
        bin.put(300, bin.pet)
        try bin.wait(3_000)
        try bin.tap(bin.resident)
        try bin.wait(3 * BinRules.settleMs)
        #expect(bin.orders.isEmpty)
        bin.shaking = [:]
        try bin.settle()
        #expect(bin.orders.map(\.mass) == [Grams(300)])
        #expect(bin.deposits.map(\.flags) == [[]])
    }

    @Test func windThatNeverRestsIsRecordedAndNotPaid() throws {
        var bin = try self.opened()
        bin.shaking[bin.pet] = Self.gusts
        bin.put(300, bin.pet)
        try bin.wait(3_000)
        try bin.tap(bin.resident)
        try bin.wait(bin.rules.idleMs + BinRules.settleMs)
        #expect(bin.deposits.map(\.flags) == [[.unstable]])
        let order = try #require(bin.orders.first)
        #expect((265...300).contains(order.mass.value))
        #expect(order.value == .zero && order.co2e == .zero)
    }

    @Test func aPourThatGoesOnAfterTheTapIsPaidWhole() throws {
        var bin = try self.opened()
        for step in 0..<75 {
            if step == 25 { try bin.tap(bin.resident) }
            bin.loads[bin.pet, default: 0] += 20_000
            try bin.wait(200)
        }
        #expect(bin.orders.isEmpty)
        try bin.settle()
        #expect(bin.orders.map(\.mass) == [Grams(1_500)])
        #expect(bin.deposits.allSatisfy { $0.flags == [] })
    }

    @Test func aKickAtTheEndTakesNothingBack() throws {
        var bin = try self.opened()
        try bin.drop(500, bin.pet)
        bin.shaking[bin.pet] = [-400_000, 300_000, -900_000]
        try bin.wait(1_000)
        try bin.tap(bin.resident)
        try bin.wait(BinRules.settleMs)
        #expect(try #require(bin.orders.first).mass.value == 500)
    }

    @Test func whatIsCertainlyGoneAtTheEndIsTakenBack() throws {
        var bin = try self.opened()
        try bin.drop(500, bin.pet)
        bin.put(-500, bin.pet)
        bin.shaking[bin.pet] = [0, 60_000, -60_000]
        try bin.wait(1_000)
        try bin.tap(bin.resident)
        try bin.wait(BinRules.settleMs)
        let mass = try #require(bin.orders.first).mass.value
        #expect(mass >= 0 && mass <= 60)
        #expect(bin.deposits.last?.flags == [.unstable])
    }

    /// The same hand with a tremor, until the order ends, by itself or for the next card: what
    /// stayed pressed down earns nothing, and is seen as a removal once it lets go.
    @Test("Leaning with a tremor until the end earns nothing", arguments: [true, false])
    func leaningWithATremor(somebodyWaits: Bool) throws {
        var bin = try self.opened()
        bin.put(10_000, bin.pet)
        bin.shaking[bin.pet] = [0, 1_000_000, -1_000_000]
        try bin.wait(2_000)
        try bin.tap(bin.resident)
        try bin.wait(BinRules.settleMs)
        #expect(bin.orders.isEmpty)
        if somebodyWaits { try bin.tap(bin.neighbour) }
        try bin.wait(somebodyWaits ? BinRules.settleMs : bin.rules.idleMs)
        #expect(bin.deposits.map(\.flags) == [[.unstable]])
        #expect(bin.orders.map(\.value) == [.zero])
        bin.put(-10_000, bin.pet)
        bin.shaking = [:]
        try bin.wait(15_000)
        #expect(bin.level(bin.pet) == 2_000)
        if somebodyWaits {
            #expect(bin.deposits.count == 1)
            return
        }
        try bin.tap(bin.resident)
        try bin.drop(9_000, bin.pet)
        #expect(bin.deposits.last?.flags == [.afterRemoval])
    }

    @Test func aDoorThatSlamsIsNoWeight() throws {
        var bin = try self.opened()
        let records = bin.facts.count
        for _ in 0..<10 {
            bin.shaking[bin.pet] = [2_500_000, -1_800_000, 900_000, -300_000]
            try bin.wait(600)
            bin.shaking = [:]
            try bin.wait(1_600)
        }
        #expect(bin.facts.count == records)
    }

    @Test func aDoorThatSlamsWhileNobodyIsThereIsNoWeight() throws {
        var bin = try BinBench()
        bin.put(2_000, bin.pet)
        try bin.wait(15_000)
        let records = bin.facts.count
        bin.shaking[bin.pet] = [2_500_000, -1_800_000, 900_000, -300_000]
        try bin.wait(600)
        bin.shaking = [:]
        try bin.wait(20_000)
        #expect(bin.facts.count == records)
    }

    @Test func whatIsTakenOutAgainIsPaidBack() throws {
        var bin = try self.opened()
        try bin.drop(500, bin.pet)
        try bin.drop(-500, bin.pet)
        #expect(try self.settled(&bin) == 0)
        #expect(bin.unattributed.allSatisfy { $0.cause == .powerOff })
    }

    @Test func twoCompartmentsAtOnceAreTwoDeposits() throws {
        var bin = try self.opened()
        bin.put(500, bin.pet)
        bin.put(300, bin.film)
        try bin.settle()
        #expect(Set(bin.deposits.map(\.mass)) == [Grams(500), Grams(300)])
        bin.put(200, bin.pet)
        bin.put(-100, bin.film)
        #expect(try self.settled(&bin) == 900)
    }

    @Test func aDropWhileAnotherSettlesIsPaidWithIt() throws {
        var bin = try self.opened()
        bin.put(500, bin.pet)
        try bin.wait(600)
        bin.put(300, bin.pet)
        try bin.settle()
        #expect(bin.deposits.map(\.mass) == [Grams(800)])
    }

    @Test func aDropInAnotherCompartmentWhileOneSettlesIsPaidToo() throws {
        var bin = try self.opened()
        bin.put(500, bin.pet)
        try bin.wait(600)
        bin.put(300, bin.film)
        #expect(try self.settled(&bin) == 800)
    }
}
