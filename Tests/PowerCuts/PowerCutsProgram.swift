import ArgumentParser
import CrashKit

/// Cuts the power of a simulated bin some ten thousand times.
@main
struct PowerCutsProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "power-cuts",
        abstract: "Cuts a bin's power at every write and sync of its days, and checks each start.",
        discussion: """
            A story is played once on a disk in memory that notes every operation. Then the power \
            is cut at each of them, and again at each operation of the recovery, and of the \
            recovery from that. The first story begins on an empty disk, the next ones on a \
            damaged, a deleted and an older database in turn. A failure prints the command that \
            repeats it.
            """)

    @Option(help: "The seed of the first story; the next ones count on from it.")
    var seed: UInt64 = 811

    @Option(help: "How many stories.")
    var stories = 3

    @Option(help: "How many kinds of story are passed over at first.")
    var firstBeginning = 0

    @Option(help: "How many days each of them has.")
    var days = 30

    @Option(help: "Every how many operations the power is cut.")
    var every = 1

    @Option(help: "In how many ways the medium fails at each.")
    var ways = 1

    @Option(help: "At every how many of these cuts the recovery is cut, too.")
    var twiceEvery = 8

    @Option(help: "At every how many of those cuts the recovery from them is cut, too.")
    var thriceEvery = 24

    @Option(help: "For so many seconds: then what lies between `--every` is cut too, in rounds.")
    var seconds: Int?

    @Option(help: "The commit that the program was built from, to be printed.")
    var commit = "unknown"

    @Option(help: "How many at a time.")
    var workers = 2

    func run() async throws {
        var plan = PowerCuts.Plan(
            every: max(1, self.every), ways: max(1, self.ways), twiceEvery: max(1, self.twiceEvery),
            thriceEvery: max(1, self.thriceEvery))
        var sum = PowerCuts.Tally()
        let started = ContinuousClock.now
        for story in 0..<self.stories {
            let seed = self.seed + UInt64(story)
            if let seconds = self.seconds {
                plan.until = started + Duration.seconds(seconds) * (story + 1) / self.stories
            }
            let kinds = Month.Beginning.allCases
            let first = (self.firstBeginning + story) % kinds.count
            let (records, operations, tally): (Int64, Int, PowerCuts.Tally)
            do {
                (records, operations, tally) = try await PowerCuts.run(
                    kinds[first], days: self.days, seed: seed, plan,
                    workers: max(1, self.workers))
            } catch {
                print("story \(seed), commit \(self.commit): FAILED: \(error)")
                print(
                    "replay: power-cuts --seed \(seed) --first-beginning \(first) --stories 1 "
                        + "--days \(self.days) --every 1 --ways \(plan.ways) "
                        + "--twice-every \(plan.twiceEvery) --thrice-every \(plan.thriceEvery) "
                        + "--commit \(self.commit)")
                throw ExitCode(1)
            }
            sum.add(tally)
            let seconds = (ContinuousClock.now - started).components.seconds
            print(
                "story \(seed) (\(kinds[first])): \(records) records in \(operations) operations; \(tally) "
                    + "(\(seconds) s)")
        }
        print("power cuts: \(sum.all), none failed; \(sum)")
    }
}
