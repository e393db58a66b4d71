/// A list of acts with their times: lines `at SECONDS VERB …`; `#` begins a comment.
package struct Script: Hashable, Sendable {
    package struct Step: Hashable, Sendable {
        /// Counted from 1.
        package let line: Int
        /// Milliseconds since the script's start.
        package let atMs: Int64
        package let act: Act
    }

    /// The most lines that a script may have.
    package static let linesMax = 100_000

    /// By time; steps of the same time in the order of their lines.
    package let steps: [Step]

    /// Reads a script whole.
    ///
    /// - Throws: Every line that can't be read, in order.
    package init(_ text: String) throws(ScriptFaults) {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard lines.count <= Self.linesMax else {
            let message = "there are more than \(Self.linesMax) lines; split the script"
            throw ScriptFaults(faults: [.init(line: Self.linesMax + 1, message: message)])
        }
        var steps: [Step] = []
        var faults: [ScriptFaults.Fault] = []
        for (index, line) in lines.enumerated() {
            do {
                if let step = try Self.step(line, number: index + 1) { steps.append(step) }
            } catch {
                faults.append(.init(line: index + 1, message: error.description))
            }
        }
        guard faults.isEmpty else { throw ScriptFaults(faults: faults) }
        self.steps = steps.sorted { ($0.atMs, $0.line) < ($1.atMs, $1.line) }
    }

    private static func step(_ line: Substring, number: Int) throws(SimulationError) -> Step? {
        let code = line.prefix { $0 != "#" }
        let words = code.split(
            maxSplits: 2, omittingEmptySubsequences: true,
            whereSeparator: { $0 == " " || $0 == "\t" })
        guard let first = words.first else { return nil }
        guard first == "at", words.count == 3 else {
            throw SimulationError(.malformed, "write: at SECONDS VERB …")
        }
        guard let atMs = Thousandths.read(words[1]) else {
            throw SimulationError(
                .malformed,
                "\"\(words[1])\" is no time: write seconds with up to 3 decimals, like 2.5")
        }
        return Step(line: number, atMs: atMs, act: try Act(line: String(words[2])))
    }
}

/// The lines of a script that can't be run.
package struct ScriptFaults: Error, Hashable, Sendable {
    package struct Fault: Hashable, Sendable {
        package let line: Int
        package let message: String

        package init(line: Int, message: String) {
            self.line = line
            self.message = message
        }
    }

    package let faults: [Fault]

    package init(faults: [Fault]) { self.faults = faults }
}
