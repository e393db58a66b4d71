import BinCore
import Records
import Testing

@Suite struct OrderTests {
    @Test func aTapADropAndATapAreAnOrder() throws {
        var bin = try BinBench()
        try bin.settle()
        try bin.tap(bin.resident)
        #expect(bin.view.phase == .greeting)
        try bin.drop(1_240, bin.pet)
        let deposit = try #require(bin.deposits.first)
        #expect(bin.view.phase == .deposited(deposit))
        #expect((deposit.before, deposit.after) == (Grams(0), Grams(1_240)))
        #expect(deposit.value == MicroYuan(3_472_000))  // 1,240 g × 2,800 CNY/t
        #expect(deposit.co2e == MilligramsCO2e(1_443_360))  // 1,240 g × 1,164 kg/t
        #expect(deposit.flags == [])
        try bin.tap(bin.resident)
        let order = try #require(bin.orders.first)
        #expect(order.closed == .tap)
        #expect(order.mass == Grams(1_240))
        #expect(bin.view.phase == .thanks(order))
        try bin.wait(BinRules.thanksMs)
        #expect(bin.view.phase == .idle)
    }

    @Test func severalCompartmentsAtOnceAreDepositsOfOneOrder() throws {
        var bin = try BinBench()
        try bin.settle()
        try bin.tap(bin.resident)
        bin.put(300, bin.pet)
        bin.put(700, bin.film)
        try bin.settle()
        #expect(Set(bin.deposits.map(\.compartment)) == [bin.pet, bin.film])
        #expect(bin.deposits.first { $0.compartment == bin.film }?.flags == [.noFactor])
        try bin.tap(bin.resident)
        #expect(bin.orders.first?.value == MicroYuan(300 * 2800 + 700 * 900))
    }

    @Test func idleTimeSettlesExactlyWhenItIsOver() throws {
        var bin = try BinBench(idleMs: 30_000)
        try bin.settle()
        bin.silent = [bin.film]
        try bin.tap(bin.resident)
        try bin.wait(29_999)
        #expect(bin.orders.isEmpty)
        try bin.wait(1)
        #expect(bin.orders.first?.closed == .idle)
    }

    /// As after a program was held up: the first that is seen again is somebody else's bag.
    @Test func whatIsFirstSeenAfterTheIdleTimeIsNotTheOrders() throws {
        var bin = try BinBench(idleMs: 10_000)
        try bin.settle()
        try bin.tap(bin.resident)
        try bin.drop(100, bin.pet)
        bin.pause(10_000)
        bin.put(900, bin.pet)
        try bin.settle()
        #expect(bin.orders.first?.closed == .idle)
        #expect(bin.orders.first?.mass == Grams(100))
        #expect(bin.unattributed.map(\.cause) == [.noCard])
    }

    @Test func aDropStartsTheIdleTimeAnew() throws {
        var bin = try BinBench(idleMs: 10_000)
        try bin.settle()
        try bin.tap(bin.resident)
        try bin.wait(9_000)
        try bin.drop(100, bin.pet)
        try bin.wait(9_000)
        #expect(bin.orders.isEmpty)
        try bin.wait(2_000)
        #expect(bin.orders.first?.closed == .idle)
    }

    @Test func aBinThatTremblesAllDayIsSettledAllTheSame() throws {
        var bin = try BinBench(idleMs: 10_000)
        try bin.settle()
        try bin.tap(bin.resident)
        bin.shaking[bin.pet] = [0, 400_000]
        try bin.wait(BinRules.longestMs + BinRules.settleMs + 1_000)
        #expect(bin.orders.first?.closed == .idle)
    }

    @Test func anotherCardSettlesAndOpensItsOwnOrder() throws {
        var bin = try BinBench()
        try bin.settle()
        try bin.tap(bin.resident)
        try bin.drop(100, bin.pet)
        try bin.tap(bin.neighbour)
        #expect(bin.orders.first?.closed == .nextCard)
        try bin.drop(200, bin.pet)
        #expect(bin.deposits.map(\.card) == [bin.resident, bin.neighbour])
        #expect(bin.laws.openOrders.count == 1)
    }

    @Test func whatStillMovesAtTheTapIsWaitedForAndCredited() throws {
        var bin = try BinBench()
        try bin.settle()
        try bin.tap(bin.resident)
        try bin.wait(2_000)
        bin.put(500, bin.pet)
        try bin.wait(200)
        try bin.tap(bin.resident)
        #expect(bin.orders.isEmpty)
        try bin.settle()
        #expect(bin.orders.first?.mass == Grams(500))
        #expect(bin.deposits.first?.flags == [])
    }

