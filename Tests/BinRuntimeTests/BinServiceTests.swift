import BinCore
import Logging
import Records
import ServiceLifecycle
import Synchronization
import Testing

@testable import BinRuntime

@Suite(.timeLimit(.minutes(1)))
struct BinServiceTests {
    /// Runs the bin's loop while `body` drives it.
    private func running(
        _ bench: BinBench, _ body: (inout Driver) async throws -> Void
    ) async throws {
        let group = ServiceGroup(
            services: [bench.bin], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        async let run: Void = group.run()
        var driver = Driver(bench: bench, events: bench.story.events.makeAsyncIterator())
        await driver.nextView()
        try await body(&driver)
        await group.triggerGracefulShutdown()
        try await run
    }

    /// Sends one input at a time and waits until its turn is over.
    private struct Driver {
        let bench: BinBench
        var events: AsyncStream<Story.Event>.Iterator

        /// Each turn of the loop ends with a view.
        @discardableResult
        mutating func nextView() async -> BinView? {
            while let event = await self.events.next() {
                if case .shown(let view) = event { return view }
            }
            return nil
        }

        @discardableResult
        mutating func send(_ event: HardwareEvent) async -> BinView? {
            self.bench.bin.receive(event)
            return await self.nextView()
        }

        /// Readings for a second and a half, so that the weight is stable.
        @discardableResult
        mutating func weigh(_ grams: Int64) async -> BinView? {
            var view: BinView?
            for _ in 0..<8 {
                self.bench.clock.advance(byMs: 200)
                let reading = Reading(
                    mass: Grams(grams).milligrams, isStable: nil, condition: .normal,
                    at: self.bench.clock.now())
                view = await self.send(.reading(scale: self.bench.scale, reading))
            }
            return view
        }

        mutating func tap(_ text: String) async throws {
            self.bench.clock.advance(byMs: 2_000)
            let now = self.bench.clock.now()
            let card = try card(text)
            await self.weigh(0)
            await self.send(.presented(reader: self.bench.reader, card: card, at: now))
        }
    }

    private func deposit(in facts: [Fact]) -> DepositFact? {
        facts.compactMap { if case .deposit(let deposit) = $0 { deposit } else { nil } }.first
    }

    @Test func theDaemonsStartIsTheFirstRecord() async throws {
        let bench = try BinBench()
        try await self.running(bench) { _ in }
        #expect(bench.journal.facts == [.boot(BootFact(version: "0", config: "c", reason: .power))])
    }

    @Test func aDepositIsShownOnlyAfterItIsDurable() async throws {
        let bench = try BinBench()
        try await self.running(bench) { driver in
            try await driver.tap("uid:04A1B2C3")
            let view = await driver.weigh(1_000)
            guard case .deposited(let shown)? = view?.phase else {
                Issue.record("no deposit was shown")
                return
            }
            #expect(shown.mass == Grams(1_000))
        }
        let durable = bench.story.index { if case .durable(.deposit) = $0 { true } else { false } }
        let shown = bench.story.index {
            if case .shown(let view) = $0, case .deposited = view.phase { true } else { false }
        }
        #expect(try #require(durable) < #require(shown))
    }

    @Test func whatTheMediumRefusesIsNotShownAndIsRecordedLater() async throws {
        let bench = try BinBench()
        try await self.running(bench) { driver in
            try await driver.tap("uid:04A1B2C3")
            bench.journal.state.withLock { $0.refuses = true }
            let refused = await driver.weigh(1_000)
            #expect(refused?.phase == .fault("storage"))
            #expect(bench.bin.condition.faults["journal"]?.code == "storage")
            #expect(self.deposit(in: bench.journal.facts) == nil)
            bench.journal.state.withLock { $0.refuses = false }
            bench.clock.advance(byMs: 3_000)
            await driver.weigh(1_000)
            #expect(self.deposit(in: bench.journal.facts)?.mass == Grams(1_000))
            #expect(bench.bin.condition.faults["journal"] == nil)
        }
    }

    /// Either way: a time server may find the clock ahead.
    @Test(
        "A step of the clock is recorded before what comes next",
        arguments: [3_600_000, -3_600_000, -40_000_000_000] as [Int64])
    func step(byMs ms: Int64) async throws {
        let bench = try BinBench()
        try await self.running(bench) { driver in
            await driver.weigh(0)
            bench.clock.step(byMs: ms)
            try await driver.tap("uid:04A1B2C3")
        }
        let kinds = bench.journal.facts.map { fact in
            switch fact {
            case .boot: "boot"
            case .clock: "clock"
            case .opened: "opened"
            default: "other"
            }
        }
        #expect(kinds.prefix(3) == ["boot", "clock", "opened"])
        guard case .clock(let step)? = bench.journal.facts.dropFirst().first else { return }
        let span = step.to.millisecondsSince1970 - step.from.millisecondsSince1970
        #expect(span == ms)
    }

    @Test func aStepOfTheClockThatTheMediumRefusedIsRecordedLater() async throws {
        let bench = try BinBench()
        try await self.running(bench) { driver in
            await driver.weigh(0)
            bench.journal.state.withLock { $0.refuses = true }
            bench.clock.step(byMs: 3_600_000)
            await driver.weigh(0)
            bench.journal.state.withLock { $0.refuses = false }
            bench.clock.advance(byMs: 3_000)
            await driver.weigh(0)
        }
        let steps = bench.journal.facts.filter { if case .clock = $0 { true } else { false } }
        #expect(steps.count == 1)
    }

    @Test func whoeverWaitsForAReplyGetsOneWhenTheClocksStepIsRefused() async throws {
        let bench = try BinBench()
        try await self.running(bench) { driver in
            await driver.weigh(0)
            bench.setRefusing(true)
            bench.clock.step(byMs: 3_600_000)
            let bulletin = try Bulletin(
                kind: .policy, version: 9, effective: .epoch, audience: .everyone, body: [:],
                signedBy: SigningKey())
            await #expect(throws: JournalError.self) { _ = try await bench.bin.adopt(bulletin) }
        }
    }

    @Test func onlyADurableWriteEndsAnOutage() async throws {
        let bench = try BinBench()
        try await self.running(bench) { driver in
            try await driver.tap("uid:04A1B2C3")
            bench.journal.state.withLock { $0.refuses = true }
            await driver.weigh(1_000)
            // Readings that need no record come all the time.
            for _ in 0..<3 {
                bench.clock.advance(byMs: 2_000)
                let view = await driver.weigh(0)
                #expect(view?.phase == .fault("storage"))
            }
            #expect(bench.journal.state.withLock { $0.probes } >= 3)
            bench.journal.state.withLock { $0.refuses = false }
            bench.clock.advance(byMs: 2_000)
            let view = await driver.weigh(0)
            #expect(view?.phase != .fault("storage"))
        }
        // The outage stands in the journal, with its beginning.
        let told = bench.journal.facts.compactMap { fact in
            switch fact {
            case .fault(let fault) where fault.source == "journal": "fault"
            case .cleared(let fault) where fault.source == "journal": "cleared"
            default: nil
            }
        }
        #expect(told == ["fault", "cleared"])
    }

    @Test func aBinThatIsShortOfRoomEndsAnOrderAndOpensNone() async throws {
        let bench = try BinBench()
        let shortage = FaultFact(source: "storage space", code: "full", detail: "")
        let shown = Mutex<BinView?>(nil)
        var phase: BinView.Phase? { shown.withLock { $0?.phase } }
        let loop = bench.loop(publish: { news in shown.withLock { $0 = news.view } })
        try loop.begin()
        try bench.openOrder(on: loop)
        bench.journal.state.withLock { $0.shortage = shortage }
        bench.clock.advance(byMs: 2_000)
        bench.weigh(1_000, on: loop)
        guard case .deposited? = phase else {
            Issue.record("the order wasn't served to its end")
            return
        }
        bench.clock.advance(byMs: 2_000)
        try bench.tap(on: loop)
        bench.clock.advance(byMs: 5_000)
        bench.weigh(1_000, on: loop)
        #expect(phase == .fault("storage"))
        try bench.tap("uid:0BADCAFE", on: loop)
        bench.journal.state.withLock { $0.shortage = nil }
        bench.clock.advance(byMs: 2_000)
        bench.weigh(1_000, on: loop)
        #expect(phase == .idle)
        let orders = bench.journal.facts.filter { if case .opened = $0 { true } else { false } }
        #expect(orders.count == 1)
        #expect(bench.journal.facts.contains(.fault(shortage)))
        #expect(bench.journal.facts.contains(.cleared(shortage)))
    }

    /// Whoever sends the records on sends an order as a whole.
    @Test func watchersAreToldWhetherAnOrderIsWhole() async throws {
        let bench = try BinBench()
        let loop = bench.loop()
        try loop.begin()
        try bench.openOrder(on: loop)
        bench.weigh(500, on: loop)
        try bench.tap(on: loop)
        bench.weigh(500, on: loop)
        let told = bench.story.all.compactMap { event -> Bool? in
            if case .told(_, let isSettled) = event { isSettled } else { nil }
        }
        // Start, opened, deposit, order.
        #expect(told == [true, false, false, true])
        // The next card's order begins with the end of the one before.
        try bench.tap(on: loop)
        bench.weigh(500, on: loop)
        try bench.tap("uid:0BADCAFE", on: loop)
        let last = bench.story.all.last { if case .told = $0 { true } else { false } }
        let seq = bench.journal.nextSeq - 1
        #expect(last == .told(through: seq, isSettled: true))
    }

    @Test func whoComesToABinThatIsShortOfRoomEndsTheOrderAndIsTold() async throws {
        let bench = try BinBench()
        let shown = Mutex<BinView?>(nil)
        var phase: BinView.Phase? { shown.withLock { $0?.phase } }
        let loop = bench.loop(publish: { news in shown.withLock { $0 = news.view } })
        try loop.begin()
        try bench.openOrder(on: loop)
        bench.journal.state.withLock {
            $0.shortage = FaultFact(source: "storage space", code: "full", detail: "")
        }
        bench.clock.advance(byMs: 2_000)
        try bench.tap("uid:0BADCAFE", on: loop)
        #expect(phase == .fault("storage"))
        let refused = RefusedFact(card: try card("uid:0BADCAFE"), reason: .outOfService)
        #expect(
            bench.journal.facts.last { if case .refused = $0 { true } else { false } }
                == .refused(refused))
        bench.weigh(500, on: loop)
        let orders = bench.journal.facts.compactMap { fact -> OrderFact? in
            if case .order(let order) = fact { order } else { nil }
        }
        #expect(orders.map(\.closed) == [.nextCard])
        #expect(orders.map(\.mass) == [.zero])
        let opened = bench.journal.facts.filter { if case .opened = $0 { true } else { false } }
        #expect(opened.count == 1)
    }

