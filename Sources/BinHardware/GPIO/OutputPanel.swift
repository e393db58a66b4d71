package import BinCore
package import Logging
import ServiceLifecycle
import Synchronization

/// The bin's lights, buzzer and locks.
///
/// It is told what is durable and drives the lines by itself, on a queue of its own: nothing here
/// holds up the bin. At its start and its end all lines are inactive.
package final class OutputPanel: Service, LockControlling, HealthReporting {
    private let outputs: SharedOutputs
    private let worker: OutputWorker
    private let clock: any MonotonicClock
    private let bells: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    /// - Parameter listener: Called on the panel's own queue.
    package init(
        settings: BinSettings, port: any OutputPort = GPIOOutputPort(),
        listener: any HardwareListening, clock: any MonotonicClock, logger: Logger
    ) {
        (self.bells, self.bell) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.outputs = SharedOutputs(OutputMachine(settings))
        self.clock = clock
        self.worker = OutputWorker(
            outputs: self.outputs, port: port, listener: listener, clock: clock, logger: logger)
    }

    /// Takes what is durable; from any thread, and returns at once.
    package func show(_ view: BinView) {
        let now = self.clock.now()
        self.outputs.machine.withLock { $0.show(view, at: now) }
        self.bell.yield()
    }

    package var locks: [LockState] { self.outputs.machine.withLock { $0.lockStates } }

    package func hold(
        _ compartment: Name, open isOpen: Bool, forMs ms: Int64
    ) throws(LockRefusal) -> LockState {
        let now = self.clock.now()
        let hold = LockState.Hold(isOpen: isOpen, until: now.advanced(byMs: ms))
        let state: Result<LockState, LockRefusal> = self.outputs.machine.withLock { machine in
            do throws(LockRefusal) {
                return .success(try machine.hold(compartment, hold, at: now))
            } catch {
                return .failure(error)
            }
        }
        self.bell.yield()
        return try state.get()
    }

    package func health() -> [DeviceHealth] { self.outputs.machine.withLock { $0.health } }

    /// Runs until graceful shutdown or cancellation, and leaves every line inactive.
    package func run() async throws {
        self.bell.yield()
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                var timer: BootInstant?
                for await _ in self.bells {
                    let due = await self.worker.work()
                    if let set = timer, self.clock.now() >= set { timer = nil }
                    guard let due, due < timer ?? due.advanced(byMs: 1) else { continue }
                    timer = due
                    group.addTask { await self.ring(at: due) }
                }
                group.cancelAll()
            }
            await self.worker.release()
        } onGracefulShutdown: {
            self.bell.finish()
        }
    }

    private func ring(at due: BootInstant) async {
        let wait = due.ms(since: self.clock.now())
        // `try?`: a sleep is only cut short by the end, which needs no more bells.
        if wait > 0 { try? await Task.sleep(for: .milliseconds(wait)) }
        self.bell.yield()
    }
}

/// What is decided, for whoever shows, holds or asks from another thread.
private final class SharedOutputs: Sendable {
    let machine: Mutex<OutputMachine>

    init(_ machine: OutputMachine) { self.machine = Mutex(machine) }
}

/// Owns the lines of a panel. A line on an expander behind a slow bus blocks this queue only.
private actor OutputWorker {
    private let queue = BusQueue(label: "steelyard.outputs")
    private let outputs: SharedOutputs
    private let port: any OutputPort
    private let listener: any HardwareListening
    private let clock: any MonotonicClock
    private let logger: Logger
    private var lines: [Int: any OutputLine] = [:]

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        self.queue.asUnownedSerialExecutor()
    }

    init(
        outputs: SharedOutputs, port: any OutputPort, listener: any HardwareListening,
        clock: any MonotonicClock, logger: Logger
    ) {
        self.outputs = outputs
        self.port = port
        self.listener = listener
        self.clock = clock
        self.logger = logger
    }

    /// Does all that is due. Returns when more will be.
    func work() -> BootInstant? {
        while true {
            let now = self.clock.now()
            switch self.outputs.machine.withLock({ $0.next(at: now) }) {
            case .open(let index, let settings): self.open(index, settings)
            case .set(let index, let isActive): self.set(index, isActive)
            case .wait(let until): return until
            }
        }
    }

    /// Leaves every line inactive and gives them back.
    func release() {
        let now = self.clock.now()
        self.outputs.machine.withLock { $0.stop(at: now) }
        _ = self.work()
        self.lines = [:]
    }

    private func open(_ index: Int, _ settings: LineSettings) {
        do throws(LineError) {
            self.lines[index] = try self.port.open(settings)
            self.tell { $0.opened(index, at: $1) }
        } catch {
            self.tell { $0.failed(index, error, at: $1) }
        }
    }

    private func set(_ index: Int, _ isActive: Bool) {
        do throws(LineError) {
            try self.lines[index]?.set(isActive)
            self.tell { $0.wasSet(index, to: isActive, at: $1) }
        } catch {
            self.lines[index] = nil
            self.tell { $0.failed(index, error, at: $1) }
        }
    }

    private func tell(
        _ outcome: (inout OutputMachine, BootInstant) -> [OutputMachine.Notice]
    ) {
        let now = self.clock.now()
        let notices = self.outputs.machine.withLock { outcome(&$0, now) }
        for notice in notices {
            switch notice {
            case .failed(let fault):
                self.logger.debug("Part failed", metadata: Self.metadata(fault))
                self.listener.receive(.failed(fault, at: now))
            case .restored(let fault):
                self.logger.debug("Part restored", metadata: Self.metadata(fault))
                self.listener.receive(.restored(fault, at: now))
            }
        }
    }

    private static func metadata(_ fault: FaultFact) -> Logger.Metadata {
        [
            LogKey.device: "\(fault.source)", LogKey.code: "\(fault.code)",
            LogKey.detail: "\(fault.detail)",
        ]
    }
}
