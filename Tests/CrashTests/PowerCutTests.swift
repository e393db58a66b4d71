import CrashKit
import Testing

/// Power cuts at some of the writes and syncs of a bin's days, and of the starts after them. The
/// month and the tens of thousands of cuts are the program `power-cuts`: `deploy/test.sh torture`.
@Suite struct PowerCutTests {
    @Test("no cut loses or doubles anything")
    func holds() async throws {
        let plan = PowerCuts.Plan(every: 5, ways: 1, twiceEvery: 100, thriceEvery: 40)
        let (records, operations, tally) = try await PowerCuts.run(
            days: 4, seed: 811, plan, workers: 2)
        print("power cuts: \(records) records, \(operations) operations; \(tally)")
        #expect(tally.cuts[0] > operations / 5)
        #expect(tally.cuts[1] > 20)
        #expect(tally.kept > 3 && tally.openOrders > 10 && tally.credited > 0)
    }

    @Test("neither does a cut in the start after a loss", arguments: Month.Beginning.losses)
    func holdsAfterALoss(beginning: Month.Beginning) async throws {
        let plan = PowerCuts.Plan(every: 7, ways: 1, twiceEvery: 150, thriceEvery: 100)
        let (records, operations, tally) = try await PowerCuts.run(
            beginning, days: 0, seed: 821, plan, workers: 2)
        print("power cuts, \(beginning): \(records) records, \(operations) operations; \(tally)")
        #expect(tally.cuts[0] > operations / 7)
    }
}
