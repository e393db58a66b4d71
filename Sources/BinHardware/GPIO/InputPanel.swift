package import BinCore
import Glibc
package import Logging
import ServiceLifecycle
import Synchronization

/// The bin's slow inputs: switches at lids and doors, beams that count pieces, fill sensors.
///
/// One thread for each, and for the distance sensors of a chip together. It blocks until something
/// happens or is due. `run()` ends on graceful shutdown or cancellation.
package final class InputPanel: Service, HealthReporting {
    private let threads: [LineThread<InputHandler>]
    private let snapshots: [PanelSnapshot]
    private let logger: Logger

    /// - Parameter listener: Called on the panel's own threads.
    package init(
        settings: BinSettings, listener: any HardwareListening, clock: any MonotonicClock,
        logger: Logger
    ) {
        var threads: [LineThread<InputHandler>] = []
        var snapshots: [PanelSnapshot] = []
        for group in settings.inputs {
            let machine = InputMachine(parts: group.parts)
            let snapshot = PanelSnapshot(machine.health)
            snapshots.append(snapshot)
            let handler = InputHandler(
                machine: machine, snapshot: snapshot, listener: listener, clock: clock)
            threads.append(
                LineThread(
                    name: "inputs-\(threads.count)", plan: group.plan, handler: handler,
                    urgency: .ordinary, logger: logger))
        }
        self.threads = threads
        self.snapshots = snapshots
        self.logger = logger
    }

    package func health() -> [DeviceHealth] { self.snapshots.flatMap(\.current) }

    package func run() async throws {
        self.logger.info("Inputs started")
        await withDiscardingTaskGroup { group in
            for thread in self.threads { group.addTask { await thread.run() } }
        }
        self.logger.info("Inputs stopped")
    }
}

/// How the parts of one thread are doing, for whoever asks from another.
final class PanelSnapshot: Sendable {
    private let health: Mutex<[DeviceHealth]>

    init(_ health: [DeviceHealth]) { self.health = Mutex(health) }

    var current: [DeviceHealth] {
        get { self.health.withLock { $0 } }
        set { self.health.withLock { $0 = newValue } }
    }
}

/// Puts what comes from the lines through the machine, on their thread.
struct InputHandler: LineHandling {
    /// Edges queue up for so long after each batch, so that a fluttering wire can't take a core.
    private static let pauseNs: Int64 = 2_000_000

    private var machine: InputMachine
    private let snapshot: PanelSnapshot
    private let listener: any HardwareListening
    private let clock: any MonotonicClock

    init(
        machine: InputMachine, snapshot: PanelSnapshot, listener: any HardwareListening,
        clock: any MonotonicClock
    ) {
        self.machine = machine
        self.snapshot = snapshot
        self.listener = listener
        self.clock = clock
    }

    mutating func opened(_ lines: borrowing HeldLines) throws(LineError) -> LineWait {
        let levels = try self.levels(lines)
        self.tell(self.machine.opened(levels, atNs: MonotonicTime.nowNs()))
        return try self.follow(lines)
    }

    mutating func came(
        _ batch: EdgeBatch, _ lines: borrowing HeldLines
    ) throws(LineError) -> LineWait {
        self.tell(self.machine.came(batch.edges))
        if batch.lost > 0 {
            // Nobody knows of which line: each is read again.
            for (index, level) in try self.levels(lines).enumerated() {
                self.tell(self.machine.read(index, level, atNs: MonotonicTime.nowNs()))
            }
        }
        return .pause(ns: Self.pauseNs)
    }

    mutating func timedOut(_ lines: borrowing HeldLines) throws(LineError) -> LineWait {
        try self.follow(lines)
    }

    mutating func failed(_ error: LineError) {
        self.tell(self.machine.lost(error))
        self.snapshot.current = self.machine.health
    }

    /// Does what is due and returns when more will be.
    private mutating func follow(_ lines: borrowing HeldLines) throws(LineError) -> LineWait {
        let nowNs = MonotonicTime.nowNs()
        for index in self.machine.due(atNs: nowNs) {
            let level = try lines.inputs.isActive(index)
            self.tell(self.machine.read(index, level, atNs: nowNs))
        }
        let sensed = self.machine.sense(atNs: nowNs)
        self.tell(sensed.notices)
        if let trigger = sensed.trigger { try self.pulse(trigger, lines) }
        self.snapshot.current = self.machine.health
        return .edges(
            withinNs: self.machine.nextDueNs.map { max(0, $0 - MonotonicTime.nowNs()) })
    }

    private func levels(_ lines: borrowing HeldLines) throws(LineError) -> [Bool] {
        var levels: [Bool] = []
        for index in self.machine.parts.indices { levels.append(try lines.inputs.isActive(index)) }
        return levels
    }

    /// The sensor measures from the end of the pulse on, which may be longer.
    private func pulse(_ trigger: Int, _ lines: borrowing HeldLines) throws(LineError) {
        try lines.outputs?.set(trigger, to: true)
        usleep(UltrasonicSensor.triggerUs)
        try lines.outputs?.set(trigger, to: false)
    }

    private func tell(_ notices: [InputMachine.Notice]) {
        for notice in notices {
            let now = self.clock.now()
            switch notice {
            case .contact(let contact, let isOpen):
                self.listener.receive(.contact(contact, isOpen: isOpen, at: now))
            case .piece(let compartment):
                self.listener.receive(.pieces(compartment: compartment, 1, at: now))
            case .filled(let compartment, let isFull):
                self.listener.receive(.filled(compartment: compartment, isFull: isFull, at: now))
            case .failed(let fault): self.listener.receive(.failed(fault, at: now))
            case .restored(let fault): self.listener.receive(.restored(fault, at: now))
            }
        }
    }
}
