import CGPIO
import Console
import Measuring
import Simulation

/// What edges cost and how fast they may come, read by our path and by a loop in C around libgpiod
/// that drops them. The lines are the kernel's simulated ones.
///
/// Rates are tried in growing steps; one is kept if every edge came in each of three attempts.
/// Whoever sends comes before whoever reads, as real interrupts do.
struct EdgesBenchmark: Benchmark {
    let name = "gpio-edges"
    let summary = "processor time and the highest rate of GPIO edges, beside a bare libgpiod loop"

    private static let rounds = 12
    /// Of one round for the processor time.
    private static let edges = 2000
    /// Slow enough for every machine, so that none is lost and each has to wake the reader. Out of
    /// step with the timer's tick, by which some kernels count what a thread took.
    private static let perSecond = 383.0
    private static let firstRate = 500.0
    private static let rateStep = 1.2
    private static let mostRates = 40
    private static let attempts = 3
    /// A sender that manages less of the rate than this has found its own limit.
    private static let kept = 0.95

    private enum Side: CaseIterable { case ours, limit }

    func run() async throws -> Comparison {
        guard SimulatedChip.isOffered else {
            throw Unavailable(
                "this kernel has no simulated GPIO (gpio-sim); deploy/rig/bench.sh runs one")
        }
        let chip = try SimulatedChip(label: "steelyard-bench", lines: 2)
        let lines = [try chip.line(0), try chip.line(1)]
        let stage = Stage(chip: chip.device, lines: lines)
        let (ours, limit) = try await Self.cpuTimes(stage)
        let rates = try await Self.highestRates(stage)
        let isRealtime = await OwnThread.mayRaise(to: EdgeWatch.priority)
        try chip.remove()
        return Comparison(
            name: self.name, unit: "cpu us per 1000 edges", ours: ours, limit: limit,
            figures: [
                Comparison.Figure(
                    "edges-per-second-without-loss", ours: rates.ours, limit: rates.limit)
            ],
            conditions: [
                Comparison.Condition("libgpiod", String(cgpio_version())),
                Comparison.Condition("realtime", isRealtime ? "yes" : "no"),
                Comparison.Condition("limited-by", rates.end),
            ])
    }

    private struct Stage: Sendable {
        var chip: String
        var lines: [SimulatedLine]

        /// Sends a train and reads it. Returns what came, and how fast it was sent.
        func play(
            _ side: Side, edges: Int, perSecond: Double
        ) async throws -> (count: EdgeCount, perSecond: Double) {
            let watch = EdgeWatch(chip: self.chip, lines: [0, 1], target: edges)
            let train = EdgeTrain(lines: self.lines, edges: edges, perSecond: perSecond)
            let speed = Speed()
            let send: @Sendable () async throws -> Void = {
                speed.set(try await train.send().get())
            }
            let count =
                switch side {
                case .ours: try await watch.countWithOurs(while: send)
                case .limit: try await watch.countBare(while: send)
                }
            return (count, speed.get())
        }
    }

    private static func cpuTimes(_ stage: Stage) async throws -> (ours: Samples, limit: Samples) {
        var times: [Side: [Double]] = [:]
        for _ in 0..<Self.rounds {
            for side in Side.allCases {
                let played = try await stage.play(
                    side, edges: Self.edges, perSecond: Self.perSecond)
                // A round with losses cost less than it should.
                guard let cpuNs = played.count.cpuNs else { continue }
                times[side, default: []].append(Double(cpuNs) / Double(Self.edges))
            }
        }
        return (
            Samples(times[.ours] ?? [], better: .lower),
            Samples(times[.limit] ?? [], better: .lower)
        )
    }

    /// The highest rates at which no edge was lost, and what ended the search.
    private static func highestRates(
        _ stage: Stage
    ) async throws -> (ours: Double?, limit: Double?, end: String) {
        var best: [Side: Double] = [:]
        var going = Side.allCases
        var rate = Self.firstRate
        for _ in 0..<Self.mostRates where !going.isEmpty {
            for side in going {
                var slowest = rate
                for _ in 0..<Self.attempts {
                    let edges = Int(max(Self.firstRate, rate))
                    let played = try await stage.play(side, edges: edges, perSecond: rate)
                    slowest = min(slowest, played.perSecond)
                    guard played.perSecond >= Self.kept * rate else {
                        return (best[.ours], best[.limit], "sender at \(Int(played.perSecond)) /s")
                    }
                    guard played.count.edges == edges else {
                        going.removeAll { $0 == side }
                        break
                    }
                }
                if going.contains(side) { best[side] = slowest }
            }
            rate *= Self.rateStep
        }
        return (best[.ours], best[.limit], "losses")
    }
}
