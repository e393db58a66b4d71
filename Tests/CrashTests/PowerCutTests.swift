import CrashKit
import Testing

/// Power cuts at every write and every sync of a bin's days, and of the starts after them. The
/// month and the tens of thousands of cuts are the program `power-cuts`: `deploy/test.sh torture`.
@Suite struct PowerCutTests {
    @Test("no cut loses or doubles anything", arguments: [811, 812, 813] as [UInt64])
    func holds(seed: UInt64) async throws {
        let plan = PowerCuts.Plan(every: 1, ways: 1, twiceEvery: 12, thriceEvery: 24)
        let (records, operations, tally) = try await PowerCuts.run(
            days: 4, seed: seed, plan, workers: 2)
        print("power cuts, story \(seed): \(records) records, \(operations) operations; \(tally)")
        #expect(tally.cuts[0] > operations)
        #expect(tally.cuts[1] > 100 && tally.cuts[2] > 100)
        #expect(tally.kept > 10 && tally.openOrders > 10 && tally.credited > 0)
    }
}
