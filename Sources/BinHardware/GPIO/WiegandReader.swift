package import BinCore
import CGPIO
package import Logging
import ServiceLifecycle

/// A card reader on two GPIO lines: tells presentations, and faults with what to do about them.
///
/// Its thread does nothing else, since with libgpiod 1 the kernel keeps no more than 16 pulses a
/// line. `run()` ends on graceful shutdown or cancellation.
package final class WiegandReader: Service, HealthReporting {
    private let thread: LineThread<Handler>
    private let snapshot: HealthSnapshot
    private let logger: Logger

    /// - Parameter listener: Called on the reader's own thread.
    package init(
        reader: Name, settings: WiegandSettings, listener: any HardwareListening,
        clock: any MonotonicClock, logger: Logger
    ) {
        var logger = logger
        logger[metadataKey: LogKey.reader] = "\(reader)"
        let snapshot = HealthSnapshot(DeviceHealth(part: "reader \(reader)"))
        let handler = Handler(
            reader: reader, formats: settings.formats, listener: listener, clock: clock,
            logger: logger, snapshot: snapshot)
        // The wires are open collectors: they rest high by a pull-up.
        let setup = InputSetup(edges: .falling, bias: .pullUp)
        self.thread = LineThread(
            name: "wiegand-\(reader)",
            plan: LinePlan(chip: settings.chip, inputs: [settings.d0, settings.d1], setup: setup),
            handler: handler, logger: logger)
        self.snapshot = snapshot
        self.logger = logger
    }

    package func health() -> [DeviceHealth] { [self.snapshot.current] }

    package func run() async throws {
        self.logger.info("Reader started")
        await self.thread.run()
        self.logger.info("Reader stopped")
    }
}

extension WiegandReader {
    /// Hands the lines' edges to the decoder, on the reader's thread.
    private struct Handler: LineHandling {
        /// How many pulses of a line the kernel keeps; `nil` if it numbers them.
        private static let capacity = cgpio_version() == 1 ? WiegandSignal.queueOfV1 : nil
        /// How long noise queues up, so that a floating wire can't take a core. What the queue
        /// drops meanwhile is noise as well, and counts as lost.
        private static let noisePauseNs: Int64 = 1_000_000

        private let reader: Name
        private let formats: [WiegandFormat]
        private let listener: any HardwareListening
        private let clock: any MonotonicClock
        private let logger: Logger
        private let snapshot: HealthSnapshot
        private var line: WiegandLine
        private var presence = WiegandPresence()
        private var lastReadNs: Int64 = 0
        private var lastCard: BootInstant?
        /// What is wrong, as far as it was told.
        private var fault: FaultFact?

        init(
            reader: Name, formats: [WiegandFormat], listener: any HardwareListening,
            clock: any MonotonicClock, logger: Logger, snapshot: HealthSnapshot
        ) {
            self.reader = reader
            self.formats = formats
            self.listener = listener
            self.clock = clock
            self.logger = logger
            self.snapshot = snapshot
            self.line = WiegandLine(formats: formats, startNs: 0)
        }

        mutating func opened(_ lines: borrowing HeldLines) throws(LineError) -> LineWait {
            let nowNs = MonotonicTime.nowNs()
            self.line.reopen(atNs: nowNs)
            self.lastReadNs = nowNs
            self.restore()
            self.report()
            return self.wait()
        }

        mutating func came(
            _ batch: EdgeBatch, _ lines: borrowing HeldLines
        ) throws(LineError) -> LineWait {
            let nowNs = MonotonicTime.nowNs()
            var times: [[Int64]] = [[], []]
            for edge in batch.edges where !edge.isRising && times.indices.contains(edge.index) {
                times[edge.index].append(edge.atNs)
            }
            var signals = WiegandSignal.merged(
                d0: times[0], d1: times[1], capacity: Self.capacity, readAtNs: nowNs)
            if batch.lost > 0 {
                // The oldest of a full queue were dropped: they lie before what is left.
                let untilNs = batch.edges.first?.atNs ?? nowNs
                signals.insert(
                    .lost(fromNs: min(self.lastReadNs, untilNs), untilNs: untilNs), at: 0)
            }
            self.lastReadNs = nowNs
            self.tell(self.line.take(signals))
            return self.wait()
        }

        mutating func timedOut(_ lines: borrowing HeldLines) throws(LineError) -> LineWait {
            // After a pause, or if they came at the last moment, there are some.
            let batch = try lines.inputs.edges()
            if !batch.edges.isEmpty { return try self.came(batch, lines) }
            self.tell(self.line.advance(to: MonotonicTime.nowNs()))
            return self.wait()
        }

        mutating func failed(_ error: LineError) {
            self.fail(
                FaultFact(
                    source: "reader \(self.reader)", code: error.code,
                    detail: "reader \(self.reader): \(error.hint)"), state: .down)
        }

        private func wait() -> LineWait {
            if self.line.isNoise { return .pause(ns: Self.noisePauseNs) }
            return .edges(withinNs: self.line.deadlineNs.map { max(0, $0 - MonotonicTime.nowNs()) })
        }

        private mutating func tell(_ outcomes: [WiegandOutcome]) {
            for outcome in outcomes {
                switch outcome {
                case .card(let card, let atNs):
                    let now = self.clock.now()
                    self.lastCard = now
                    if self.presence.isPresented(card, atNs: atNs) {
                        self.listener.receive(
                            .presented(reader: self.reader, card: card, at: now))
                    }
                case .rejected(let rejection, let atNs):
                    self.presence.disturbed(by: rejection, atNs: atNs)
                    self.logger.debug(
                        "Frame rejected", metadata: [LogKey.code: "\(rejection.rawValue)"])
                case .failed(let fault): self.fail(fault.fact(of: self.reader), state: .failing)
                case .restored: self.restore()
                }
            }
            if !outcomes.isEmpty { self.report() }
        }

        private mutating func fail(_ fault: FaultFact, state: DeviceHealth.State) {
            guard fault != self.fault else { return }
            self.fault = fault
            self.report(state)
            self.listener.receive(.failed(fault, at: self.clock.now()))
        }

        private mutating func restore() {
            guard let fault = self.fault else { return }
            self.fault = nil
            self.listener.receive(.restored(fault, at: self.clock.now()))
        }

        /// A reader that is silent works as far as anyone can tell: there may be no card.
        private func report(_ state: DeviceHealth.State? = nil) {
            var health = DeviceHealth(part: "reader \(self.reader)")
            let tally = self.line.tally
            health.state = state ?? (self.fault == nil ? .working : .failing)
            health.polls = tally.frames
            health.badFrames = tally.badFrames
            health.counts = tally.counts
            health.lastGood = self.lastCard
            self.snapshot.current = health
        }
    }
}
