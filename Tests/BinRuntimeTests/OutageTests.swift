import BinCore
import Records
import Synchronization
import Testing

@testable import BinRuntime

/// What becomes of residents while the medium refuses records.
@Suite struct OutageTests {
    private func deposits(_ bench: BinBench) -> [DepositFact] {
        bench.journal.facts.compactMap { if case .deposit(let fact) = $0 { fact } else { nil } }
    }

    private func orders(_ bench: BinBench) -> [OrderFact] {
        bench.journal.facts.compactMap { if case .order(let fact) = $0 { fact } else { nil } }
    }

    private func nobodys(_ bench: BinBench) -> [UnattributedFact] {
        bench.journal.facts.compactMap {
            if case .unattributed(let fact) = $0 { fact } else { nil }
        }
    }

    @Test func theDropThatWasRefusedIsTheOrdersWhenATickFindsTheMediumWell() async throws {
        let bench = try BinBench(idleSeconds: 30)
        let loop = bench.loop()
        try bench.openOrder(on: loop)
        bench.setRefusing(true)
        bench.weigh(1_000, on: loop)
        #expect(self.deposits(bench).isEmpty)
        bench.setRefusing(false)
        // No reading comes any more: the scale's bus is gone, too.
        bench.clock.advance(byMs: 20_000)
        loop.take(.tick)
        #expect(self.deposits(bench).map(\.mass) == [Grams(1_000)])
        #expect(self.orders(bench).isEmpty)
    }

    /// An order is open, and what was dropped has just begun to swing.
    private func swinging() throws -> (BinBench, BinLoop) {
        let bench = try BinBench(idleSeconds: 30)
        let loop = bench.loop()
        try bench.openOrder(on: loop)
        bench.weigh(0, on: loop)
        bench.clock.advance(byMs: 200)
        loop.take(.hardware(.reading(scale: bench.scale, bench.reading(1_000))))
        return (bench, loop)
    }

    /// Somebody taps to leave while the last drop still swings, and the medium stalls just then.
    @Test func anOrderThatIsBeingClosedWaitsForTheOutageToEnd() async throws {
        let (bench, loop) = try self.swinging()
        try bench.tap(on: loop)
        bench.setRefusing(true)
        bench.clock.step(byMs: 3_600_000)  // The record that is refused is this step's.
        for _ in 0..<8 { bench.weigh(1_000, on: loop) }
        bench.setRefusing(false)
        for _ in 0..<2 { bench.weigh(1_000, on: loop) }
        #expect(self.deposits(bench).map(\.mass) == [Grams(1_000)])
        #expect(self.deposits(bench).first?.flags.contains(.unstable) == false)
        #expect(self.orders(bench).map(\.closed) == [.tap])
        #expect(self.nobodys(bench).isEmpty)
    }

    /// Nobody came since it happened, so nothing had to be recorded.
    @Test func aMediumThatGoesBadWhileNobodyComesIsFoundOut() async throws {
        let bench = try BinBench()
        let shown = Mutex<BinView?>(nil)
        let loop = bench.loop(publish: { news in shown.withLock { $0 = news.view } })
        try loop.begin()
        bench.weigh(0, on: loop)
        bench.setRefusing(true)
        bench.clock.advance(byMs: StorageWatch.quietMs - 10_000)
        bench.weigh(0, on: loop)
        #expect(shown.withLock { $0?.phase } == .idle)
        bench.clock.advance(byMs: 10_000)
        bench.weigh(0, on: loop)
        #expect(shown.withLock { $0?.phase } == .fault("storage"))
        bench.setRefusing(false)
        bench.clock.advance(byMs: 2_000)
        bench.weigh(0, on: loop)
        #expect(shown.withLock { $0?.phase } == .idle)
        // While it takes records, or is well, it is not tried again and again.
        let probes = bench.journal.state.withLock { $0.probes }
        for _ in 0..<10 { bench.weigh(0, on: loop) }
        #expect(bench.journal.state.withLock { $0.probes } == probes)
    }

    /// A database was set aside, or the card was cloned: it goes on, and says so on screen and
    /// lights.
    @Test(arguments: ["storage set-aside", "uplink forked"])
    func aTechnicianIsCalledWhereTheBinGoesOn(source: String) throws {
        let bench = try BinBench()
        let shown = Mutex<BinView?>(nil)
        let loop = bench.loop(publish: { news in shown.withLock { $0 = news.view } })
        try loop.begin()
        bench.weigh(0, on: loop)
        #expect(shown.withLock { $0?.needsService } == false)
        let fault = FaultFact(source: source, code: "damaged", detail: "")
        loop.take(.hardware(.failed(fault, at: bench.clock.now())))
        bench.weigh(0, on: loop)
        #expect(shown.withLock { $0?.needsService } == true)
        #expect(shown.withLock { $0?.phase } == .idle)
    }

