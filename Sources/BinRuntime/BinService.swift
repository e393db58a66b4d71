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
    /// - Parameter isSettled: Nobody is at the bin, or somebody is done: an order is there as a
    ///   whole.
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

    private let loop: LoopThread
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
        self.loop = LoopThread(
            BinLoop(
                start: start, journal: journal, clock: clock,
                publish: { news in
                    shared.set(news)
                    display.show(news.view)
                }, watchers: watchers, traces: traces, logger: logger))
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
            await self.loop.take(self.inputs) { await self.tick(at: $0) }
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
    let machine: BinMachine
    package var events: Int64
    package var moment: Moment

    /// Made for whoever asks: that is seldom, and there is news with each reading.
    package var scales: [ScaleReport] { self.machine.scales(at: self.moment.up) }
    package var unrecorded: Int64 { self.machine.unrecorded }
}

/// The condition behind a lock.
final class SharedCondition: Sendable {
    private let state = Mutex<(news: BinNews?, dropped: Int64)>((nil, 0))

    var value: BinService.Condition {
        let (news, dropped) = self.state.withLock { $0 }
        guard let news else {
            return BinService.Condition(
                view: BinView(phase: .fault("starting")), faults: [:], scales: [], events: 0,
                dropped: dropped, moment: nil)
        }
        return BinService.Condition(
            view: news.view, faults: news.faults, scales: news.scales, events: news.events,
            unrecorded: news.unrecorded, dropped: dropped, moment: news.moment)
    }

    func set(_ news: BinNews) { self.state.withLock { $0.news = news } }
    func countDropped() { self.state.withLock { $0.dropped += 1 } }
}
