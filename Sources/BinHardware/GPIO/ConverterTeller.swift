import BinCore
import Logging
import Synchronization

/// How one device is doing, for whoever asks from another thread.
final class HealthSnapshot: Sendable {
    private let health: Mutex<DeviceHealth>

    init(_ health: DeviceHealth) { self.health = Mutex(health) }

    var current: DeviceHealth {
        get { self.health.withLock { $0 } }
        set { self.health.withLock { $0 = newValue } }
    }
}

/// Puts what comes of reading a converter through its machine and tells the bin what follows.
struct ConverterTeller: Sendable {
    private let scale: Name
    private(set) var machine: ConverterMachine
    private let listener: any HardwareListening
    private let clock: any MonotonicClock
    private let logger: Logger
    let snapshot: HealthSnapshot

    init(
        scale: Name, timing: HX711Timing, listener: any HardwareListening,
        clock: any MonotonicClock, logger: Logger
    ) {
        let machine = ConverterMachine(source: "scale \(scale)", timing: timing)
        self.scale = scale
        self.machine = machine
        self.listener = listener
        self.clock = clock
        self.logger = logger
        self.snapshot = HealthSnapshot(machine.health)
    }

    /// The converter was powered up.
    mutating func started() { self.machine.started() }

    /// - Returns: Whether the converter has to be reset.
    mutating func take(_ read: ConverterRead) -> Bool {
        let now = self.clock.now()
        let step = self.machine.take(read, at: now)
        self.snapshot.current = self.machine.health
        for conversion in step.conversions {
            self.listener.receive(.converted(scale: self.scale, conversion))
        }
        self.tell(step.notices, at: now)
        return step.mustReset
    }

    /// The converter can't be reached.
    mutating func lost(code: String, hint: String) {
        let source = "scale \(self.scale)"
        let fault = FaultFact(source: source, code: code, detail: "\(source): \(hint)")
        let notices = self.machine.lost(fault)
        self.snapshot.current = self.machine.health
        self.tell(notices, at: self.clock.now())
    }

    private func tell(_ notices: [ConverterMachine.Notice], at now: BootInstant) {
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
