import Testing
import YearKit

/// Short years; whole ones are the program `simulated-year`: `deploy/test.sh torture`.
@Suite struct YearTests {
    @Test("ten days end with books that agree with the truth", arguments: [811, 812, 813])
    func agrees(seed: UInt64) async throws {
        let report = try await Year.play(YearPlan(days: 10, ordersADay: 40), seed: seed)
        print("ten days, seed \(seed): \(report)")
        #expect(report.orders > 350)
        #expect(report.cuts > 0 && report.pruned > 0)
    }

    @Test func theSameSeedGivesTheSameChain() async throws {
        let plan = YearPlan(days: 4, ordersADay: 20)
        let first = try await Year.play(plan, seed: 7)
        #expect(try await Year.play(plan, seed: 7).chain == first.chain)
        #expect(try await Year.play(plan, seed: 8).chain != first.chain)
    }
}
