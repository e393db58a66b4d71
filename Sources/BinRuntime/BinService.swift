package import BinCore
package import Logging
package import Records
import ServiceLifecycle
import Synchronization

/// Whoever shows a resident what the bin says. Called only with what is durable.
package protocol ViewShowing: Sendable {
    func show(_ view: BinView)
}

/// Whoever wants to know that there are new records.
package protocol RecordWatching: Sendable {
    /// - Parameter isSettled: Nobody is at the bin: what belongs to an order is there as a whole.
    func recorded(through seq: RecordNumber, isSettled: Bool)
}

/// The bin: takes what the hardware tells, lets the machine decide, makes it durable, shows it.
///
/// One loop owns the machine. A change of the machine and what is shown of it follow the commit; if
/// the commit fails, the machine stays as it was.
package final class BinService: Service, HardwareListening, BulletinAdopting, Calibrating {
    /// What is told about the loop, from any thread.
    package struct Condition: Hashable, Sendable {
        package var view: BinView
        /// Parts that are broken, by source.
        package var faults: [String: FaultFact]
        package var scales: [ScaleReport]
        /// The event counter of the legally relevant parameters.
        package var events: Int64
        /// Refusals that were shown and not recorded, see `BinMachine.unrecorded`.
        package var unrecorded: Int64 = 0
        /// Events that were dropped because the loop couldn't keep up.
        package var dropped: Int64
        package var moment: Moment?
    }

    package enum Input: Sendable {
        case hardware(HardwareEvent)
        case adopt(Bulletin, CheckedContinuation<Result<Adoption, JournalError>, Never>)
        case calibrate(CalibrationRequest)
        case tick
        case stop
    }

    /// Some minutes of readings: what waits while the medium stalls. Above it events are dropped,
    /// and counted.
    private static let mostWaiting = 4096

    private let loop: BinLoop
    private let inputs: AsyncStream<Input>
    private let mailbox: AsyncStream<Input>.Continuation
    private let clock: any MomentSource
    private let shared: SharedCondition

    package init(
        start: BinStart, journal: any JournalKeeping, clock: any MomentSource,
        display: any ViewShowing, watchers: [any RecordWatching],
        traces: (any TraceKeeping)? = nil, logger: Logger
    ) {
        let (inputs, mailbox) = AsyncStream.makeStream(
            of: Input.self, bufferingPolicy: .bufferingOldest(Self.mostWaiting))
        self.inputs = inputs
        self.mailbox = mailbox
        self.clock = clock
        let shared = SharedCondition()
        self.shared = shared
        self.loop = BinLoop(
            start: start, journal: journal, clock: clock,
            publish: { news in
                shared.set(news)
                display.show(news.view)
            }, watchers: watchers, traces: traces, logger: logger)
    }

    package var condition: Condition { self.shared.value }

    /// Takes what a bus or line tells; never blocks.
    package func receive(_ event: HardwareEvent) { self.post(.hardware(event)) }

    /// Lets the loop take a turn, so that `condition.moment` tells whether it is alive.
    package func nudge() { self.post(.tick) }

    /// Adopts a bulletin between two events, so that no deposit sees half of it.
    package func adopt(_ bulletin: Bulletin) async throws(JournalError) -> Adoption {
        let result = await withCheckedContinuation { continuation in
            if !self.post(.adopt(bulletin, continuation)) {
                continuation.resume(
                    returning: .failure(JournalError(.storage, "the bin is busy or stopping")))
            }
        }
        return try result.get()
    }

    package var scales: [ScaleReport] { self.shared.value.scales }

    package func calibrate(
        _ compartment: Name, _ step: CalibrationStep, by: String
    ) async throws(CalibrationFailure) -> CalibrationResult {
        let result = await withCheckedContinuation { continuation in
            let request = CalibrationRequest(
                compartment: compartment, step: step, by: by, reply: continuation)
            if !self.post(.calibrate(request)) {
                continuation.resume(returning: .failure(.refused(.busy)))
            }
        }
        return try result.get()
    }

    /// Runs until graceful shutdown; an open order is settled before it returns.
    package func run() async throws {
        try await self.loop.begin()
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for await input in self.inputs {
                    await self.loop.take(input)
                    if let due = await self.loop.timerToSet() {
                        group.addTask { await self.tick(at: due) }
                    }
                }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.post(.stop)
            self.mailbox.finish()
        }
    }

    private func tick(at due: BootInstant) async {
        let wait = due.ms(since: self.clock.now())
        // `try?`: a sleep is only cut short by the end of the loop, which needs no more ticks.
        if wait > 0 { try? await Task.sleep(for: .milliseconds(wait)) }
        self.post(.tick)
    }

    @discardableResult
    private func post(_ input: Input) -> Bool {
        switch self.mailbox.yield(input) {
        case .enqueued: return true
        case .dropped, .terminated:
            self.shared.countDropped()
            return false
        @unknown default: return false
        }
    }
}

/// A step of a calibration on its way to the loop.
package struct CalibrationRequest: Sendable {
    package let compartment: Name
    package let step: CalibrationStep
    package let by: String
    package let reply: CheckedContinuation<Result<CalibrationResult, CalibrationFailure>, Never>
}

/// What a turn of the loop leaves to be told.
package struct BinNews: Sendable {
    package var view: BinView
    package var faults: [String: FaultFact]
    package var scales: [ScaleReport]
    package var events: Int64
    package var unrecorded: Int64
    package var moment: Moment
}

/// The condition behind a lock.
final class SharedCondition: Sendable {
    private let condition = Mutex(
        BinService.Condition(
            view: BinView(phase: .fault("starting")), faults: [:], scales: [], events: 0,
            dropped: 0,
            moment: nil))

    var value: BinService.Condition { self.condition.withLock { $0 } }

    func set(_ news: BinNews) {
        self.condition.withLock {
            $0.view = news.view
            $0.faults = news.faults
            $0.scales = news.scales
            $0.events = news.events
            $0.unrecorded = news.unrecorded
            $0.moment = news.moment
        }
    }

    func countDropped() { self.condition.withLock { $0.dropped += 1 } }
}
