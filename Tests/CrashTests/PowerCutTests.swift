import CrashKit
import Testing

/// Power cuts at the writes and syncs of a bin's days, and of the starts after them. The month is
/// the program `power-cuts`: `deploy/test.sh torture`.
@Suite struct PowerCutTests {
    @Test("no cut loses or doubles anything")
    func holds() async throws {
        let plan = PowerCuts.Plan(every: 6, ways: 1, twiceEvery: 30, thriceEvery: 40)
        let (records, operations, tally) = try await PowerCuts.run(
            days: 4, seed: 811, plan, workers: 2)
        print("power cuts: \(records) records, \(operations) operations; \(tally)")
        #expect(tally.cuts[0] > 50 && tally.cuts[1] > 50 && tally.cuts[2] > 0)
        #expect(tally.openOrders > 10 && tally.credited > 5)
    }

    @Test("neither does a cut in the start after a loss", arguments: Month.Beginning.losses)
    func holdsAfterALoss(beginning: Month.Beginning) async throws {
        let plan = PowerCuts.Plan(every: 8, ways: 1, twiceEvery: 100, thriceEvery: 1_000)
        let (records, operations, tally) = try await PowerCuts.run(
            beginning, days: 0, seed: 821, plan, workers: 2)
        print("power cuts, \(beginning): \(records) records, \(operations) operations; \(tally)")
        #expect(tally.cuts[0] > 10 && tally.cuts[1] > 50)
    }
}
