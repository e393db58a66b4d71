import BinCore
import Records
import Testing

/// What a scale shows by itself is nobody's. Division 5 g, minimum 20 g unless said otherwise.
@Suite struct DriftTests {
    @Test(
        "what crept in below a division before a tap is neither paid nor taken",
        arguments: [4_900, -4_900, 2_600, -2_600] as [Int64])
    func belowADivision(drift: Int64) throws {
        var bin = try BinBench()
        bin.put(1_000, bin.pet)
        try bin.settle()
        bin.driftPerMinute[bin.pet] = drift / 10
        try bin.wait(600_000)
        bin.driftPerMinute = [:]
        try bin.settle()
        try bin.tap(bin.resident)
        try bin.drop(50, bin.pet)
        try bin.tap(bin.resident)
        try bin.settle()
        #expect(bin.orders.map(\.mass) == [Grams(50)])
        #expect(abs(bin.level(bin.pet) * 1000 - bin.shown(bin.pet)) <= 5_000)
    }

    @Test func whatMakesADivisionIsRecordedAsDrift() throws {
        var bin = try BinBench()
        bin.put(1_000, bin.pet)
        try bin.settle()
        bin.driftPerMinute[bin.pet] = 600
        try bin.wait(600_000)
        #expect(bin.unattributed.dropFirst().map(\.cause) == [.drift])
        try bin.tap(bin.resident)
        try bin.drop(200, bin.pet)
        #expect(bin.deposits.map(\.mass) == [Grams(200)])
    }

    @Test func theNextOrderGetsWhatIsCarriedAndNotWhatDrifted() throws {
        var bin = try BinBench(division: 10, minimum: 20)
        try bin.settle()
        try bin.tap(bin.resident)
        try bin.drop(33, bin.pet)
        try bin.tap(bin.resident)
        try bin.settle()
        bin.drift[bin.pet] = 5_000
        try bin.wait(20_000)
        try bin.tap(bin.neighbour)
        try bin.drop(38, bin.pet)
        try bin.tap(bin.neighbour)
        try bin.settle()
        #expect(bin.deposits.map(\.mass) == [30, 40].map(Grams.init))
    }

    @Test func theBaselineIsTheLastRestBeforeTheLoadMoved() throws {
        var bin = try BinBench()
        bin.put(1_000, bin.pet)
        try bin.settle()
        bin.drift[bin.pet] = 4_000
        try bin.wait(20_000)
        bin.put(60, bin.pet)
        try bin.wait(200)
        try bin.tap(bin.resident)
        try bin.settle()
        #expect(bin.deposits.map(\.mass) == [Grams(60)])
    }

    @Test func driftWithinAnOrderIsRecordedBesideItsDeposits() throws {
        var bin = try BinBench()
        bin.put(1_000, bin.pet)
        try bin.settle()
        bin.drift[bin.pet] = 4_500
        try bin.wait(20_000)
        try bin.tap(bin.resident)
        try bin.drop(42, bin.pet)
        // 1,046.5 g are shown: 1,000 g + 40 g, 2 g carried and 4.5 g of drift.
        #expect(bin.deposits.map(\.mass) == [Grams(40)])
        #expect(bin.unattributed.last?.cause == .drift)
        #expect(bin.unattributed.last?.delta == Grams(5))
        try bin.drop(48, bin.pet)
        #expect(bin.deposits.map(\.mass) == [40, 50].map(Grams.init))
    }

    @Test func drippingOutWithoutACardIsSeenAsARemoval() throws {
        var bin = try BinBench(minimum: 100)
        bin.put(5_000, bin.pet)
        try bin.settle()
        for _ in 0..<500 {
            bin.put(-2, bin.pet)
            try bin.wait(1_000)
        }
        try bin.wait(20_000)
        let removed = bin.unattributed.filter { $0.cause == .removal }
            .reduce(Int64(0)) { $0 - $1.delta.value }
        let drifted = bin.unattributed.filter { $0.cause == .drift }
            .reduce(Int64(0)) { $0 - $1.delta.value }
        #expect(abs(removed + drifted - 1_000) <= 5)
        #expect(removed > 0)
        try bin.tap(bin.resident)
        try bin.drop(removed, bin.pet)
        #expect(bin.deposits.last?.flags == [.afterRemoval])
    }

