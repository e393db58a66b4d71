import ArgumentParser
import Console
import HTTPDoor
import HTTPTypes
import Records
import Settings

/// `steelyardctl config …`
struct ConfigVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "The bin's configuration.",
        subcommands: [Show.self, Check.self])

    @ParentCommand var parent: Steelyardctl
    @OptionGroup var door: DoorOptions

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the configuration that the daemon runs with.")

        @ParentCommand var parent: ConfigVerb
        @OptionGroup var door: DoorOptions
        @Flag(name: .long, help: "Print JSON.") var json = false

        func run() async throws {
            let daemon = Daemon(self.door, self.parent.door, self.parent.parent.door)
            let yaml = try await daemon.send(.get, "/v1/configuration").body
            guard self.json else { return try Console.write(yaml, to: nil) }
            try Console.print([
                "sha256": .string(Digest256(of: yaml).hex),
                "yaml": .string(String(decoding: yaml, as: UTF8.self)),
            ])
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Checks a configuration without touching the bin.",
            discussion: "Names every fault with line and column. Exits 0 or 78.")

        @Argument(help: "The configuration, YAML.") var file = "/etc/steelyard/steelyard.yaml"
        @Flag(name: .long, help: "Print JSON.") var json = false

        func run() async throws {
            let checked: CheckedSettings
            do throws(SettingsFaults) {
                checked = try SettingsReader.read(path: self.file)
            } catch {
                try self.report(error)
                throw ExitCode(ExitStatus.configuration.rawValue)
            }
            guard self.json else {
                for warning in checked.warnings {
                    Console.say(
                        "\(warning.file):\(warning.line):\(warning.column): warning: "
                            + warning.message)
                }
                return try Console.print(
                    "\(self.file): no faults (\(checked.sha256.prefix(12)))")
            }
            try Console.print([
                "valid": true, "sha256": .string(checked.sha256), "faults": [],
                "warnings": .array(Self.list(checked.warnings)),
            ])
        }

        private static func list(_ faults: [SettingsFault]) -> [JSONValue] {
            faults.map { fault in
                [
                    "line": .integer(Int64(fault.line)),
                    "column": .integer(Int64(fault.column)),
                    "message": .string(fault.message),
                ]
            }
        }

        private func report(_ faults: SettingsFaults) throws {
            if self.json {
                return try Console.print([
                    "valid": false, "faults": .array(Self.list(faults.faults)),
                ])
            }
            for fault in faults.faults { Console.say("\(fault)") }
        }
    }
}

/// `steelyardctl sync`
struct SyncVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Exchanges with the hub now.")

    @ParentCommand var parent: Steelyardctl
    @OptionGroup var door: DoorOptions
    @Flag(name: .long, help: "Print JSON.") var json = false

    func run() async throws {
        let daemon = Daemon(self.door, self.parent.door)
        let reply = try await daemon.send(.post, "/v1/sync").object
        if self.json { return try Console.print(.object(reply)) }
        try Console.print(
            "the hub holds the records through \(reply["acknowledged"]?.integer ?? 0), "
                + "\(reply["depth"]?.integer ?? 0) to be sent")
    }
}
