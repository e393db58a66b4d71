import ArgumentParser
import BinCore
import Program

/// Everything that can be asked of a bin, over its control socket.
@main
struct Steelyardctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "steelyardctl",
        abstract: "Asks a recycling bin, and tells it what to do.",
        discussion: """
            Speaks to the steelyardd on this machine. Exit codes are those of sysexits(3): 64 \
            usage, 65 bad data, 66 no input, 69 the daemon isn't reachable, 73 can't create, 75 \
            try again, 77 not permitted, 78 bad configuration.
            """,
        version: Steelyard.version,
        subcommands: [
            StatusVerb.self, QueueVerb.self, JournalVerb.self, BatchVerb.self, BulletinVerb.self,
            ConfigVerb.self, SyncVerb.self, CalibrateVerb.self, ReadVerb.self, LockVerb.self,
        ])

    @OptionGroup var door: DoorOptions

    static func main() async { await Program.run(Self.self) }
}
