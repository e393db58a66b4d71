import BinCore
import Testing

@Suite struct CreditingTests {
    private func opened(_ division: Int64 = 5, minimum: Int64 = 20) throws -> BinBench {
        var bin = try BinBench(division: division, minimum: minimum)
        try bin.settle()
        try bin.tap(bin.resident)
        return bin
    }

    @Test func smallDropsAddUpUntilTheScaleCanVouchForThem() throws {
        var bin = try self.opened()
        for _ in 0..<3 { try bin.drop(8, bin.pet) }
        #expect(bin.deposits.map(\.mass) == [Grams(25)])
        #expect(bin.deposits.first?.flags == [])
    }

    @Test func whatStaysBelowTheMinimumIsRecordedAtTheEndAndEarnsNothing() throws {
        var bin = try self.opened()
        try bin.drop(15, bin.pet)
        #expect(bin.deposits.isEmpty)
        try bin.tap(bin.resident)
        try bin.settle()
        let deposit = try #require(bin.deposits.first)
        #expect(deposit.mass == Grams(15))
        #expect(deposit.flags == [.belowMinimum])
        #expect(
            deposit.rates
                == AppliedRates(
                    tariff: 7, price: .zero, each: .zero, carbon: 3, factor: .zero))
        #expect(bin.orders.first?.value == .zero)
    }

    @Test func lessThanADivisionIsCarriedNeitherLostNorPaidTwice() throws {
        var bin = try self.opened(10, minimum: 20)
        for _ in 0..<50 { try bin.drop(33, bin.pet) }
        try bin.tap(bin.resident)
        try bin.settle()
        let recorded = bin.deposits.reduce(Int64(0)) { $0 + $1.mass.value }
        #expect(abs(recorded - 50 * 33) <= 10)
        #expect(bin.deposits.allSatisfy { $0.before.value % 10 == 0 && $0.after.value % 10 == 0 })
    }

    @Test func takingOutAgainIsPaidBackAtTheRatesOfThatTime() throws {
        var bin = try self.opened()
        try bin.drop(1_000, bin.pet)
        var dearer = bin.rates
        dearer.tariffs.append(
            Tariff(
                version: 8, effective: .epoch, prices: [try name("pet-bottle"): PricePerTonne(3000)]
            ))
        bin.use(dearer)
        try bin.drop(500, bin.pet)
        try bin.drop(-700, bin.pet)
        #expect(bin.deposits.map(\.mass) == [1_000, 500, -500, -200].map(Grams.init))
        #expect(bin.deposits.map(\.rates.price.value) == [2800, 3000, 3000, 2800])
        try bin.tap(bin.resident)
        #expect(bin.orders.first?.value == MicroYuan(800 * 2800))
    }

    @Test func takingOutMoreThanWasPutInIsARemovalAndDroppingItAgainEarnsNothing() throws {
        var bin = try BinBench()
        bin.put(5_000, bin.pet)
        try bin.settle()
        try bin.tap(bin.resident)
        for _ in 0..<3 {
            try bin.drop(-1_000, bin.pet)
            try bin.drop(1_000, bin.pet)
        }
        #expect(bin.unattributed.filter { $0.cause == .removal }.map(\.delta) == [Grams(-1_000)])
        #expect(
            bin.deposits.filter { $0.mass > .zero }.allSatisfy {
                $0.flags == [.afterRemoval] && $0.value == .zero
            })
        try bin.drop(300, bin.pet)
        #expect(bin.deposits.last?.value == MicroYuan(300 * 2800))
        try bin.tap(bin.resident)
        #expect(bin.orders.first?.value == MicroYuan(300 * 2800))
        #expect(bin.orders.first?.mass == Grams(1_300))
    }

    @Test func aDropInALaterOrderAfterARemovalIsPaidAndSeen() throws {
        var bin = try BinBench()
        bin.put(5_000, bin.pet)
        try bin.settle()
        try bin.drop(-1_000, bin.pet)
        try bin.wait(20_000)
        try bin.tap(bin.resident)
        try bin.drop(600, bin.pet)
        try bin.drop(-600, bin.pet)
        try bin.drop(600, bin.pet)
        try bin.drop(600, bin.pet)
        try bin.drop(600, bin.pet)
        let drops = bin.deposits.filter { $0.mass > .zero }
        #expect(drops.map { $0.flags.contains(.afterRemoval) } == [true, true, true, false])
        #expect(drops.allSatisfy { $0.value == MicroYuan(600 * 2800) })
    }

    @Test func leavingWhileTakingOutIsNotPaid() throws {
        var bin = try self.opened()
        try bin.drop(1_000, bin.pet)
        try bin.tap(bin.resident)
        #expect(bin.orders.count == 1)
        try bin.tap(bin.neighbour)
        try bin.drop(1_000, bin.pet)
        bin.put(-400, bin.pet)
        bin.shaking[bin.pet] = [0, -60_000]
        try bin.wait(400)
        try bin.tap(bin.neighbour)
        try bin.wait(BinRules.settleMs)
        bin.put(-600, bin.pet)
        bin.shaking = [:]
        try bin.wait(20_000)
        let second = try #require(bin.orders.last)
        #expect(second.mass <= Grams(600))
        try bin.tap(bin.resident)
        try bin.drop(500, bin.pet)
        #expect(bin.deposits.last?.flags == [.afterRemoval])
    }

    @Test func anOverloadEarnsNothingAndIsSeen() throws {
        var bin = try self.opened()
        bin.put(40_000, bin.pet)
        try bin.settle()
        try bin.tap(bin.resident)
        try bin.wait(BinRules.settleMs)
        #expect(bin.deposits.map(\.flags) == [[.overload]])
        #expect(bin.orders.first?.value == .zero)
        bin.put(-40_000, bin.pet)
        try bin.settle()
        #expect(bin.unattributed.isEmpty)
    }

    @Test func limitsAndMinimumOfThePolicyHold() throws {
        var bin = try BinBench()
        var policy = bin.rates
        policy.policy = Policy(
            acceptsUnknownCards: true, minimumMass: Grams(100), dailyLimit: Grams(1_000))
        bin.use(policy)
        try bin.settle()
        try bin.tap(bin.resident, today: 500)
        try bin.drop(450, bin.pet)
        try bin.drop(100, bin.pet)
        try bin.drop(50, bin.pet)
        try bin.tap(bin.resident)
        try bin.settle()
        #expect(bin.deposits.map(\.flags) == [[], [.overLimit], [.belowMinimum]])
        #expect(bin.deposits.map(\.value.value) == [450 * 2800, 0, 0])
    }

    @Test func manySmallDropsReachTheMinimumOfThePolicyTogether() throws {
        var bin = try BinBench()
        var policy = bin.rates
        policy.policy = Policy(
            acceptsUnknownCards: true, minimumMass: Grams(100), dailyLimit: nil)
        bin.use(policy)
        try bin.settle()
        try bin.tap(bin.resident)
        for _ in 0..<60 { try bin.drop(50, bin.pet) }
        try bin.tap(bin.resident)
        try bin.settle()
        #expect(bin.deposits.allSatisfy { $0.flags == [] })
        #expect(bin.orders.first?.value == MicroYuan(3_000 * 2800))
    }

    @Test func anOrderThatWasFoundOpenCountsWhatItsCardEarnedBefore() throws {
        var bin = try BinBench()
        var policy = bin.rates
        policy.policy = Policy(
            acceptsUnknownCards: true, minimumMass: .zero, dailyLimit: Grams(1_000))
        bin.use(policy)
        try bin.settle()
        try bin.tap(bin.resident, today: 700)
        try bin.drop(200, bin.pet)
        bin.put(300, bin.pet)
        bin.restart(mayCredit: true, afterMs: 1_000)
        // The journal counts what this order was credited with, too.
        bin.recall(creditedToday: 900)
        try bin.settle()
        #expect(bin.deposits.map(\.flags) == [[], [.recovered, .overLimit]])
        bin.restart(mayCredit: true, afterMs: 1_000)
    }

    @Test func aCardThatWaitsBehindItsOwnRecoveryCountsWhatThatEarned() throws {
        var bin = try BinBench()
        var policy = bin.rates
        policy.policy = Policy(
            acceptsUnknownCards: true, minimumMass: .zero, dailyLimit: Grams(1_000))
        bin.use(policy)
        try bin.settle()
        try bin.tap(bin.resident)
        bin.put(800, bin.pet)
        bin.restart(mayCredit: true, afterMs: 1_000)
        try bin.wait(200)
        try bin.tap(bin.resident)
        try bin.settle()
        try bin.drop(300, bin.pet)
        #expect(bin.deposits.map(\.flags) == [[.recovered], [.overLimit]])
    }

    @Test func whatHasNoRatesIsRecordedAndSaysSo() throws {
        var bin = try BinBench()
        bin.use(RateBook())
        bin.clock = .unset
        try bin.settle()
        try bin.tap(bin.resident)
        try bin.drop(100, bin.pet)
        #expect(bin.deposits.first?.flags == [.noPrice, .noFactor, .clockUnset])
        #expect(bin.deposits.first?.rates.tariff == 0)
    }

    @Test func piecesAreCountedAndPaid() throws {
        var bin = try BinBench()
        var rates = bin.rates
        rates.tariffs[0].each = [try name("pet-bottle"): PricePerPiece(40_000)]
        bin.use(rates)
        try bin.settle()
        try bin.send(.pieces(compartment: bin.pet, 5))
        try bin.tap(bin.resident)
        try bin.send(.pieces(compartment: bin.pet, 1))
        bin.put(12, bin.pet)
        try bin.settle()
        try bin.tap(bin.resident)
        try bin.settle()
        let deposit = try #require(bin.deposits.first)
        #expect(deposit.pieces == 1)
        #expect(deposit.value == MicroYuan(40_000))
        #expect(deposit.flags == [.belowMinimum])
    }

    @Test func aSilentScaleInAnOrderIsNobodysAfterwards() throws {
        var bin = try self.opened()
        bin.silent = [bin.pet]
        bin.put(500, bin.pet)
        try bin.wait(3_000)
        try bin.tap(bin.resident)
        try bin.settle()
        #expect(bin.orders.first?.mass == .zero)
        bin.silent = []
        try bin.settle()
        #expect(bin.unattributed.map(\.cause) == [.noCard])
    }
}
