import BinCore
import Testing

@Suite struct WithoutOrderTests {
    @Test(
        "what changes without a card is nobody's, and says why",
        arguments: [
            (500, .noCard), (-500, .removal), (15, .drift), (-15, .removal), (-10, .removal),
            (-5, .drift),
        ] as [(Int64, UnattributedFact.Cause)])
    func tellsTheCause(grams: Int64, cause: UnattributedFact.Cause) throws {
        var bin = try BinBench()
        bin.put(1_000, bin.pet)
        try bin.settle()
        #expect(bin.unattributed.map(\.cause) == [.powerOff])
        try bin.wait(BinRules.unattributedMs)
        try bin.drop(grams, bin.pet)
        #expect(bin.unattributed.last?.cause == cause)
        #expect(bin.unattributed.last?.delta == Grams(grams))
    }

    /// The smallest load of a scale of 60 kg and 20 g is 400 g: as much as ten bottles.
    @Test func whatIsTakenOutBelowTheMinimumIsSeenWhenItIsDroppedAgain() throws {
        var bin = try BinBench(division: 20, minimum: 400)
        bin.put(5_000, bin.pet)
        try bin.settle()
        try bin.wait(BinRules.unattributedMs)
        try bin.drop(-300, bin.pet)
        #expect(bin.unattributed.last?.cause == .removal)
        try bin.wait(BinRules.unattributedMs)
        try bin.tap(bin.resident)
        try bin.drop(500, bin.pet)
        #expect(bin.deposits.map(\.flags) == [[.afterRemoval]])
    }

    /// What was lifted and hung back, or was a technician's, says nothing of what drifts later.
    @Test("A loss that is over is forgotten", arguments: [false, true])
    func forgets(isService: Bool) throws {
        var bin = try BinBench(converter: isService ? { 5_000 + 20 * $0 } : nil)
        if isService { try bin.calibrate() }
        bin.put(3_000, bin.pet)
        try bin.wait(20_000)
        if isService {
            try bin.calibrate(bin.pet, .span(reference: Grams(3_000)))
            try bin.settle()
        }
        try bin.drop(-1_000, bin.pet)
        if isService { bin.pause(BinRules.serviceMs) } else { try bin.drop(1_000, bin.pet) }
        try bin.wait(20_000)
        bin.drift[bin.pet] = -5_000
        try bin.wait(20_000)
        #expect(bin.unattributed.last?.cause == .drift)
        #expect(bin.unattributed.last?.delta == Grams(-5))
    }

    @Test func whatDriesIsDrift() throws {
        var bin = try BinBench()
        bin.put(1_000, bin.pet)
        try bin.settle()
        for _ in 0..<40 {
            bin.loads[bin.pet, default: 0] -= 1_000
            try bin.wait(600_000)
        }
        #expect(bin.unattributed.dropFirst().allSatisfy { $0.cause == .drift })
        #expect(bin.unattributed.count > 3)
    }

    @Test func whatLiesBelowADivisionIsNoRecord() throws {
        var bin = try BinBench()
        try bin.settle()
        bin.loads[bin.pet] = 4_999
        try bin.wait(60_000)
        #expect(bin.facts.isEmpty)
    }

    @Test func aTremblingBinDoesNotFillItsJournal() throws {
        var bin = try BinBench()
        try bin.settle()
        for round in 0..<30 {
            bin.put(round % 2 == 0 ? 300 : -300, bin.pet)
            try bin.wait(2_000)
        }
        #expect(bin.facts.count <= 60_000 / Int(BinRules.unattributedMs) + 1)
    }

    @Test func aTapBooksWhatWasNobodysBefore() throws {
        var bin = try BinBench()
        try bin.settle()
        try bin.drop(300, bin.pet)
        try bin.drop(300, bin.pet)
        try bin.tap(bin.resident)
        try bin.drop(100, bin.pet)
        #expect(bin.unattributed.map(\.delta) == [Grams(300), Grams(300)])
        #expect(bin.deposits.map(\.mass) == [Grams(100)])
    }

