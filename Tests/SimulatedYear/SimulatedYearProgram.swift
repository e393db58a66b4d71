import ArgumentParser
import YearKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Plays years of a bin and its hub.
@main
struct SimulatedYearProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulated-year",
        abstract: "Plays a year of a busy bin and its hub in virtual time, and checks every day.",
        discussion: """
            The bin's loop and journal and the hub's store are the real ones; people, weather, \
            scales, clocks, the power and the medium are simulated. After each day the laws, the \
            chain, what was shown and the levels are checked, and at the end every account against \
            what its people truly put in. A failure prints the command that repeats it.
            """)

    @Option(help: "The seed of the first year; the next ones count on from it.")
    var seed: UInt64 = 811

    @Option(help: "How many years.")
    var seeds = 1

    @Option(help: "How many days a year has.")
    var days = 365

    @Option(help: "How many orders a day.")
    var orders = 200

    @Option(help: "The commit that the program was built from, to be printed.")
    var commit = "unknown"

    func run() async throws {
        let plan = YearPlan(days: max(4, self.days), ordersADay: max(1, self.orders))
        for seed in self.seed..<self.seed + UInt64(max(1, self.seeds)) {
            let knobs = "--seed \(seed) --days \(plan.days) --orders \(plan.ordersADay)"
            let started = ContinuousClock.now
            do {
                let report = try await Year.play(plan, seed: seed)
                let seconds = (ContinuousClock.now - started).components.seconds
                print("year \(knobs), commit \(self.commit): \(report) (\(seconds) s)")
            } catch {
                print("year \(knobs), commit \(self.commit): FAILED: \(error)")
                print("replay: simulated-year \(knobs) --commit \(self.commit)")
                throw ExitCode(1)
            }
            fflush(nil)
        }
        print("simulated years: \(max(1, self.seeds)), none failed")
    }
}
