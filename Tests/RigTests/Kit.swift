import BinCore
import Logging
import ServiceLifecycle
import Simulation
import Synchronization

/// Keeps what the hardware told.
final class EventBook: HardwareListening {
    private let events = Mutex<[HardwareEvent]>([])

    func receive(_ event: HardwareEvent) { self.events.withLock { $0.append(event) } }

    /// What came since the last call.
    func take() -> [HardwareEvent] {
        self.events.withLock { events in
            defer { events = [] }
            return events
        }
    }
}

/// The kernel's clock.
struct RigClock: MonotonicClock {
    func now() -> BootInstant {
        BootInstant(milliseconds: Int64(ContinuousClock.now.msSinceStart))
    }
}

extension ContinuousClock.Instant {
    private static let start = ContinuousClock.now

    fileprivate var msSinceStart: Int64 {
        let duration = Self.start.duration(to: self)
        return duration.components.seconds * 1000
            + duration.components.attoseconds / 1_000_000_000_000_000
    }
}

/// Runs a part of the bin while `body` plays the other end of its lines.
func running(
    _ part: some Service, _ body: () async throws -> Void
) async throws {
    let logger = Logger(label: "rig") { _ in SwiftLogNoOpLogHandler() }
    let group = ServiceGroup(services: [part], logger: logger)
    async let run: Void = group.run()
    // Its thread requests the lines in this time; in virtual time it costs nothing.
    try await Task.sleep(for: .milliseconds(300))
    try await body()
    await group.triggerGracefulShutdown()
    try await run
}