    @Test func anOverdueTickWaitsWhileTheMediumRefuses() async throws {
        let bench = try BinBench(idleSeconds: 1)
        let loop = bench.loop()
        try loop.begin()
        try bench.openOrder(on: loop)
        let due = try #require(loop.timerToSet())
        bench.journal.state.withLock { $0.refuses = true }
        bench.clock.advance(byMs: 20_000)
        #expect(due < bench.clock.now())
        for _ in 0..<3 {
            loop.take(.tick)
            let next = loop.timerToSet()
            #expect(next.map { $0.ms(since: bench.clock.now()) } == 2_000)
            bench.clock.advance(byMs: 2_000)
        }
    }

    @Test func aFaultIsRecordedOnceAndClearedOnce() async throws {
        let bench = try BinBench()
        let fault = FaultFact(source: "scale pet", code: "no-reply", detail: "silent")
        try await self.running(bench) { driver in
            let now = bench.clock.now()
            await driver.send(.restored(fault, at: now))
            await driver.send(.failed(fault, at: now))
            await driver.send(.failed(fault, at: now))
            #expect(bench.bin.condition.faults["scale pet"] == fault)
            await driver.send(.restored(fault, at: now))
            await driver.send(.restored(fault, at: now))
            #expect(bench.bin.condition.faults.isEmpty)
        }
        #expect(bench.journal.facts.dropFirst() == [.fault(fault), .cleared(fault)])
    }

