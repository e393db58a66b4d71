import ArgumentParser
import BinCore
import Console
import Foundation
import HTTPDoor
import Hummingbird
import Logging
import Program
import Records
import Settings
import Simulation

/// Plays a bin in the foreground.
struct BinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bin",
        abstract: "Play a bin's hardware until SIGTERM or SIGINT.",
        discussion: """
            Makes a pseudo-terminal at the port of each bus in the configuration and answers there \
            as its transmitters and readers. Where the kernel offers simulated GPIO (gpio-sim) it \
            also makes the chips, and plays the HX711 converters and Wiegand readers on their \
            lines; what is put in at once breaks its compartment's light barrier once. Prints a \
            line that begins with "ready" when all of them answer.
            """)

    @Option(help: "The bin's configuration.", completion: .file())
    var config: String

    @ParentCommand var parent: SteelyardSim
    @OptionGroup var place: SocketOption

    @Option(
        help: "Makes noise and garbage the same again, 0 or above (default: another each time).")
    var seed: Int64?

    @Option(help: "Keep what lies in the compartments in this file, across runs.")
    var state: String?

    @Option(
        help: "For how many microseconds an HX711's clock may be high; 0 for ever (default: 60).")
    var powerDownUs = 60

    @Flag(help: "Print the ready line as JSON.")
    var json = false

    func validate() throws {
        if let seed = self.seed, seed < 0 { throw ValidationError("--seed must be 0 or above") }
        guard (0...1_000_000).contains(self.powerDownUs) else {
            throw ValidationError("--power-down-us must be 0 to 1000000")
        }
    }

    func run() async throws { try await self.play() }

    private func play() async throws {
        let settings = try self.settings()
        let file = self.state.map(LoadFile.init(path:))
        do {
            let simulator = try BinSimulator(
                settings: settings, seed: self.chosenSeed, loads: try file?.read() ?? [:],
                powerDownUs: self.powerDownUs == 0 ? nil : self.powerDownUs)
            for part in simulator.status().unplayed {
                let why = "is on GPIO lines, which are not simulated; going on with the rest"
                Console.say("steelyard-sim: \(part) \(why)")
            }
            try await self.serve(simulator, keeping: file)
        } catch let error as SimulationError {
            throw Failure(error.description, .cantCreate)
        } catch let error as DoorError {
            throw Failure(error.description, .cantCreate)
        }
    }

    /// Printed, so that a run can be played again.
    private var chosenSeed: UInt64 {
        self.seed.map { UInt64($0.magnitude) } ?? .random(in: 0...UInt64(UInt32.max))
    }

    private func settings() throws -> BinSettings {
        do throws(SettingsFaults) {
            return try SettingsReader.read(path: self.config).settings
        } catch {
            throw Program.refusal(
                of: SteelyardSim.self, error.faults.map(\.description), .configuration)
        }
    }

    private func serve(_ simulator: BinSimulator, keeping file: LoadFile?) async throws {
        var logger = Logger(label: "steelyard-sim") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        self.makeFolder(for: self.socketPath)
        let routes = SteeringRoutes(simulator: simulator, file: file)
        // Takes the socket first, so that a second simulator leaves the ports of the first alone.
        let door = try Door.service(
            serving: routes.router, at: .unix(path: self.socketPath), logger: logger,
            onOpen: { _ in self.tellReady(simulator.status()) })
        try await simulator.start()
        do { try await door.runUntilSignal() } catch {
            await simulator.stop()
            throw error
        }
        await simulator.stop()
        // Gone already if somebody removed it; then there is nothing to do.
        try? FileManager.default.removeItem(atPath: self.socketPath)
    }

    private var socketPath: String { self.place.path(orBefore: self.parent.place) }

    private func makeFolder(for path: String) {
        // `try?`: what can't be made here shows when the socket is opened.
        try? FileManager.default.createDirectory(
            at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
    }

    private func tellReady(_ status: SimulationStatus) {
        do throws(Failure) { try Console.print(self.readyLine(status)) } catch {
            Console.say("steelyard-sim: " + error.words)
        }
    }

    private func readyLine(_ status: SimulationStatus) -> String {
        guard self.json else {
            return "ready: bin \(status.device), seed \(status.seed), socket \(self.socketPath)"
        }
        let object = JSONObject([
            ("ready", true), ("device", .string(status.device.text)),
            ("seed", .integer(Int64(clamping: status.seed))),
            ("socket", .string(self.socketPath)),
        ])
        return JSONValue.object(object).text
    }
}
