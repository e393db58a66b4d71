import ArgumentParser
import BinCore
import BinHardware
import Console
import HTTPDoor
import Logging
import Program
import Records
import Settings

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The daemon on the bin: sensors → orders → journal → sync.
@main
struct Steelyardd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "steelyardd",
        abstract: "Runs a recycling bin: weighs, credits, remembers, and sends when it can.",
        discussion: """
            Exit codes are those of sysexits(3): 64 usage, 69 hardware or socket not available, 75 \
            another steelyardd runs on the storage, 78 bad configuration. A storage that can't be \
            used puts the bin out of service until it can.
            """,
        version: RunningProgram.identification)

    @Option(name: .long, help: "The bin's configuration, YAML.")
    var config = "/etc/steelyard/steelyard.yaml"

    @Option(name: .long, help: "Where to serve the control socket.")
    var socket = "/run/steelyard/control.sock"

    @Option(name: .long, help: "trace, debug, info, notice, warning or error.")
    var logLevel: LogLevel = .notice

    @Flag(
        name: .long,
        help: """
            Switch every lamp and every coil of the configuration off once, and end. For after a \
            crash: systemd does it whenever the daemon has ended, however it did.
            """)
    var release = false

    func run() async throws {
        // What this process makes is its own: card numbers, keys. The doors open their sockets
        // themselves.
        umask(0o077)
        let level = self.logLevel.level
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        let logger = Logger(label: "steelyardd")
        do {
            if self.release { return try self.releaseAll() }
            let checked = try SettingsReader.read(path: self.config)
            self.keepActive(checked, logger: logger)
            try await self.serve(checked, logger)
        } catch let faults as SettingsFaults {
            throw Program.refusal(
                of: Self.self, faults.faults.map(\.description), .configuration)
        } catch let error as JournalError {
            throw Failure(error.message, error.code == .locked ? .tryAgain : .cantCreate)
        } catch let error as DoorError {
            throw Failure(error.description, .unavailable)
        }
    }

    /// Runs the bin; while its journal can't be opened, it is out of service and says so.
    private func serve(_ checked: CheckedSettings, _ logger: Logger) async throws {
        var outage: StorageOutage?
        let pause = OutOfService(checked, socket: self.socket, logger: logger)
        while true {
            var bin: Composition?
            do {
                let opening = JournalOpening(checked.settings, logger: logger)
                let start = StorageOutage(Self.check)
                if await !opening.wait() {
                    guard try await pause.run(because: Self.check, until: opening) else { return }
                    outage = outage ?? start
                }
                let composed = try Composition(
                    checked, try opening.take(), socket: self.socket, after: outage,
                    logger: logger)
                bin = composed
                return try await composed.run()
            } catch let error as JournalError where error.code != .locked {
                logger.error("The journal can't be used", metadata: ["problem": "\(error)"])
                if bin?.hasBegun ?? false { outage = nil }
                outage = outage.map { $0.because(error) } ?? StorageOutage(error)
                bin = nil
                guard try await pause.run(because: error) else { return }
                logger.notice("The journal is tried again")
            }
        }
    }

    private static let check = JournalError(
        .storage, "the journal is being checked, or salvaged; that can take minutes")

    /// What the daemon at this socket runs, or ran last, with.
    private var activeConfiguration: String { self.socket + ".yaml" }

    /// Keeps the configuration for `--release`: the file may have changed, or gone wrong, before
    /// the daemon dies.
    private func keepActive(_ checked: CheckedSettings, logger: Logger) {
        do throws(Failure) {
            try Console.write(checked.bytes, to: self.activeConfiguration)
        } catch {
            logger.warning(
                "The active configuration was not kept", metadata: ["problem": "\(error)"])
        }
    }

    /// Switches all outputs off, those of the configuration that the daemon ran with and those of
    /// the file; tries each one whatever becomes of the others.
    private func releaseAll() throws {
        defer { self.noteWatchdog() }
        var failed: [FaultFact] = []
        // `try?`: without a daemon before there is no such file.
        let active = try? SettingsReader.read(path: self.activeConfiguration)
        if let active { failed += releaseOutputs(of: active.settings) }
        let current: CheckedSettings
        do { current = try SettingsReader.read(path: self.config) } catch {
            guard active != nil else { throw error }
            return try Self.tell(failed)
        }
        if current.sha256 != active?.sha256 { failed += releaseOutputs(of: current.settings) }
        try Self.tell(failed)
    }

    /// systemd tells what it runs after the daemon how that ended (systemd.exec(5),
    /// `$SERVICE_RESULT`): the next start's record says so, too.
    private func noteWatchdog() {
        guard getenv("SERVICE_RESULT").map({ String(cString: $0) }) == "watchdog" else { return }
        for path in [self.activeConfiguration, self.config] {
            // `try?`: one of the two can be read, or there is no storage to leave a note in.
            guard let checked = try? SettingsReader.read(path: path) else { continue }
            return WatchdogNote(in: checked.settings.storage.directory).leave()
        }
    }

    private static func tell(_ failed: [FaultFact]) throws {
        guard failed.isEmpty else {
            throw Program.refusal(
                of: Self.self,
                failed.map { "\($0.source) could not be switched off: \($0.detail)" },
                .unavailable)
        }
    }

    static func main() async { await Program.run(Self.self) }
}

/// What is logged at least.
enum LogLevel: String, CaseIterable, ExpressibleByArgument {
    case trace, debug, info, notice, warning, error

    var level: Logger.Level {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    }
}
