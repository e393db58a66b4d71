import ArgumentParser
import BinCore
import Program

/// Plays the hardware of a bin, and steers what plays.
@main
struct SteelyardSim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "steelyard-sim",
        abstract: "Plays the hardware of a bin on the other end of its real buses.",
        discussion: """
            `bin` runs until it is stopped; `verify-instrument` needs none; the other verbs steer \
            a running one through its socket. Exit codes: 0 done, 64 usage, 65 refused or bad \
            data, 66 no input, 69 no simulator answers, 73 can't create, 78 bad configuration.
            """,
        version: Steelyard.version,
        subcommands: [
            BinCommand.self, TapCommand.self, PutCommand.self, TakeCommand.self,
            EmptyCommand.self, FaultCommand.self, ScriptCommand.self, StatusCommand.self,
            VerifyInstrumentCommand.self,
        ])

    @OptionGroup var place: SocketOption

    static func main() async { await Program.run(Self.self) }
}
