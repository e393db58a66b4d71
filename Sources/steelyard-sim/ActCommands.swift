import ArgumentParser
import Console
import Records
import Simulation

/// A verb that does one act, and is written as in a script.
protocol ActCommand: AsyncParsableCommand {
    var parent: SteelyardSim { get }
    var place: SocketOption { get }
    var output: ActOutput { get }
    /// The words of the act, verb first.
    var words: [String] { get }
}

/// How an act that was done is told.
struct ActOutput: ParsableArguments {
    @Flag(help: "Print the act as JSON once it is done.")
    var json = false
}

extension ActCommand {
    func run() async throws { try await self.perform() }

    private func perform() async throws {
        let act: Act
        do throws(SimulationError) {
            act = try Act(line: self.words.joined(separator: " "))
        } catch {
            throw Failure(error.description, .usage)
        }
        try await SteeringClient(socket: self.place.path(orBefore: self.parent.place)).perform(act)
        if self.output.json {
            try Console.print(
                JSONValue.object(JSONObject([("act", .string(act.description))])).text)
        }
    }
}

struct TapCommand: ActCommand {
    static let configuration = CommandConfiguration(
        commandName: "tap", abstract: "Hold a card to a reader.")

    @Argument(help: "The card, like uid:04A1B2C3.")
    var card: String
    @Option(help: "The reader (default: the first by name that is simulated).")
    var reader: String?
    @ParentCommand var parent: SteelyardSim
    @OptionGroup var place: SocketOption
    @OptionGroup var output: ActOutput

    var words: [String] {
        ["tap", self.card] + (self.reader.map { ["--reader", $0] } ?? [])
    }
}

struct PutCommand: ActCommand {
    static let configuration = CommandConfiguration(
        commandName: "put", abstract: "Put mass into a compartment.")

    @OptionGroup var load: LoadArguments
    @ParentCommand var parent: SteelyardSim
    @OptionGroup var place: SocketOption
    @OptionGroup var output: ActOutput

    var words: [String] { ["put"] + self.load.words }
}

struct TakeCommand: ActCommand {
    static let configuration = CommandConfiguration(
        commandName: "take", abstract: "Take mass out of a compartment.")

    @OptionGroup var load: LoadArguments
    @ParentCommand var parent: SteelyardSim
    @OptionGroup var place: SocketOption
    @OptionGroup var output: ActOutput

    var words: [String] { ["take"] + self.load.words }
}

struct LoadArguments: ParsableArguments {
    @Argument(help: "The compartment's name in the configuration.")
    var compartment: String
    @Argument(help: "Grams, with up to 3 decimals.")
    var grams: String
    @Option(help: "Seconds that it takes, with up to 3 decimals (default: at once).")
    var over: String?

    var words: [String] {
        [self.compartment, self.grams] + (self.over.map { ["--over", $0] } ?? [])
    }
}

struct EmptyCommand: ActCommand {
    static let configuration = CommandConfiguration(
        commandName: "empty", abstract: "Take everything out of a compartment.")

    @Argument(help: "The compartment's name in the configuration.")
    var compartment: String
    @ParentCommand var parent: SteelyardSim
    @OptionGroup var place: SocketOption
    @OptionGroup var output: ActOutput

    var words: [String] { ["empty", self.compartment] }
}

struct FaultCommand: ActCommand {
    static let configuration = CommandConfiguration(
        commandName: "fault", abstract: "Break a part, or heal it.",
        discussion: """
            off: unplugged; of a bus, its port disappears. silent: no reply. garbage: random bytes \
            and wrong checksums. late: replies 100 ms after the bus's timeout. stuck: the \
            registers keep what they hold. on: heals.
            """)

    @Argument(help: "bus, scale or reader.")
    var kind: String
    @Argument(help: "The part's name in the configuration.")
    var name: String
    @Argument(help: "off, silent, garbage, late, stuck or on.")
    var fault: String
    @ParentCommand var parent: SteelyardSim
    @OptionGroup var place: SocketOption
    @OptionGroup var output: ActOutput

    var words: [String] { ["fault", self.kind, self.name, self.fault] }
}
