import BinControl
import BinCore
import BinDisplay
import BinHardware
import BinJournal
import BinRuntime
import BinSync
import Console
import HTTPDoor
import Hummingbird
import Logging
import Records
import ServiceLifecycle
import Settings
import Supervision
import UnixSignals

/// Puts the bin's parts together and runs them in the order of what needs what.
struct Composition {
    /// The loop is alive if it took an input within this time; readings come several times a
    /// second, and a bin without any scale has at least its supervisor's tick.
    private static let aliveMs: Int64 = 20_000

    /// A door with a client that won't go must not keep the bin from stopping.
    private static let longestStop = Duration.seconds(15)

    private let settings: BinSettings
    private let logger: Logger
    private let journal: Journal
    private let clock: SystemClock
    private let board = DisplayBoard()
    private let bin: BinService
    private let hardware: [any Service & HealthReporting]
    private let uplink: Uplink?
    /// What is amiss from the start on.
    private let standing: [FaultFact]
    private let upkeep: Upkeep
    private let traces: TraceStore
    private let doors: [any Service]
    private let supervisor: Supervisor

    /// Opens the doors.
    ///
    /// - Parameter outage: Since when nothing could be recorded, and why; the first records tell
    ///   it.
    /// - Throws: `JournalError`, `DoorError`, `Failure`.
    init(
        _ checked: CheckedSettings, _ opened: JournalOpening.Opened, socket: String,
        after outage: StorageOutage?, logger: Logger
    ) throws {
        let settings = checked.settings
        self.settings = settings
        self.logger = logger
        let (directory, journal) = (opened.directory, opened.journal)
        let clock = SystemClock(
            newest: journal.lastHeaders.any.map {
                ClockTrust.Newest(clock: $0.clock, isOfThisStart: $0.boot == journal.boot)
            }, newestKnown: try journal.newestKnownTime)
        self.journal = journal
        self.clock = clock

        let traces = try TraceStore(in: directory)
        self.traces = traces
        var start = Self.start(checked, journal: journal, clock: clock)
        start.outage = outage?.fault
        let wake = UplinkBell()
        let outputs = OutputBell()
        let bin = BinService(
            start: start, journal: journal, clock: clock,
            display: Screen(board: self.board, journal: journal, outputs: outputs),
            watchers: [wake], traces: traces, logger: logger)
        self.bin = bin
        // Also without any output: then it says that a compartment has no lock.
        let panel = OutputPanel(
            settings: settings, listener: bin, clock: clock, logger: logger)
        outputs.panel = panel
        let hardware =
            settings.hardware(
                listener: bin, wear: WearFile(in: directory, bootID: try SystemClock.bootID()),
                clock: clock,
                logger: logger) + [panel]
        self.hardware = hardware
        let desk = TransmitterDesk(
            settings, buses: hardware.compactMap { $0 as? any TransmitterCommanding }, bin: bin)
        self.standing = settings.unsupportedParts + journal.notes + Self.place(directory)
        for fault in self.standing where fault.source.hasPrefix("storage") {
            logger.warning(
                "The storage needs a technician",
                metadata: ["part": "\(fault.source)", "problem": "\(fault.detail)"])
        }
        let upkeep = Upkeep(
            journal: journal, bin: bin, clock: clock, retainDays: settings.storage.retainDays,
            logger: logger)
        self.upkeep = upkeep
        let ports = Uplink.Ports(
            journal: journal, bulletins: bin, clock: clock, listener: bin)
        self.uplink = try settings.uplink.flatMap { uplink in
            try Self.uplink(uplink, device: settings.device, ports: ports, logger: logger)
        }
        wake.uplink = self.uplink
        let (board, uplink) = (self.board, self.uplink)
        let status: @Sendable () -> BinStatus = {
            let condition = bin.condition
            var status = BinStatus(
                device: settings.device, community: settings.community,
                version: RunningProgram.identification, config: checked.sha256,
                key: journal.publicKey,
                boot: journal.boot, moment: clock.moment(), queue: journal.queue,
                view: condition.view,
                faults: condition.faults.values.sorted { $0.source < $1.source },
                devices: hardware.flatMap { $0.health() },
                uplink: uplink?.state ?? UplinkState(phase: .none),
                bulletins: journal.bulletinVersions, dropped: condition.dropped,
                locks: panel.locks, events: condition.events)
            (status.storage, status.storageDays) = (upkeep.state, upkeep.days)
            status.unrecorded = condition.unrecorded
            return status
        }
        let control = Router()
        control.add(middleware: ErrorReplies())
        addDisplayRoutes(to: control, board: board)
        ControlRoutes(
            journal: journal, bulletins: bin, uplink: uplink, locks: panel,
            configuration: checked.bytes, status: status
        ).add(to: control)
        ScaleRoutes(scales: bin, traces: traces).add(to: control)
        TransmitterRoutes(transmitters: desk).add(to: control)
        let supervisor = Supervisor(
            doors: settings.kiosk == nil ? 1 : 2,
            isAlive: {
                bin.nudge()
                guard let last = bin.condition.moment else { return false }
                return clock.now().ms(since: last.up) < Self.aliveMs
            }, logger: logger)
        self.supervisor = supervisor
        var doors: [any Service] = [
            try Door.service(serving: control, at: .unix(path: socket), logger: logger) { _ in
                supervisor.doorOpened()
            }
        ]
        if let kiosk = settings.kiosk {
            let router = Router()
            router.add(middleware: ErrorReplies())
            addDisplayRoutes(to: router, board: board)
            addResidentPage(to: router, languages: kiosk.languages)
            doors.append(
                try Door.service(serving: router, at: .tcp(kiosk.listen), logger: logger) { _ in
                    supervisor.doorOpened()
                })
        }
        self.doors = doors
    }

