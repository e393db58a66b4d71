import ArgumentParser
import BinCore
import Console
import HubCore
import Records

struct BulletinVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bulletin", abstract: "Carry bulletins to bins by hand.",
        subcommands: [Export.self])

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write bulletins, for `steelyardctl bulletin install`.")

        @Option(help: "Only what this bin needs; otherwise what any bin needs.")
        var device: DeviceID?
        @Option(help: "The file to write, instead of standard output.")
        var out: String?
        @OptionGroup var database: DatabaseOption

        func run() async throws {
            let lines = try await self.database.open().bulletins(for: self.device, have: [:])
            try Console.write(lines, to: self.out)
        }
    }
}