    /// Lids that open leave no record by themselves.
    @Test func aCollectorIsLetInOnlyIfWhatIsTakenCanBeRecorded() async throws {
        let bench = try BinBench()
        let shown = Mutex<BinView?>(nil)
        let loop = bench.loop(publish: { news in shown.withLock { $0 = news.view } })
        try loop.begin()
        bench.weigh(1_000, on: loop)
        bench.journal.state.withLock { $0.role = .collector }
        bench.setRefusing(true)
        try bench.tap(on: loop)
        #expect(shown.withLock { $0?.phase } == .fault("storage"))
        bench.setRefusing(false)
        bench.clock.advance(byMs: 2_000)
        bench.weigh(1_000, on: loop)
        try bench.tap(on: loop)
        #expect(shown.withLock { $0?.phase } == .collecting)
    }

    @Test func anOrderIsNotIdleWhileNothingCanBeRecorded() async throws {
        let bench = try BinBench(idleSeconds: 30)
        let loop = bench.loop()
        try bench.openOrder(on: loop)
        bench.clock.advance(byMs: 10_000)
        bench.setRefusing(true)
        bench.weigh(1_000, on: loop)
        for _ in 0..<14 { bench.weigh(1_000, on: loop) }
        bench.setRefusing(false)
        bench.weigh(2_000, on: loop)
        bench.weigh(2_000, on: loop)
        #expect(self.deposits(bench).map(\.mass) == [Grams(1_000), Grams(1_000)])
        #expect(self.orders(bench).isEmpty)
    }

    @Test func whatComesInALongOutageIsNobodysAndWhatCameBeforeIsTheOrders() async throws {
        let bench = try BinBench(idleSeconds: 30)
        let loop = bench.loop()
        try bench.openOrder(on: loop)
        bench.setRefusing(true)
        bench.weigh(1_000, on: loop)
        for _ in 0..<40 { bench.weigh(3_000, on: loop) }
        bench.setRefusing(false)
        for _ in 0..<3 { bench.weigh(3_000, on: loop) }
        #expect(self.deposits(bench).map(\.mass) == [Grams(1_000)])
        #expect(self.orders(bench).map(\.mass) == [Grams(1_000)])
        #expect(self.orders(bench).map(\.closed) == [.idle])
        #expect(self.nobodys(bench).map(\.delta) == [Grams(2_000)])
        #expect(self.nobodys(bench).map(\.cause) == [.noCard])
    }

    /// The other one was told that nothing is taken, and dropped it all the same.
    @Test("what another card brought in an outage is nobody's", arguments: [false, true])
    func anotherCard(isOther: Bool) async throws {
        let bench = try BinBench(idleSeconds: 30)
        let loop = bench.loop()
        try bench.openOrder(on: loop)
        bench.setRefusing(true)
        bench.weigh(1_000, on: loop)
        try bench.tap(isOther ? "uid:04D4E5F6" : "uid:04A1B2C3", on: loop)
        bench.setRefusing(false)
        for _ in 0..<3 { bench.weigh(3_000, on: loop) }
        let paid: [Int64] = isOther ? [1_000] : [1_000, 2_000]
        #expect(self.deposits(bench).map(\.mass) == paid.map(Grams.init))
        #expect(self.orders(bench).count == (isOther ? 1 : 0))
        #expect(self.nobodys(bench).map(\.delta) == (isOther ? [Grams(2_000)] : []))
    }

    /// He tapped before it began, and once more meanwhile.
    @Test func aCardThatWaitedIsNobodyElse() async throws {
        let (bench, loop) = try self.swinging()
        try bench.tap("uid:04D4E5F6", on: loop)
        bench.setRefusing(true)
        bench.weigh(1_000, on: loop)
        try bench.tap("uid:04D4E5F6", on: loop)
        bench.setRefusing(false)
        bench.weigh(1_000, on: loop)
        #expect(self.deposits(bench).map(\.mass) == [Grams(1_000)])
        #expect(self.orders(bench).map(\.closed) == [.nextCard])
        for _ in 0..<2 { bench.weigh(3_000, on: loop) }
        #expect(self.deposits(bench).last?.card == (try card("uid:04D4E5F6")))
        #expect(self.deposits(bench).last?.mass == Grams(2_000))
    }

