import ArgumentParser
import BinCore
import Console
import HubCore
import Program
import Records

@main
struct SteelyardHub: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "steelyard-hub",
        abstract: "The central server of a fleet of bins.",
        discussion: """
            Every verb takes --database URL, before or after the verb. A verb may be used while \
            `serve` runs.
            """,
        version: Steelyard.version,
        subcommands: [
            Serve.self, Key.self, Device.self, Card.self, Tariff.self, Carbon.self, Notice.self,
            PolicyVerb.self, BulletinVerb.self, Import.self, Verify.self,
        ])

    static func main() async {
        let verbs = Set(self.configuration.subcommands.map { $0._commandName })
        let arguments = DatabaseOption.movedBehindVerb(
            Array(CommandLine.arguments.dropFirst()), verbs: verbs)
        await Program.run(Self.self, arguments: arguments) { error in
            (error as? HubFault).map { Failure($0) }
        }
    }
}

extension Console {
    static func print(_ value: JSONValue) throws(Failure) { try Self.print(value.text) }
}
