import CrashKit
import Testing

/// Power cuts at the writes and syncs of a bin's days, and of the starts after them, as many as go
/// into some seconds. The month is the program `power-cuts`: `deploy/test.sh torture`.
@Suite(.serialized) struct PowerCutTests {
    private func plan(seconds: Int) -> PowerCuts.Plan {
        PowerCuts.Plan(
            every: 31, ways: 1, twiceEvery: 40, thriceEvery: 100,
            until: ContinuousClock.now + Duration.seconds(seconds))
    }

    @Test("no cut loses or doubles anything")
    func holds() async throws {
        let (records, operations, tally) = try await PowerCuts.run(
            days: 4, seed: 811, self.plan(seconds: 20), workers: 2)
        print("power cuts: \(records) records, \(operations) operations; \(tally)")
        #expect(tally.all > 0)
    }

    @Test("neither does a cut in the start after a loss", arguments: Month.Beginning.losses)
    func holdsAfterALoss(beginning: Month.Beginning) async throws {
        let (records, operations, tally) = try await PowerCuts.run(
            beginning, days: 0, seed: 821, self.plan(seconds: 8), workers: 2)
        print("power cuts, \(beginning): \(records) records, \(operations) operations; \(tally)")
        #expect(tally.all > 0)
    }
}