    @Test func anOutageSoonAfterAnotherIsRecordedLater() async throws {
        let bench = try BinBench()
        let loop = bench.loop()
        try loop.begin()
        for _ in 0..<2 {
            bench.setRefusing(true)
            bench.clock.step(byMs: 3_600_000)  // The record that is refused is this step's.
            bench.weigh(0, on: loop)
            bench.setRefusing(false)
            bench.clock.advance(byMs: 2_000)
            bench.weigh(0, on: loop)
        }
        func outages() -> Int {
            bench.journal.facts.count { fact in
                if case .fault(let fault) = fact { fault.source == "journal" } else { false }
            }
        }
        #expect(outages() == 1)
        bench.clock.advance(byMs: FaultLedger.everyMs)
        bench.weigh(0, on: loop)
        #expect(outages() == 2)
        bench.clock.advance(byMs: FaultLedger.everyMs)
        bench.weigh(0, on: loop)
        #expect(outages() == 2)
    }

    @Test func aCollectionInAnOutageIsNoRemoval() async throws {
        let bench = try BinBench(idleSeconds: 30)
        let loop = bench.loop()
        bench.weigh(5_000, on: loop)
        bench.journal.state.withLock { $0.role = .collector }
        try bench.tap(on: loop)
        bench.weigh(5_000, on: loop)
        bench.clock.advance(byMs: 200)
        loop.take(.hardware(.reading(scale: bench.scale, bench.reading(2_000))))
        try bench.tap(on: loop)  // He leaves, and the scale swings yet.
        bench.setRefusing(true)
        bench.clock.step(byMs: 3_600_000)
        for _ in 0..<8 { bench.weigh(0, on: loop) }
        bench.setRefusing(false)
        for _ in 0..<2 { bench.weigh(0, on: loop) }
        let collected = bench.journal.facts.compactMap { fact in
            if case .collection(let fact) = fact { fact.before - fact.after } else { nil }
        }
        #expect(collected == [Grams(5_000)])
        // What lay there at the start.
        #expect(self.nobodys(bench).map(\.cause) == [.powerOff])
    }

    @Test func piecesThatFellInAnOutageArePaidOnce() async throws {
        let bench = try BinBench(idleSeconds: 30)
        let loop = bench.loop()
        try bench.openOrder(on: loop)
        loop.take(.hardware(.pieces(compartment: bench.scale, 2, at: bench.clock.now())))
        bench.setRefusing(true)
        bench.weigh(1_000, on: loop)
        loop.take(.hardware(.pieces(compartment: bench.scale, 3, at: bench.clock.now())))
        bench.setRefusing(false)
        bench.clock.advance(byMs: 2_000)
        for _ in 0..<2 { bench.weigh(2_000, on: loop) }
        #expect(self.deposits(bench).map(\.pieces) == [5, 0])
    }

    @Test func theResidentIsShownBeforeAnythingElseIsDone() async throws {
        let bench = try BinBench()
        let loop = bench.loop()
        try bench.openOrder(on: loop)
        let fault = FaultFact(source: "scale film", code: "no-reply", detail: "")
        bench.setRefusing(true)
        loop.take(.hardware(.failed(fault, at: bench.clock.now())))
        bench.setRefusing(false)
        bench.clock.advance(byMs: 2_000)
        bench.weigh(1_000, on: loop)
        let durable = bench.story.index { if case .durable(.deposit) = $0 { true } else { false } }
        let shown = bench.story.index {
            if case .shown(let view) = $0, case .deposited = view.phase { true } else { false }
        }
        let number = try #require(
            bench.journal.facts.firstIndex { if case .deposit = $0 { true } else { false } })
        let through = RecordNumber(number) + 1
        let told = bench.story.index { $0 == .told(through: through, isSettled: false) }
        #expect(try #require(durable) < #require(shown))
        #expect(try #require(shown) < #require(told))
    }

    @Test func aFaultIsRecordedAfterTheDepositOfTheSameTurnIsShown() async throws {
        let bench = try BinBench()
        let loop = bench.loop()
        try bench.openOrder(on: loop)
        for _ in 0..<5 {
            bench.clock.advance(byMs: 200)
            loop.take(.hardware(.reading(scale: bench.scale, bench.reading(1_000))))
        }
        // The next reading makes the weight stable, and is the first to find the medium short.
        bench.clock.advance(byMs: 200)
        let shortage = FaultFact(source: "storage space", code: "full", detail: "")
        bench.journal.state.withLock { $0.shortage = shortage }
        bench.clock.advance(byMs: 900)
        for _ in 0..<8 {
            bench.clock.advance(byMs: 200)
            loop.take(.hardware(.reading(scale: bench.scale, bench.reading(1_000))))
        }
        let shown = bench.story.index {
            if case .shown(let view) = $0, case .deposited = view.phase { true } else { false }
        }
        let deposit = bench.story.index { if case .durable(.deposit) = $0 { true } else { false } }
        let after = try #require(shown) - #require(deposit)
        #expect(after == 1, "nothing happens between a commit and its feedback")
        #expect(bench.journal.facts.contains(.fault(shortage)))
    }
}