    @Test func whatNeverSettlesIsRecordedAtItsLowestAndTheRestIsNobodys() throws {
        var bin = try BinBench()
        try bin.settle()
        try bin.tap(bin.resident)
        bin.put(500, bin.pet)
        bin.shaking[bin.pet] = [-40_000, 90_000]
        try bin.wait(1_600)
        try bin.tap(bin.resident)
        try bin.wait(2_000)
        try bin.tap(bin.neighbour)
        try bin.wait(BinRules.settleMs)
        let deposit = try #require(bin.deposits.first)
        #expect(deposit.mass == Grams(460))
        #expect(deposit.flags == [.unstable])
        #expect(deposit.value == .zero)
        bin.shaking = [:]
        try bin.settle()
        #expect(bin.unattributed.last?.delta == Grams(40))
        #expect(bin.deposits.count == 1)
    }

    @Test func aCardThatIsReadAgainAtOnceIsOneTap() throws {
        var bin = try BinBench()
        try bin.settle()
        try bin.tap(bin.resident)
        try bin.wait(BinRules.repeatMs - 1)
        try bin.tap(bin.resident)
        #expect(bin.orders.isEmpty)
        try bin.wait(BinRules.repeatMs)
        try bin.tap(bin.resident)
        try bin.settle()
        #expect(bin.orders.count == 1)
    }

    @Test func aSilentScaleDoesNotHoldUpASettlement() throws {
        var bin = try BinBench()
        try bin.settle()
        try bin.tap(bin.resident)
        try bin.drop(100, bin.pet)
        bin.silent = [bin.film]
        try bin.wait(2_000)
        try bin.tap(bin.resident)
        #expect(bin.orders.count == 1)
    }

    @Test func theFirstCardThatWaitsIsServedAndTheThirdIsToldThatTheBinIsBusy() throws {
        var bin = try BinBench()
        let third = try card("uid:0BADCAFE")
        try bin.settle()
        try bin.tap(bin.resident)
        try bin.wait(2_000)
        bin.put(500, bin.pet)
        try bin.wait(200)
        try bin.tap(bin.resident)
        try bin.tap(bin.neighbour)
        try bin.tap(bin.resident)
        try bin.tap(third)
        #expect(bin.refused == [.busy])
        try bin.settle()
        #expect(bin.orders.first?.card == bin.resident)
        try bin.drop(300, bin.pet)
        #expect(bin.deposits.last?.card == bin.neighbour)
    }

    @Test(
        "a card that may not open an order is refused, and disturbs none",
        arguments: [
            (Role.blocked, RefusedFact.Reason.blocked), (.technician, .role), (.inspector, .role),
        ])
    func refuses(role: Role, reason: RefusedFact.Reason) throws {
        var bin = try BinBench()
        try bin.settle()
        try bin.tap(bin.neighbour, role: role)
        #expect(bin.refused == [reason])
        #expect(bin.view.phase == .refused(reason))
        try bin.tap(bin.resident)
        try bin.drop(100, bin.pet)
        try bin.tap(bin.neighbour, role: role)
        try bin.wait(BinRules.refusedMs)
        #expect(bin.orders.isEmpty)
        try bin.tap(bin.resident)
        #expect(bin.orders.first?.closed == .tap)
    }

    @Test func unknownCardsAreAcceptedAndFlaggedOrRefusedAsThePolicySays() throws {
        var bin = try BinBench()
        try bin.settle()
        try bin.tap(bin.neighbour, role: .unknown)
        try bin.drop(100, bin.pet)
        #expect(bin.deposits.first?.flags == [.cardUnknown])
        try bin.tap(bin.neighbour, role: .unknown)
        var strict = bin.rates
        strict.policy.acceptsUnknownCards = false
        bin.use(strict)
        try bin.wait(5_000)
        try bin.tap(bin.neighbour, role: .unknown)
        #expect(bin.refused == [.unknownCard])
    }

    @Test func withoutAnyScaleNoOrderIsOpened() throws {
        var bin = try BinBench()
        bin.silent = [bin.pet, bin.film]
        try bin.settle()
        #expect(bin.view.phase == .fault("scales"))
        try bin.tap(bin.resident)
        #expect(bin.refused == [.outOfService])
    }

    @Test func stoppingSettlesWithWhatIsCertain() throws {
        var bin = try BinBench()
        try bin.settle()
        try bin.send(.stopping)
        #expect(bin.facts.isEmpty)
        try bin.tap(bin.resident)
        try bin.drop(100, bin.pet)
        try bin.send(.stopping)
        #expect(bin.orders.first?.closed == .service)
        #expect(bin.laws.openOrders.isEmpty)
    }
}
