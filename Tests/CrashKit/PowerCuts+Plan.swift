package import BinCore

extension PowerCuts {
    /// What was tried, and how much of it was more than a quiet moment.
    package struct Tally: Sendable, CustomStringConvertible {
        /// By depth: cuts of the story, of the recovery from one, of the recovery from that.
        package var cuts = [0, 0, 0]
        /// Cuts that left a transaction which had not been told of.
        package var kept = 0
        /// Recoveries that found an order open; those that could still credit weight to it.
        package var openOrders = 0
        package var credited = 0

        package var all: Int { self.cuts.reduce(0, +) }

        package init() {}

        package mutating func add(_ other: Tally) {
            for depth in self.cuts.indices { self.cuts[depth] += other.cuts[depth] }
            self.kept += other.kept
            self.openOrders += other.openOrders
            self.credited += other.credited
        }

        package var description: String {
            "\(self.all) cuts (\(self.cuts[0]) once, \(self.cuts[1]) twice, \(self.cuts[2]) thrice)"
                + ", \(self.openOrders) with an order open, \(self.credited) of them creditable; "
                + "\(self.kept) left a transaction that was under way"
        }
    }

    /// How much is tried.
    package struct Plan: Sendable {
        /// Every n-th operation of the story is cut.
        package var every: Int
        /// In how many ways the medium loses what it loses there.
        package var ways: Int
        /// At every n-th of these cuts the recovery is cut at each of its own operations, once.
        package var twiceEvery: Int
        /// At every n-th of those cuts the second recovery is cut at each of its own operations.
        package var thriceEvery: Int

        /// Then it ends. Until then the operations between those are cut as well, in rounds.
        package var until: ContinuousClock.Instant?

        /// Whether there is time left.
        var goesOn: Bool { self.until.map { ContinuousClock.now < $0 } ?? true }

        package init(
            every: Int, ways: Int, twiceEvery: Int, thriceEvery: Int,
            until: ContinuousClock.Instant? = nil
        ) {
            self.until = until
            self.every = every
            self.ways = ways
            self.twiceEvery = twiceEvery
            self.thriceEvery = thriceEvery
        }
    }

    /// Plays a story and sweeps it with as many workers as there are.
    ///
    /// - Returns: The records and disk operations of the story, and what was tried.
    package static func run(
        _ beginning: Month.Beginning = .new, days: Int, seed: UInt64, _ plan: Plan, workers: Int
    ) async throws -> (records: RecordNumber, operations: Int, tally: Tally) {
        let scene = try Scene()
        let bin = try await Month.play(
            beginning, days: days, seed: seed, at: try Site(scene))
        bin.kill()
        let (history, disk) = (bin.history, bin.disk)
        let tally = try await withThrowingTaskGroup(of: Tally.self) { group in
            for worker in 0..<workers {
                group.addTask {
                    var cuts = PowerCuts(at: try Site(scene), plan, seed: seed)
                    for first in 0..<(plan.until == nil ? 1 : plan.every) where plan.goesOn {
                        try await cuts.sweep(
                            history, on: disk, from: first, part: worker, of: workers)
                    }
                    return cuts.tally
                }
            }
            return try await group.reduce(into: Tally()) { $0.add($1) }
        }
        return (history.last, disk.count, tally)
    }
}