    /// Runs until SIGTERM or SIGINT; an open order is settled on the way out. However it ends, the
    /// journal is closed and its directory let go of, so that it can be opened again.
    ///
    /// - Throws: `JournalError` if the journal must be opened anew.
    func run() async throws {
        let (bin, clock) = (self.bin, self.clock)
        for fault in self.standing { bin.receive(.failed(fault, at: clock.now())) }
        // Services end in the opposite order: the last traces are written after the bin stopped.
        let writing = TraceWriting(
            traces: self.traces, listener: bin, clock: clock, logger: self.logger)
        var services: [any Service] = [writing, bin]
        services += self.doors
        services += self.hardware.map { $0 as any Service }
        if let uplink = self.uplink { services.append(uplink) }
        services.append(self.upkeep)
        services.append(self.supervisor)
        var configuration = ServiceGroupConfiguration(
            services: services.map {
                ServiceGroupConfiguration.ServiceConfiguration(service: $0)
            },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: self.logger)
        configuration.maximumGracefulShutdownDuration = Self.longestStop
        let group = ServiceGroup(configuration: configuration)
        do { try await group.run() } catch {
            await self.closeJournal()
            throw error
        }
        await self.closeJournal()
    }

    /// Whether the start was recorded.
    var hasBegun: Bool { self.bin.condition.moment != nil }

    /// Nothing more can be done about what fails here: the next start makes up for it.
    private func closeJournal() async {
        do throws(JournalError) {
            if !self.journal.isInPlace { try await self.journal.rescue() }
        } catch {
            self.logger.error("The journal was not saved", metadata: ["problem": "\(error)"])
        }
        do throws(JournalError) { try self.journal.close() } catch {
            self.logger.error("The journal was not closed", metadata: ["problem": "\(error)"])
        }
    }

    /// What is amiss with the place of the storage. What can't be looked at is amiss, too, and
    /// keeps no bin from its service.
    private static func place(_ directory: StorageDirectory) -> [FaultFact] {
        func look(_ source: String, _ fault: () throws -> FaultFact?) -> FaultFact? {
            do { return try fault() } catch {
                return FaultFact(source: source, code: "unreadable", detail: "\(error)")
            }
        }
        let moved = look("storage origin") {
            try MachineName.own.flatMap { try directory.originFault(machine: $0) }
        }
        return [look("storage mount") { try directory.mountFault() }, moved].compactMap(\.self)
    }

    private static func start(
        _ checked: CheckedSettings, journal: Journal, clock: SystemClock
    ) -> BinStart {
        let last = journal.lastHeaders
        let sameBoot = last.any.flatMap { $0.boot == journal.boot ? $0 : nil }
        var memory = journal.memory
        memory.isSwitchedOn = sameBoot == nil
        let idleMs = Int64(checked.settings.session.idleSeconds) * 1000
        if let header = last.openOrder {
            memory.mayCredit = BinMemory.mayCredit(
                last: BinMemory.Recorded(
                    boot: header.boot,
                    moment: Moment(up: header.up, at: header.at, clock: header.clock)),
                now: BinMemory.Recorded(boot: journal.boot, moment: clock.moment()),
                idleMs: idleMs)
        }
        let wasHung = WatchdogNote(in: checked.settings.storage.directory).take()
        let boot = BootFact(
            version: RunningProgram.identification, config: checked.sha256,
            reason: sameBoot == nil ? .power : wasHung ? .watchdog : .restart,
            legal: LegalMark.starting(
                with: Digest256(of: Array(checked.settings.legalText.utf8)).hex,
                software: Steelyard.software(in: RunningProgram.identification),
                after: memory.legal))
        return BinStart(
            settings: checked.settings, memory: memory, boot: boot, lastRecorded: sameBoot)
    }

    /// The exchange with the hub; `nil` over TLS, which this version doesn't speak.
    private static func uplink(
        _ settings: UplinkSettings, device: DeviceID, ports: Uplink.Ports, logger: Logger
    ) throws(Failure) -> Uplink? {
        guard let file = settings.tokenFile else { return nil }
        let token = try TokenFile.read(file, logger: logger)
        let client = DoorClient(.url(settings.url), token: token)
        return Uplink(
            hub: HubClient(client, device: device), everySeconds: settings.everySeconds,
            ports: ports, logger: logger)
    }
}
