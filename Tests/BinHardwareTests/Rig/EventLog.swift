import BinCore
import BinHardware
import Logging
import ServiceLifecycle

/// Hands what a bus tells to a test, in order.
final class EventLog: HardwareListening {
    private let continuation: AsyncStream<HardwareEvent>.Continuation
    let stream: AsyncStream<HardwareEvent>

    init() { (self.stream, self.continuation) = AsyncStream.makeStream() }

    func receive(_ event: HardwareEvent) { self.continuation.yield(event) }
}

/// The events of a running bus, read one after the other. The test's time limit ends a vain wait.
struct EventReader {
    struct StreamEnded: Error {}

    private var iterator: AsyncStream<HardwareEvent>.Iterator

    init(_ log: EventLog) { self.iterator = log.stream.makeAsyncIterator() }

    mutating func next() async throws -> HardwareEvent {
        guard let event = await self.iterator.next() else { throw StreamEnded() }
        return event
    }

    /// The next fault or its end, whatever is read meanwhile.
    mutating func nextNotice() async throws -> Notice {
        while true {
            switch try await self.next() {
            case .failed(let fault, _): return .failed(fault.source, fault.code)
            case .restored(let fault, _): return .restored(fault.source, fault.code)
            case .reading, .converted, .presented, .pieces, .contact, .filled: continue
            }
        }
    }

    mutating func nextReading(of scale: Name) async throws -> Reading {
        while true {
            if case .reading(scale, let reading) = try await self.next() { return reading }
        }
    }

    mutating func nextCard() async throws -> CardNumber {
        while true {
            if case .presented(_, let card, _) = try await self.next() { return card }
        }
    }
}

enum Notice: Hashable {
    case failed(String, String)
    case restored(String, String)
}

/// The monotonic clock, counted from when the tests started.
struct RunningClock: MonotonicClock {
    private static let start = ContinuousClock.now

    func now() -> BootInstant {
        let elapsed = Self.start.duration(to: .now)
        return BootInstant(milliseconds: Int64(elapsed / .milliseconds(1)))
    }
}

extension ModbusBus {
    /// Runs a bus under a service group for as long as `body` takes, then stops it gracefully.
    static func whileRunning(
        _ settings: BusSettings, scales: [ScaleSettings] = [], readers: [ReaderSettings] = [],
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        _ body: (ModbusBus, inout EventReader) async throws -> Void
    ) async throws {
        let log = EventLog()
        let bus = ModbusBus(
            settings: settings, scales: scales, readers: readers, listener: log,
            clock: RunningClock(), logger: logger)
        let group = ServiceGroup(
            services: [bus], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        var events = EventReader(log)
        let running = Task { try await group.run() }
        do {
            try await body(bus, &events)
        } catch {
            running.cancel()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await running.value
    }
}
