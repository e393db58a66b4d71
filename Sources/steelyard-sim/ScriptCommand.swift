import ArgumentParser
import Console
import Program
import Records
import Simulation

/// Does a list of acts at their times.
struct ScriptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "script", abstract: "Do the acts of a file at their times.",
        discussion: """
            Lines are written `at SECONDS VERB …`, seconds counted from the start of the script; # \
            begins a comment. All lines are checked before the first act is done, and each is \
            printed when it is done. Ends at the first act that is refused.
            """)

    @Argument(help: "The script; - reads standard input.", completion: .file())
    var file: String
    @ParentCommand var parent: SteelyardSim
    @OptionGroup var place: SocketOption
    @Flag(help: "Print each act as a JSON object on a line.")
    var json = false

    func run() async throws { try await self.play() }

    private func play() async throws {
        let text = try self.text()
        let script: Script
        do throws(ScriptFaults) { script = try Script(text) } catch {
            let lines = error.faults.map { "\(self.file):\($0.line): \($0.message)" }
            throw Program.refusal(of: SteelyardSim.self, lines, .badData)
        }
        let client = SteeringClient(socket: self.place.path(orBefore: self.parent.place))
        try await client.check(script: text, named: self.file)
        let start = ContinuousClock.now
        for step in script.steps {
            try await Task.sleep(until: start + .milliseconds(step.atMs))
            try await client.perform(step.act, origin: "\(self.file):\(step.line): ")
            try self.tell(step)
        }
    }

    private func text() throws -> String {
        guard let text = String(validating: try Console.read(self.file), as: UTF8.self) else {
            throw Failure("\(self.file): is not UTF-8 text; save it as UTF-8", .badData)
        }
        return text
    }

    private func tell(_ step: Script.Step) throws {
        guard self.json else {
            return try Console.print("at \(Thousandths.text(step.atMs)) \(step.act)")
        }
        let object = JSONObject([
            ("line", .integer(Int64(step.line))), ("at-ms", .integer(step.atMs)),
            ("act", .string(step.act.description)),
        ])
        try Console.print(JSONValue.object(object).text)
    }
}
