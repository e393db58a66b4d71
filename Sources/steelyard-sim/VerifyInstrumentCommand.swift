import ArgumentParser
import BinCore
import Console
import Program
import Records
import Simulation

/// Runs the type tests of a weighing instrument in simulation.
struct VerifyInstrumentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-instrument",
        abstract: "Run the type tests of OIML R 76 on simulated instruments.",
        discussion: """
            Draws load cells from what their class allows, puts each on the bin's own code and \
            tests it as a verification officer does; every tenth converts 80 times a second, the \
            others 10 times. Prints the worst error of all instruments \
            against its limit, in scale intervals e, and beside it what a plain difference of two \
            displayed values would have been off by (- where that has nothing to show). Exits 1 if \
            any limit is broken.
            """)

    private static let mostSeeds: UInt64 = 1_000_000
    /// Instruments that are tested one after the other; the chunks run beside each other.
    private static let chunk: UInt64 = 50

    @Option(help: "How many instruments of each kind to draw.")
    var seeds: UInt64 = 1_000
    @Option(help: "By how many percent of each limit errors must stay below it.")
    var margin = 0
    @Flag(help: "Print a JSON object a line for each test.")
    var json = false
    @Flag(help: "Print one table in Markdown, a column for each kind of instrument.")
    var markdown = false

    func validate() throws {
        guard (1...Self.mostSeeds).contains(self.seeds) else {
            throw ValidationError("--seeds must be 1 to \(Self.mostSeeds)")
        }
        guard (0...100).contains(self.margin) else {
            throw ValidationError("--margin must be 0 to 100")
        }
        guard !(self.json && self.markdown) else {
            throw ValidationError("--json and --markdown exclude each other: give one")
        }
    }

    func run() async throws {
        var reports: [VerificationReport] = []
        for limits in Verification.instruments {
            let report = await self.report(of: limits)
            reports.append(report)
            if self.markdown { continue }
            for line in self.json ? Self.objects(report) : Self.table(report) {
                try Console.print(line)
            }
        }
        if self.markdown { try Self.markdown(reports).forEach { try Console.print($0) } }
        let isPassed = reports.allSatisfy(\.isPassed)
        if !self.json {
            try Console.print(self.verdict(isPassed))
        }
        if !isPassed { throw ExitCode(1) }
    }

    /// The README's table: the worst of each test against its limit, and of all naive differences.
    private static func markdown(_ reports: [VerificationReport]) -> [String] {
        let kinds = reports.map { report in
            "\(report.limits.capacity.value / 1000) kg, \(report.limits.division.value) g"
        }
        let head = ["largest error / its limit, in e"] + kinds + ["naive; fails"]
        let rule = ["---"] + Array(repeating: "---:", count: kinds.count + 1)
        let rows = (reports.first?.rows ?? []).map(\.test).map { test in
            let rows = reports.compactMap { report in report.rows.first { $0.test == test } }
            let cells = rows.map { row in
                "\(Self.decimal(abs(row.worst.error))) / \(Self.decimal(row.worst.limit))"
                    + (row.isPassed ? "" : " BROKEN")
            }
            return [test.title] + cells + [Self.naive(rows)]
        }
        return ([head, rule] + rows).map { "| \($0.joined(separator: " | ")) |" }
    }

    private static func naive(_ rows: [VerificationReport.Row]) -> String {
        let worst = rows.map(\.naive).max { $0.naiveStrain < $1.naiveStrain }
        guard let worst, let naive = worst.naive else { return "-" }
        let share = Self.share(
            rows.reduce(0) { $0 + $1.naiveBroken }, of: rows.reduce(0) { $0 + $1.count })
        return "\(Self.decimal(abs(naive))) / \(Self.decimal(worst.limit)), \(share)"
    }

    private func verdict(_ isPassed: Bool) -> String {
        let margin = self.margin == 0 ? "" : " by a margin of \(self.margin) %"
        return isPassed ? "All limits are kept\(margin)." : "A limit is NOT kept\(margin)."
    }

    private func report(of limits: ScaleLimits) async -> VerificationReport {
        let margin = self.margin
        return await withTaskGroup(of: VerificationReport.self) { group in
            for start in stride(from: 1, through: self.seeds, by: Int(Self.chunk)) {
                let seeds = start..<min(start + Self.chunk, self.seeds + 1)
                group.addTask { .make(limits: limits, seeds: seeds, margin: margin) }
            }
            var whole = VerificationReport(limits: limits, margin: margin)
            for await part in group { whole.merge(part) }
            return whole
        }
    }

    private static func table(_ report: VerificationReport) -> [String] {
        let (max, e) = (report.limits.capacity.value, report.limits.division.value)
        let title =
            "Max \(max / 1000) kg, e = \(e) g, \(max / e) intervals: \(report.seeds) instruments"
        let head = Self.line("", ["worst", "limit", "at load", "naive", "naive fails"], "")
        let rows = report.rows.map { row in
            Self.line(
                row.test.title,
                [
                    Self.decimal(row.worst.error) + " e", Self.decimal(row.worst.limit) + " e",
                    Self.whole(row.worst.intervals) + " e",
                    row.naive.naive.map { Self.decimal($0) + " e" } ?? "-",
                    row.naive.naive.map { _ in Self.share(row.naiveBroken, of: row.count) } ?? "-",
                ], row.isPassed ? "kept" : "BROKEN, seed \(row.seed)")
        }
        return [title, head] + rows + [""]
    }

    private static func line(_ title: String, _ columns: [String], _ verdict: String) -> String {
        let padding = String(repeating: " ", count: max(0, 36 - title.count))
        let cells = columns.map { String(repeating: " ", count: max(1, 12 - $0.count)) + $0 }
        return "  \(title)\(padding)\(cells.joined())  \(verdict)"
    }

    private static func share(_ part: Int, of whole: Int) -> String {
        "\(Int((Double(part) * 100 / Double(max(1, whole))).rounded())) %"
    }

    private static func whole(_ value: Double) -> String { String(Int(value.rounded())) }

    /// Two decimals.
    private static func decimal(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let part = String(hundredths.magnitude % 100)
        let sign = hundredths < 0 ? "-" : ""
        return "\(sign)\(hundredths.magnitude / 100).\(part.count < 2 ? "0" : "")\(part)"
    }

    private static func objects(_ report: VerificationReport) -> [String] {
        report.rows.map { row in
            var object = JSONObject([
                ("capacity", .integer(report.limits.capacity.value)),
                ("division", .integer(report.limits.division.value)),
                ("instruments", .integer(Int64(report.seeds))),
                ("test", .string(row.test.rawValue)),
                ("error", .decimal(Self.decimal(row.worst.error))),
                ("limit", .decimal(Self.decimal(row.worst.limit))),
                ("load", .decimal(Self.decimal(row.worst.intervals))),
                ("seed", .integer(Int64(clamping: row.seed))),
                ("measurements", .integer(Int64(row.count))),
                ("broken", .integer(Int64(row.broken))),
            ])
            if let naive = row.naive.naive {
                object["naive"] = .decimal(Self.decimal(naive))
                object["naive-broken"] = .integer(Int64(row.naiveBroken))
            }
            return JSONValue.object(object).text
        }
    }
}
