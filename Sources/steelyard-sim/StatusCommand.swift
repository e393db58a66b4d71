import ArgumentParser
import Console
import HTTPDoor
import Records
import Simulation

/// Shows what is true inside the bin.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what truly lies in the bin, the taps so far, and the faults.")

    @ParentCommand var parent: SteelyardSim
    @OptionGroup var place: SocketOption
    @Flag(help: "Print JSON; masses are milligrams.")
    var json = false

    func run() async throws { try await self.show() }

    private func show() async throws {
        let reply = try await SteeringClient(socket: self.place.path(orBefore: self.parent.place))
            .status()
        if self.json { return try Console.print(JSONValue.object(reply.object).text) }
        for line in Self.lines(of: reply.object) { try Console.print(line) }
    }

    private static func lines(of status: JSONObject) -> [String] {
        let device = status["device"]?.string ?? "?"
        var lines = ["bin \(device), seed \(status["seed"]?.integer ?? 0)"]
        for member in status["compartments"]?.object?.members ?? [] {
            let load = Thousandths.text(member.value.object?["load-mg"]?.integer ?? 0)
            let shown = Thousandths.text(member.value.object?["indication-mg"]?.integer ?? 0)
            let rest = member.value.object?["stable"] == true ? "stable" : "moving"
            lines.append("compartment \(member.key): \(load) g; scale sees \(shown) g, \(rest)")
        }
        for member in status["readers"]?.object?.members ?? [] {
            let taps = member.value.object?["taps"]?.integer ?? 0
            let waiting = member.value.object?["waiting"]?.integer ?? 0
            lines.append("reader \(member.key): \(taps) taps, \(waiting) cards waiting")
        }
        for member in status["faults"]?.object?.members ?? [] {
            lines.append("fault: \(member.key) \(member.value.string ?? "")")
        }
        for part in status["not-simulated"]?.array ?? [] {
            lines.append("not simulated: \(part.string ?? "")")
        }
        return lines
    }
}