    /// The first portions may be drift; who goes on is seen, and so is what comes back.
    @Test(
        "dripping out below the minimum is seen nearly whole",
        arguments: [(5, 20, 15), (20, 400, 195), (5, 100, 50)] as [(Int64, Int64, Int64)])
    func portions(division: Int64, minimum: Int64, portion: Int64) throws {
        var bin = try BinBench(division: division, minimum: minimum)
        bin.put(20_000, bin.pet)
        try bin.settle()
        let steps = Int64(60)
        for _ in 0..<steps {
            bin.put(-portion, bin.pet)
            try bin.wait(12_000)
        }
        try bin.wait(20_000)
        let drifted = bin.unattributed.filter { $0.cause == .drift }
            .reduce(Int64(0)) { $0 - $1.delta.value }
        // Less than the minimum, and a division in each of the half hours that went by.
        #expect(drifted < minimum + division + steps * 12_000 * division / 1_800_000)
        try bin.tap(bin.resident)
        try bin.drop(portion * steps - drifted, bin.pet)
        #expect(bin.deposits.last?.flags == [.afterRemoval])
        #expect(bin.fold.memory.removed.total.value < division)
    }

    @Test func slowDriftStaysDriftForDays() throws {
        var bin = try BinBench(minimum: 100)
        bin.put(5_000, bin.pet)
        try bin.settle()
        // A division each half hour, for a day.
        for _ in 0..<48 {
            bin.drift[bin.pet, default: 0] -= 5_000
            try bin.wait(5_000)
            bin.pause(1_795_000)
        }
        try bin.wait(20_000)
        #expect(bin.unattributed.dropFirst().allSatisfy { $0.cause == .drift })
    }

    @Test(
        "two grams a second are neither eaten nor paid wrongly, in and out",
        arguments: [5, 10, 20] as [Int64], [false, true])
    func trickle(division: Int64, isConverter: Bool) throws {
        var bin = try BinBench(
            division: division, minimum: 20 * division, idleMs: 60_000,
            converter: isConverter ? { 5_000 + 20 * $0 } : nil)
        if isConverter { try bin.calibrate() }
        try bin.settle()
        // Without a card nothing of it is lost.
        for _ in 0..<200 {
            bin.put(2, bin.pet)
            try bin.wait(1_000)
        }
        try bin.wait(20_000)
        #expect(abs(bin.level(bin.pet) - 400) <= division)
        // In an order all of it is paid, and taken back when it drips out.
        try bin.tap(bin.resident)
        for _ in 0..<200 {
            bin.put(2, bin.pet)
            try bin.wait(1_000)
        }
        try bin.settle()
        for _ in 0..<100 {
            bin.put(-2, bin.pet)
            try bin.wait(1_000)
        }
        try bin.tap(bin.resident)
        try bin.settle()
        let order = try #require(bin.orders.last)
        #expect(abs(order.mass.value - 200) <= division)
        #expect(abs(bin.level(bin.pet) - 600) <= 2 * division)
        // Dripped out without a card it is seen, but for what may be drift: what dripped in before
        // is made good first, so that it is twice the minimum.
        for _ in 0..<300 {
            bin.put(-2, bin.pet)
            try bin.wait(1_000)
        }
        try bin.wait(20_000)
        #expect(abs(bin.level(bin.pet)) <= division)
        let removed = bin.unattributed.filter { $0.cause == .removal }
            .reduce(Int64(0)) { $0 - $1.delta.value }
        #expect(removed >= 600 - 2 * division - 2 * 20 * division)
        guard removed > 0 else { return }
        try bin.tap(bin.neighbour)
        try bin.drop(removed, bin.pet)
        #expect(bin.deposits.last?.flags == [.afterRemoval])
    }
}
