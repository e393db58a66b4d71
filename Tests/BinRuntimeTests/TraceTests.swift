import BinCore
import Records
import Synchronization
import Testing

@testable import BinRuntime

/// Traces in the order in which they were handed on.
private final class TraceShelf: TraceKeeping {
    private let kept = Mutex<[(seq: RecordNumber, trace: WeightTrace)]>([])

    var traces: [(seq: RecordNumber, trace: WeightTrace)] { self.kept.withLock { $0 } }

    func keep(_ trace: WeightTrace, of seq: RecordNumber) {
        self.kept.withLock { $0.append((seq, trace)) }
    }
}

@Suite struct TraceTests {
    private let bench: BinBench
    private let shelf = TraceShelf()

    init() throws { self.bench = try BinBench() }

    private func weigh(_ grams: Int64, for ms: Int64, on loop: BinLoop) {
        for _ in 0..<ms / 200 {
            self.bench.clock.advance(byMs: 200)
            let reading = Reading(
                mass: Grams(grams).milligrams, isStable: nil, condition: .normal,
                at: self.bench.clock.now())
            loop.take(.hardware(.reading(scale: self.bench.scale, reading)))
        }
    }

    /// An order with a deposit of 500 g; returns when that was recorded.
    private func deposit(on loop: BinLoop, after ms: Int64 = 0) throws -> BootInstant {
        self.weigh(0, for: ms, on: loop)
        try self.bench.openOrder(on: loop)
        while !self.bench.journal.facts.contains(where: { fact in
            if case .deposit = fact { true } else { false }
        }) {
            self.weigh(500, for: 200, on: loop)
        }
        return self.bench.clock.now()
    }

    @Test func aTraceShowsTwentySecondsBeforeItsDepositAndThreeAfter() async throws {
        let loop = self.bench.loop(traces: self.shelf)
        let deposited = try self.deposit(on: loop, after: 25_000)
        // Taken out again at once: what the trace is for.
        self.weigh(0, for: 2_800, on: loop)
        #expect(self.shelf.traces.isEmpty)
        self.weigh(0, for: 400, on: loop)
        let kept = try #require(self.shelf.traces.first)
        guard case .deposit = self.bench.journal.facts[Int(kept.seq) - 1] else {
            Issue.record("record \(kept.seq) is no deposit")
            return
        }
        let trace = kept.trace
        #expect(trace.compartment == self.bench.scale)
        #expect(trace.samples.first?.up == deposited.advanced(byMs: -TraceRing.beforeMs))
        #expect(trace.samples.last?.up == deposited.advanced(byMs: TraceRing.afterMs))
        #expect(trace.samples.map(\.raw).max() == 500_000)
        #expect(trace.samples.last?.raw == 0)
    }

    @Test func aTraceThatIsNotCompleteIsHandedOnAtTheStop() async throws {
        let loop = self.bench.loop(traces: self.shelf)
        let deposited = try self.deposit(on: loop)
        self.weigh(500, for: 1_000, on: loop)
        #expect(self.shelf.traces.isEmpty)
        loop.take(.stop)
        let trace = try #require(self.shelf.traces.first?.trace)
        #expect(trace.samples.last?.up == deposited.advanced(byMs: 1_000))
    }

    @Test func aTraceIsHandedOnBeforeLaterValuesTakeItsPlace() async throws {
        let loop = self.bench.loop(traces: self.shelf)
        let deposited = try self.deposit(on: loop)
        self.bench.clock.advance(byMs: 60_000)
        self.weigh(500, for: 200, on: loop)
        let trace = try #require(self.shelf.traces.first?.trace)
        #expect(trace.samples.last?.up == deposited)
    }

    @Test func aTraceIsHandedOnWhileTheMediumRefuses() async throws {
        let loop = self.bench.loop(traces: self.shelf)
        _ = try self.deposit(on: loop)
        self.bench.journal.state.withLock { $0.refuses = true }
        loop.take(.stop)
        #expect(self.shelf.traces.count == 1)
    }
}