    @Test func aFlappingPartHasOnePairOfRecordsAMinute() async throws {
        let bench = try BinBench()
        let fault = FaultFact(source: "bus rs485", code: "port-missing", detail: "loose")
        try await self.running(bench) { driver in
            // From 0 s to 63 s; the pair after the first minute is the one at 60.2 s.
            for _ in 0..<90 {
                let now = bench.clock.now()
                await driver.send(.failed(fault, at: now))
                #expect(bench.bin.condition.faults == ["bus rs485": fault])
                bench.clock.advance(byMs: 350)
                await driver.send(.restored(fault, at: now))
                #expect(bench.bin.condition.faults.isEmpty)
                bench.clock.advance(byMs: 350)
            }
        }
        #expect(
            bench.journal.facts.dropFirst()
                == [.fault(fault), .cleared(fault), .fault(fault), .cleared(fault)])
    }

    @Test func aFaultThatStaysIsRecordedWhenItsMinuteIsOver() async throws {
        let bench = try BinBench()
        let first = FaultFact(source: "scale pet", code: "no-reply", detail: "silent")
        let second = FaultFact(source: "scale pet", code: "bad-frame", detail: "garbled")
        try await self.running(bench) { driver in
            let now = bench.clock.now()
            await driver.send(.failed(first, at: now))
            await driver.send(.failed(second, at: now))
            #expect(bench.bin.condition.faults["scale pet"] == second)
            bench.clock.advance(byMs: 59_999)
            bench.bin.nudge()
            await driver.nextView()
            #expect(bench.journal.facts.dropFirst() == [.fault(first)])
            bench.clock.advance(byMs: 1)
            bench.bin.nudge()
            await driver.nextView()
            await driver.send(.restored(second, at: now))
        }
        #expect(
            bench.journal.facts.dropFirst() == [.fault(first), .fault(second), .cleared(second)])
    }

    @Test func aFaultToldWhileTheMediumRefusesIsNotLost() async throws {
        let bench = try BinBench()
        let fault = FaultFact(source: "scale pet", code: "no-reply", detail: "silent")
        try await self.running(bench) { driver in
            bench.journal.state.withLock { $0.refuses = true }
            await driver.send(.failed(fault, at: bench.clock.now()))
            #expect(bench.bin.condition.faults["scale pet"] == fault)
            bench.journal.state.withLock { $0.refuses = false }
            bench.clock.advance(byMs: 3_000)
            bench.bin.nudge()
            await driver.nextView()
        }
        #expect(bench.journal.facts.last == .fault(fault))
    }

    @Test func aDoorOpenedWithoutACollectionIsAFaultUntilItCloses() async throws {
        let bench = try BinBench()
        let door = Contact.door(try name("service"))
        try await self.running(bench) { driver in
            let now = bench.clock.now()
            await driver.send(.contact(door, isOpen: true, at: now))
            #expect(bench.bin.condition.faults["door service"]?.code == "open")
            // A broken switch says more than an open door.
            let lost = FaultFact(source: "door service", code: "line-gone", detail: "wire")
            await driver.send(.failed(lost, at: now))
            #expect(bench.bin.condition.faults["door service"] == lost)
            await driver.send(.restored(lost, at: now))
            #expect(bench.bin.condition.faults["door service"]?.code == "open")
            let view = await driver.send(.contact(door, isOpen: false, at: now))
            #expect(bench.bin.condition.faults.isEmpty)
            #expect(view?.doors.map(\.isOpen) == [false])
        }
        let kinds = bench.journal.facts.dropFirst().map { fact -> String in
            switch fact {
            case .fault(let fault): "fault \(fault.source) \(fault.code)"
            case .cleared(let fault): "cleared \(fault.source) \(fault.code)"
            default: "other"
            }
        }
        #expect(kinds == ["fault door service open", "cleared door service open"])
    }

    @Test func whatIsToldWhileTheMediumRefusesIsKeptAndLidsAreLocked() async throws {
        let bench = try BinBench()
        try await self.running(bench) { driver in
            try await driver.tap("uid:04A1B2C3")
            let open = await driver.weigh(0)
            #expect(open?.compartments.map(\.isUnlocked) == [true])
            bench.journal.state.withLock { $0.refuses = true }
            let refused = await driver.weigh(1_000)
            #expect(refused?.phase == .fault("storage"))
            #expect(refused?.compartments.map(\.isUnlocked) == [false])
            let now = bench.clock.now()
            let pet = bench.scale
            await driver.send(.pieces(compartment: pet, 3, at: now))
            await driver.send(.contact(.lid(compartment: pet), isOpen: true, at: now))
            await driver.send(.filled(compartment: pet, isFull: true, at: now))
            bench.journal.state.withLock { $0.refuses = false }
            bench.clock.advance(byMs: 3_000)
            let view = await driver.weigh(1_000)
            #expect(view?.compartments.map(\.isFull) == [true])
            #expect(view?.compartments.map(\.isLidOpen) == [true])
            #expect(self.deposit(in: bench.journal.facts)?.pieces == 3)
        }
    }

    @Test func aBulletinCountsFromTheNextDepositOn() async throws {
        let bench = try BinBench()
        try await self.running(bench) { driver in
            try await driver.tap("uid:04A1B2C3")
            let bulletin = try Bulletin(
                kind: .tariff, version: 9, effective: .epoch, audience: .everyone,
                body: ["prices": ["pet-bottle": 2800]], signedBy: SigningKey())
            #expect(try await bench.bin.adopt(bulletin) == .adopted)
            await driver.nextView()
            await driver.weigh(1_000)
            let deposit = try #require(self.deposit(in: bench.journal.facts))
            #expect(deposit.rates.tariff == 9)
            #expect(deposit.value == MicroYuan(2_800_000))
        }
    }

    @Test func stoppingSettlesTheOpenOrder() async throws {
        let bench = try BinBench()
        try await self.running(bench) { driver in
            try await driver.tap("uid:04A1B2C3")
            await driver.weigh(500)
        }
        guard case .order(let order)? = bench.journal.facts.last else {
            Issue.record("the last record is no order")
            return
        }
        #expect(order.closed == .service)
        #expect(order.mass == Grams(500))
    }
}
