import ArgumentParser
import BinCore
import Console
import Foundation
import HubCore
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
        do {
            let verbs = Set(self.configuration.subcommands.map { $0._commandName })
            let arguments = DatabaseOption.movedBehindVerb(
                Array(CommandLine.arguments.dropFirst()), verbs: verbs)
            var command = try self.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch { self.leave(because: error) }
    }

    /// One line on standard error: what is wrong, where, and what to do.
    private static func leave(because error: any Error) -> Never {
        if let failure = error as? Failure { self.leave(because: failure) }
        if let fault = error as? HubFault { self.leave(because: Failure(fault)) }
        let code = self.exitCode(for: error)
        // Help and version are asked for, and a bare code was explained before.
        if code.isSuccess || error is ExitCode { self.exit(withError: error) }
        let message = self.message(for: error).split(separator: "\n").first ?? "unknown"
        Console.say("steelyard-hub: \(message); see `steelyard-hub --help`")
        Foundation.exit(code.rawValue)
    }

    private static func leave(because failure: Failure) -> Never {
        Console.say("steelyard-hub: \(failure.words)")
        Foundation.exit(failure.status.rawValue)
    }
}

extension Console {
    static func print(_ value: JSONValue) throws(Failure) { try Self.print(value.text) }
}
