import BinControl
import BinCore
import BinDisplay
import BinHardware
import BinJournal
import HTTPDoor
import Hummingbird
import Logging
import Records
import ServiceLifecycle
import Settings
import Supervision
import Synchronization
import UnixSignals

/// A bin whose journal can't be opened: it says so on screen, lights and socket, takes nothing, and
/// tries again until it can.
struct OutOfService {
    private static let retry = Duration.seconds(5)
    private static let look = Duration.milliseconds(100)
    private static let longestStop = Duration.seconds(5)

    private let checked: CheckedSettings
    private let socket: String
    private let logger: Logger

    init(_ checked: CheckedSettings, socket: String, logger: Logger) {
        self.checked = checked
        self.socket = socket
        self.logger = logger
    }

    /// Returns `true` when the journal may be opened again, or was by `opening`, and `false` when
    /// the daemon is to end.
    func run(
        because error: JournalError, until opening: JournalOpening? = nil
    ) async throws -> Bool {
        let settings = self.checked.settings
        let clock = SystemClock(newest: nil, newestKnown: nil)
        let view = BinView(phase: .fault("storage"), order: nil, compartments: [])
        let board = DisplayBoard(view)
        let panel = OutputPanel(
            settings: settings, listener: Deaf(), clock: clock, logger: self.logger)
        panel.show(view)
        let directory = settings.storage.directory
        let attempt =
            opening.map { opening in Attempt(every: Self.look) { opening.isDone } }
            ?? Attempt(every: Self.retry) { Self.mayWork(directory) }
        let supervisor = Supervisor(
            doors: settings.kiosk == nil ? 1 : 2, isAlive: { opening?.isGettingOn ?? true },
            isEnd: { !attempt.isDue }, logger: self.logger)
        let control = Router()
        control.add(middleware: ErrorReplies())
        addDisplayRoutes(to: control, board: board)
        let device = settings.device.text
        control.get("/v1/status") { _, _ in
            Response.json([
                "device": .string(device), "version": .string(RunningProgram.identification),
                "at": .string(clock.moment().at.rfc3339), "state": "out-of-service: storage",
                "faults": [
                    [
                        "source": "journal", "code": .string(error.code.rawValue),
                        "detail": .string(error.message),
                    ]
                ],
            ])
        }
        var services: [any Service] = [
            try Door.service(serving: control, at: .unix(path: self.socket), logger: self.logger) {
                _ in supervisor.doorOpened()
            }, panel, supervisor,
        ]
        if let kiosk = settings.kiosk {
            let router = Router()
            router.add(middleware: ErrorReplies())
            addDisplayRoutes(to: router, board: board)
            addResidentPage(to: router, languages: kiosk.languages)
            services.append(
                try Door.service(serving: router, at: .tcp(kiosk.listen), logger: self.logger) {
                    _ in supervisor.doorOpened()
                })
        }
        var configurations = services.map {
            ServiceGroupConfiguration.ServiceConfiguration(service: $0)
        }
        configurations.append(
            ServiceGroupConfiguration.ServiceConfiguration(
                service: attempt, successTerminationBehavior: .gracefullyShutdownGroup))
        var configuration = ServiceGroupConfiguration(
            services: configurations, gracefulShutdownSignals: [.sigterm, .sigint],
            logger: self.logger)
        configuration.maximumGracefulShutdownDuration = Self.longestStop
        let asked = Mutex(false)
        // A signal that comes while the doors close already would be lost.
        let listening = Task {
            for await _ in await UnixSignalsSequence(trapping: [.sigterm, .sigint]) {
                asked.withLock { $0 = true }
            }
        }
        defer { listening.cancel() }
        try await ServiceGroup(configuration: configuration).run()
        return attempt.isDue && !asked.withLock { $0 }
    }

    /// Whether the medium takes a file as large as a start needs.
    private static func mayWork(_ directory: String) -> Bool {
        do {
            try StorageDirectory(path: directory).tryOut()
            return true
        } catch { return false }
    }

    /// Ends when it is time for another attempt to open the journal.
    private final class Attempt: Service {
        private let period: Duration
        private let isTime: @Sendable () -> Bool
        private let due = Mutex(false)

        init(every period: Duration, isTime: @escaping @Sendable () -> Bool) {
            self.period = period
            self.isTime = isTime
        }

        var isDue: Bool { self.due.withLock { $0 } }

        func run() async throws {
            await cancelWhenGracefulShutdown {
                while !Task.isCancelled {
                    // Nothing tells when a medium takes files again. `try?`: only cancelled, which
                    // the loop sees by itself.
                    try? await Task.sleep(for: self.period)
                    guard !Task.isCancelled, self.isTime() else { continue }
                    self.due.withLock { $0 = true }
                    return
                }
            }
        }
    }

    /// Nothing can be done about what the lights' lines say.
    private struct Deaf: HardwareListening {
        func receive(_ event: HardwareEvent) {}
    }
}
