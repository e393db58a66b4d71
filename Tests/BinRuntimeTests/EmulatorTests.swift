import BinCore
import Records
import Synchronization
import Testing

@testable import BinRuntime

/// Something at the reader that shows one card after the other, all day.
@Suite struct EmulatorTests {
    private func count(_ bench: BinBench, _ isCounted: (Fact) -> Bool) -> Int {
        bench.journal.facts.count(where: isCounted)
    }

    @Test func refusalsAreShownAndNotAllRecorded() async throws {
        let bench = try BinBench()
        let loop = bench.loop()
        bench.journal.state.withLock { $0.role = .blocked }
        for turn in 0..<600 {
            bench.clock.advance(byMs: 100)
            try bench.tap(turn.isMultiple(of: 2) ? "uid:04A1B2C3" : "uid:0BADCAFE", on: loop)
        }
        // As many as may be at once, and one more every 6 s of the minute.
        let refused = self.count(bench) { if case .refused = $0 { true } else { false } }
        let most = Int(BinRules.mostRefusals)
        #expect((most + 9...most + 10).contains(refused))
        guard case .shown(let view)? = bench.story.all.last else {
            Issue.record("the last event isn't a view")
            return
        }
        #expect(view.phase == .refused(.blocked))
    }

    @Test func cardsThatDropNothingOpenNoMoreOrdersAndADepositMakesGoodForItsOwn() async throws {
        let bench = try BinBench()
        let loop = bench.loop()
        bench.weigh(0, on: loop)
        let most = Int(BinRules.mostEmptyOrders)
        for turn in 0..<most + 40 {
            bench.weigh(0, on: loop)
            try bench.tap(turn.isMultiple(of: 2) ? "uid:04A1B2C3" : "uid:0BADCAFE", on: loop)
        }
        let opened = self.count(bench) { if case .opened = $0 { true } else { false } }
        // One more every 10 s of the 1.6 s that each turn takes.
        let more = (most + 40) * 16 / 100
        #expect((most + more - 1...most + more + 1).contains(opened))
        #expect(
            bench.journal.facts.contains {
                if case .refused(let fact) = $0 { fact.reason == .busy } else { false }
            })
    }

    @Test func ordersWithDepositsAreNotCounted() async throws {
        let bench = try BinBench()
        let loop = bench.loop()
        bench.weigh(0, on: loop)
        for turn in 1...30 {
            try bench.tap(turn.isMultiple(of: 2) ? "uid:04A1B2C3" : "uid:0BADCAFE", on: loop)
            bench.weigh(Int64(turn) * 100, on: loop)
        }
        let opened = self.count(bench) { if case .opened = $0 { true } else { false } }
        #expect(opened == 30)
    }
}
