import BinCore
import Records
import Testing

@Suite struct RestartTests {
    private func interrupted() throws -> BinBench {
        var bin = try BinBench()
        bin.put(2_000, bin.film)
        try bin.settle()
        try bin.tap(bin.resident)
        try bin.drop(1_000, bin.pet)
        bin.put(500, bin.pet)
        return bin
    }

    @Test func weightOfTheInterruptedOrderIsCreditedIfNobodyElseCanHaveComeYet() throws {
        var bin = try self.interrupted()
        bin.restart(mayCredit: true, afterMs: 3_000)
        #expect(bin.view.phase == .fault("scales") || bin.view.phase == .fault("starting"))
        try bin.settle()
        #expect(bin.deposits.last?.flags == [.recovered])
        #expect(bin.deposits.last?.mass == Grams(500))
        #expect(bin.orders.map(\.closed) == [.power])
        #expect(bin.orders.first?.mass == Grams(1_500))
        #expect(bin.view.phase == .idle)
    }

    @Test func weightThatMayBeSomebodyElsesIsNobodys() throws {
        var bin = try self.interrupted()
        bin.restart(mayCredit: false, afterMs: 3_600_000)
        try bin.settle()
        #expect(bin.orders.first?.mass == Grams(1_000))
        #expect(bin.unattributed.last?.cause == .powerOff)
        #expect(bin.unattributed.last?.delta == Grams(500))
    }

    @Test func restartingAgainAndAgainChangesNothing() throws {
        var bin = try self.interrupted()
        for _ in 0..<5 {
            bin.restart(mayCredit: true, afterMs: 100)
            try bin.wait(400)
        }
        #expect(bin.orders.isEmpty)
        try bin.settle()
        #expect(bin.orders.first?.mass == Grams(1_500))
        bin.restart(mayCredit: true)
        try bin.settle()
        #expect(bin.orders.count == 1)
    }

    @Test func aCardThatComesDuringRecoveryIsServedAfterIt() throws {
        var bin = try self.interrupted()
        bin.restart(mayCredit: true, afterMs: 1_000)
        try bin.wait(200)
        try bin.tap(bin.resident)
        try bin.settle()
        #expect(bin.orders.map(\.closed) == [.power])
        #expect(bin.laws.openOrders.count == 1)
        try bin.drop(100, bin.pet)
        #expect(bin.deposits.last?.flags == [])
    }

    /// The same, with 300 g more on a scale that doesn't answer since the restart.
    private func halfSilent(afterMs ms: Int64) throws -> BinBench {
        var bin = try self.interrupted()
        bin.put(300, bin.film)
        bin.restart(mayCredit: true, afterMs: 1_000)
        bin.silent = [bin.film]
        try bin.wait(ms)
        return bin
    }

    /// What a scale at rest shows came before the other card; what another will show may be theirs.
    @Test func whatIsWeighedOnlyAfterAnotherCardCameIsNobodys() throws {
        var bin = try self.halfSilent(afterMs: 1_200)
        try bin.tap(bin.neighbour)
        // He doesn't wait until he is greeted.
        bin.put(200, bin.film)
        bin.put(100, bin.pet)
        try bin.wait(6_000)
        bin.silent = []
        try bin.settle()
        #expect(bin.deposits.map(\.mass) == [Grams(1_000), Grams(500)])
        #expect(bin.orders.map(\.mass) == [Grams(1_500)])
        let nobodys = bin.unattributed.filter { $0.cause == .powerOff }.map(\.delta)
        #expect(nobodys.suffix(2).reduce(.zero, +) == Grams(600))
        // Then he is served.
        try bin.drop(400, bin.film)
        #expect(bin.deposits.last?.card == bin.neighbour)
        #expect(bin.deposits.last?.mass == Grams(400))
    }

    /// Its scale delivers late: what came onto it is the order's all the same.
    @Test func itsOwnCardLeavesScalesTheirTime() throws {
        var bin = try self.halfSilent(afterMs: 1_000)
        try bin.tap(bin.resident)
        try bin.wait(6_000)
        bin.silent = []
        try bin.settle()
        let film = bin.deposits.filter { $0.compartment == bin.film }
        #expect(film.map(\.mass) == [Grams(300)])
        #expect(film.allSatisfy { $0.flags.contains(.recovered) })
    }

    @Test func aScaleThatStaysSilentEndsRecoveryAtItsDeadline() throws {
        var bin = try self.interrupted()
        bin.restart(mayCredit: true)
        bin.silent = [bin.film]
        try bin.wait(BinRules.recoverMs - 200)
        #expect(bin.orders.isEmpty)
        try bin.wait(200)
        #expect(bin.orders.first?.mass == Grams(1_500))
    }

    @Test func whatWasTakenOutWhileTheBinWasOffIsSeenWhenItIsDroppedAgain() throws {
        var bin = try self.interrupted()
        try bin.settle()
        bin.put(-1_500, bin.pet)
        bin.restart(mayCredit: false, afterMs: 60_000)
        try bin.settle()
        #expect(bin.unattributed.last?.cause == .powerOff)
        try bin.tap(bin.neighbour)
        try bin.drop(1_500, bin.pet)
        #expect(bin.deposits.last?.flags == [.afterRemoval])
    }

    @Test func whatAnOrderOwesSurvivesARestart() throws {
        var bin = try BinBench()
        bin.put(5_000, bin.pet)
        try bin.settle()
        try bin.tap(bin.resident)
        try bin.drop(-1_000, bin.pet)
        bin.put(1_000, bin.pet)
        bin.restart(mayCredit: true, afterMs: 500)
        try bin.settle()
        #expect(bin.orders.first?.value == .zero)
    }

    @Test func anotherDivisionBringsTheLevelBackToItsGrid() throws {
        var bin = try BinBench(division: 5)
        try bin.settle()
        try bin.tap(bin.resident)
        try bin.drop(305, bin.pet)
        try bin.tap(bin.resident)
        let coarse = try BinBench(division: 10)
        bin.restart(mayCredit: false, rules: coarse.rules)
        try bin.settle()
        #expect(bin.unattributed.last?.cause == .calibration)
        #expect(bin.unattributed.last?.after == Grams(310))
        try bin.tap(bin.resident)
        try bin.drop(400, bin.pet)
        #expect(bin.deposits.last?.after == Grams(710))
    }

    @Test(
        "what came meanwhile is credited only if certainly no more than the idle time went by",
        arguments: [
            (1, 1, 30_000, ClockState.unset, true), (1, 1, 30_001, .unset, false),
            (1, 2, 30_000, .synced, true), (1, 2, 30_001, .synced, false),
            (1, 2, -1, .synced, false), (1, 2, 1_000, .holdover, false),
        ] as [(Int64, Int64, Int64, ClockState, Bool)])
    func mayCredit(
        lastBoot: Int64, nowBoot: Int64, awayMs: Int64, clock: ClockState, isCredited: Bool
    ) {
        func recorded(_ boot: Int64, _ ms: Int64) -> BinMemory.Recorded {
            let up = BootInstant(milliseconds: 50_000 + ms)
            let at = WallTime(millisecondsSince1970: 1_790_000_000_000 + ms)
            return BinMemory.Recorded(
                boot: boot, moment: Moment(up: up, at: at, clock: clock))
        }
        let last = recorded(lastBoot, 0)
        let now = recorded(nowBoot, awayMs)
        #expect(BinMemory.mayCredit(last: last, now: now, idleMs: 30_000) == isCredited)
    }
}
