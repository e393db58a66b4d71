import ArgumentParser
import BinCore
import Console
import Measuring
import Program
import Records

/// Measures what this program costs, beside the bare limit.
@main
struct SteelyardBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "steelyard-bench",
        abstract: "Measures ours against the bare limit: the C library doing the same work.",
        discussion: """
            Both are measured alternately in one run. Printed are the median and what 99 of 100 \
            samples are no worse than (p99) of both, and ours divided by the limit. A benchmark \
            that can't run here is skipped with a line on standard error, unless it was named. \
            Exit codes: 0 done, 64 usage, 69 a benchmark that was named can't run here, 73 can't \
            create.
            """,
        version: Steelyard.version)

    @Argument(help: "The benchmarks to run; all without one.")
    var names: [String] = []
    @Flag(help: "Print each result as a JSON object on a line.")
    var json = false
    @Flag(help: "Name the benchmarks there are, and run none.")
    var list = false
    @Option(
        help: "Where databases are made and removed again: on the medium to be measured.",
        completion: .directory)
    var directory = "/var/tmp"

    static func main() async { await Program.run(Self.self) }

    func run() async throws {
        let all: [any Benchmark] = [
            CommitBenchmark(directory: self.directory), PollBenchmark(), EdgesBenchmark(),
        ]
        let selection = try Selection(self.names, of: all.map(\.name))
        let chosen = all.filter { selection.names.contains($0.name) }
        if self.list { return try Self.list(chosen, asJSON: self.json) }
        for benchmark in chosen {
            do {
                let comparison = try await benchmark.run()
                let lines = self.json ? [comparison.json.text] : comparison.lines
                for line in lines { try Console.print(line) }
            } catch let reason as Unavailable {
                guard !selection.isNamed else {
                    throw Failure("\(benchmark.name): \(reason.words)", .unavailable)
                }
                Console.say("steelyard-bench: \(benchmark.name): skipped: \(reason.words)")
            }
        }
    }

    private static func list(_ benchmarks: [any Benchmark], asJSON: Bool) throws(Failure) {
        for benchmark in benchmarks {
            guard asJSON else {
                try Console.print("\(benchmark.name): \(benchmark.summary)")
                continue
            }
            let object = JSONObject([
                ("name", .string(benchmark.name)), ("summary", .string(benchmark.summary)),
            ])
            try Console.print(JSONValue.object(object).text)
        }
    }
}