    /// The record of what came second is put off for ten seconds; a crumb falls as the card taps.
    @Test(
        "what was at rest before a tap isn't the tapper's, though it moves again",
        arguments: [600, -300] as [Int64])
    func isNotTheTappers(grams: Int64) throws {
        var bin = try BinBench()
        bin.put(1_000, bin.pet)
        try bin.wait(BinRules.unattributedMs)
        try bin.drop(25, bin.pet)
        bin.put(grams, bin.pet)
        try bin.wait(6_000)
        #expect(bin.unattributed.last?.delta == Grams(25))
        bin.put(6, bin.pet)
        try bin.wait(200)
        try bin.tap(bin.resident)
        #expect(bin.unattributed.last?.delta == Grams(grams))
        let records = bin.unattributed.count
        try bin.drop(100, bin.pet)
        try bin.tap(bin.resident)
        try bin.settle()
        let mass = try #require(bin.orders.first).mass
        #expect((Grams(100)...Grams(110)).contains(mass))
        #expect(bin.unattributed.count == records)
    }

    @Test("what was taken out and comes back is seen, whoever was there meanwhile")
    func isSeenAfterACollection() throws {
        var bin = try BinBench()
        let collector = try card("uid:04C0FFEE")
        bin.put(3_000, bin.pet)
        try bin.wait(BinRules.unattributedMs)
        try bin.drop(-500, bin.pet)
        try bin.tap(collector, role: .collector)
        try bin.drop(-2_500, bin.pet)
        try bin.tap(collector, role: .collector)
        try bin.settle()
        #expect(bin.collections.map(\.removed) == [Grams(2_500)])
        bin.restart(mayCredit: false, afterMs: 5_000)
        try bin.settle()
        for _ in 0..<2 {
            try bin.tap(bin.resident)
            try bin.drop(500, bin.pet)
            try bin.tap(bin.resident)
            try bin.settle()
        }
        #expect(bin.deposits.map(\.flags) == [[.afterRemoval], []])
    }

    @Test func aCollectorEmptiesAndLeavesWithAnotherCardWaiting() throws {
        var bin = try BinBench()
        let collector = try card("uid:04C0FFEE")
        bin.put(3_000, bin.pet)
        try bin.settle()
        try bin.tap(collector, role: .collector)
        #expect(bin.view.phase == .collecting)
        try bin.tap(bin.neighbour, role: .blocked)
        #expect(bin.refused == [.blocked])
        bin.put(-3_000, bin.pet)
        try bin.wait(400)
        try bin.tap(bin.resident)
        try bin.settle()
        #expect(bin.collections.map(\.removed) == [Grams(3_000)])
        try bin.drop(200, bin.pet)
        #expect(bin.deposits.map(\.flags) == [[]])
        #expect(bin.deposits.first?.card == bin.resident)
    }

    @Test func aBucketThatIsHungBackAfterTheCollectorLeftWasCollected() throws {
        var bin = try BinBench()
        let collector = try card("uid:04C0FFEE")
        bin.put(3_000, bin.pet)
        try bin.settle()
        try bin.tap(collector, role: .collector)
        // The bucket itself weighs more than what lies in it.
        bin.put(-5_000, bin.pet)
        try bin.wait(3_000)
        try bin.tap(collector, role: .collector)
        try bin.wait(20_000)
        #expect(bin.view.phase == .idle)
        bin.put(2_000, bin.pet)
        try bin.wait(20_000)
        #expect(bin.collections.map(\.removed) == [Grams(3_000)])
        #expect(bin.collections.map(\.card) == [collector])
        try bin.tap(bin.resident)
        try bin.drop(200, bin.pet)
        #expect(bin.deposits.map(\.flags) == [[]])
    }

    @Test func aCollectionWithTheBucketLeftOffEndsToo() throws {
        var bin = try BinBench()
        let collector = try card("uid:04C0FFEE")
        bin.put(3_000, bin.pet)
        try bin.settle()
        try bin.tap(collector, role: .collector)
        bin.put(-5_000, bin.pet)
        try bin.wait(BinRules.longestMs - 10_000)
        #expect(bin.view.phase == .collecting)
        try bin.wait(20_000)
        #expect(bin.view.phase != .collecting)
    }

    @Test func aCollectionEndsByItselfAndWhatIsAddedIsNobodys() throws {
        var bin = try BinBench(idleMs: 10_000)
        let collector = try card("uid:04C0FFEE")
        try bin.settle()
        try bin.tap(collector, role: .collector)
        try bin.drop(500, bin.pet)
        try bin.wait(20_000)
        #expect(bin.view.phase == .idle)
        #expect(bin.unattributed.map(\.cause) == [.noCard])
        #expect(bin.collections.isEmpty)
    }
}
