package import BinCore
import HTTPDoor
package import Logging
package import Records
import ServiceLifecycle
import Synchronization

/// Pushes batches to the hub and fetches bulletins, whenever it can.
///
/// A hub that is away costs a retry with jittered backoff and nothing else. Attempts are never
/// given up, and a record that the hub refuses stays in the journal. Bulletins come even then: a
/// card that was blocked must not stay good because of a batch.
package final class Uplink: Service, Uplinking {
    package struct Ports: Sendable {
        package var journal: any JournalSharing
        package var bulletins: any BulletinAdopting
        package var clock: any MomentSource
        /// Told that the hub has other records under this device's numbers, and that it is over.
        package var listener: any HardwareListening

        package init(
            journal: any JournalSharing, bulletins: any BulletinAdopting, clock: any MomentSource,
            listener: any HardwareListening
        ) {
            self.journal = journal
            self.bulletins = bulletins
            self.clock = clock
            self.listener = listener
        }
    }

    private enum Input: Sendable {
        case recorded
        case due(Int)
        case now(CheckedContinuation<UplinkState, Never>)
    }

    /// New records wait this long for more of the same kind, so that they are one batch.
    private static let gatherMs: Int64 = 1_000
    private static let mostWaiting = 64

    private let hub: HubClient
    private let everyMs: Int64
    private let ports: Ports
    private let logger: Logger
    private let inputs: AsyncStream<Input>
    private let mailbox: AsyncStream<Input>.Continuation
    private let shared = Mutex(UplinkState(phase: .waiting))
    /// The fault that was told, until it is over.
    private let fork = Mutex<FaultFact?>(nil)

    package init(hub: HubClient, everySeconds: Int, ports: Ports, logger: Logger) {
        self.hub = hub
        self.everyMs = Int64(everySeconds) * 1000
        self.ports = ports
        self.logger = logger
        (self.inputs, self.mailbox) = AsyncStream.makeStream(
            of: Input.self, bufferingPolicy: .bufferingOldest(Self.mostWaiting))
    }

    package var state: UplinkState { self.shared.withLock { $0 } }

    /// There are new records, and nobody is at the bin. Losing this among many others costs
    /// nothing: one is enough. What is recorded of an open order goes with the next exchange.
    package func wake() { self.mailbox.yield(.recorded) }

    package func exchangeNow() async -> UplinkState {
        await withCheckedContinuation { continuation in
            switch self.mailbox.yield(.now(continuation)) {
            case .enqueued: break
            default: continuation.resume(returning: self.state)
            }
        }
    }

    package func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                var schedule = Schedule()
                self.set(timer: schedule.next(inMs: 0), inMs: 0, in: &group)
                for await input in self.inputs {
                    switch input {
                    case .recorded:
                        guard self.state.failures == 0, !schedule.isSoon else { continue }
                        self.set(
                            timer: schedule.next(inMs: Self.gatherMs), inMs: Self.gatherMs,
                            in: &group)
                    case .due(let timer):
                        guard timer == schedule.timer else { continue }
                        let wait = await self.exchange()
                        self.set(timer: schedule.next(inMs: wait), inMs: wait, in: &group)
                    case .now(let reply):
                        let wait = await self.exchange()
                        self.set(timer: schedule.next(inMs: wait), inMs: wait, in: &group)
                        reply.resume(returning: self.state)
                    }
                }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.mailbox.finish()
        }
    }

    /// Which timer counts, and whether it is about to ring.
    private struct Schedule {
        private(set) var timer = 0
        private(set) var isSoon = false

        mutating func next(inMs wait: Int64) -> Int {
            self.timer += 1
            self.isSoon = wait <= Uplink.gatherMs
            return self.timer
        }
    }

    private func set(timer: Int, inMs wait: Int64, in group: inout DiscardingTaskGroup) {
        group.addTask {
            // `try?`: only the end of the loop cuts this sleep short, and it takes no more inputs.
            try? await Task.sleep(for: .milliseconds(wait))
            self.mailbox.yield(.due(timer))
        }
    }

    /// Sends what there is and fetches what is new. Returns how long to wait, milliseconds.
    private func exchange() async -> Int64 {
        let outcome = await cancelWhenGracefulShutdown { await self.pushAndFetch() }
        let hasFailed = outcome.failure != nil
        let before = self.state
        let at = self.ports.clock.moment().at
        let state = self.shared.withLock { state in
            state.problem = outcome.words
            state.phase = hasFailed ? .waiting : .reachable
            state.failures = hasFailed ? state.failures + 1 : 0
            if !hasFailed { state.lastSuccess = at }
            return state
        }
        self.log(state, before: before)
        self.tell(outcome)
        guard hasFailed else { return self.everyMs }
        return Backoff.delayMs(failures: state.failures, chance: Int64.random(in: 0...1000))
    }

    private struct Outcome {
        /// Why the exchange has to be tried again.
        var failure: String?
        /// What this bin refused of the bulletins; the hub can't help that by another try.
        var refusal: String?
        var isForked = false

        var words: String? {
            guard let failure, let refusal else { return self.failure ?? self.refusal }
            return "\(failure); \(refusal)"
        }
    }

    private static func forked(_ words: String) -> FaultFact {
        FaultFact(
            source: "uplink", code: "forked",
            detail: "another bin has this one's key, or its journal was replaced: \(words)")
    }

    /// A clone of this bin's medium shows at the hub alone; both bins say so until it is settled.
    private func tell(_ outcome: Outcome) {
        let now = self.ports.clock.now()
        let told = self.fork.withLock { $0 }
        if let told, outcome.failure == nil {
            self.ports.listener.receive(.restored(told, at: now))
            self.fork.withLock { $0 = nil }
        } else if told == nil, outcome.isForked, let words = outcome.failure {
            let fault = Self.forked(words)
            self.ports.listener.receive(.failed(fault, at: now))
            self.fork.withLock { $0 = fault }
        }
    }

    private struct ExchangeProblem: Error {
        var words: String
        var isUnreachable = false
        var isForked = false

        init(words: String, isForked: Bool = false) {
            self.words = words
            self.isForked = isForked
        }

        init(_ error: any Error) {
            switch error {
            case let problem as ExchangeProblem: self = problem
            case let refusal as HubClient.RefusedError: self.words = refusal.words
            default:
                self.words = "\(error)"
                self.isUnreachable = error is DoorError
            }
        }
    }

    private func pushAndFetch() async -> Outcome {
        var outcome = Outcome()
        do throws(ExchangeProblem) { try await self.push() } catch {
            outcome.failure = error.words
            outcome.isForked = error.isForked
            if error.isUnreachable { return outcome }
        }
        do throws(ExchangeProblem) { outcome.refusal = try await self.fetch() } catch {
            outcome.failure = outcome.failure ?? error.words
        }
        return outcome
    }

    private func push() async throws(ExchangeProblem) {
        var cursor = self.ports.journal.queue.acknowledged
        var mayGoBack = true
        do {
            while let batch = try await self.ports.journal.batch(
                after: cursor, limit: Batch.mostRecords)
            {
                switch try await self.hub.send(batch) {
                case .acknowledged(let acknowledgement):
                    cursor = try await self.take(acknowledgement, of: batch)
                case .gap(let have):
                    let last = self.ports.journal.queue.last
                    guard have < last else {
                        try self.ports.journal.goOn(above: have)
                        throw ExchangeProblem(
                            words: "the hub has records up to \(have) of this device, and the "
                                + "journal's last is \(last): the journal was replaced, or "
                                + "another bin has the same device id")
                    }
                    // Once: a hub that was restored from a backup asks for older records again.
                    guard mayGoBack, have != cursor else {
                        throw ExchangeProblem(
                            words: "the hub asks for records after \(have) again and again")
                    }
                    mayGoBack = false
                    cursor = have
                case .forked(let have, let words):
                    // Whoever is right about the past: no number is used a second time from now on.
                    try self.ports.journal.goOn(above: have)
                    throw ExchangeProblem(words: words, isForked: true)
                case .refused(let words): throw ExchangeProblem(words: words)
                }
            }
        } catch { throw ExchangeProblem(error) }
    }

    /// Returns the record to go on after.
    private func take(
        _ acknowledgement: Acknowledgement, of batch: Batch
    ) async throws(JournalError) -> RecordNumber {
        do {
            try await self.ports.journal.acknowledge(acknowledgement)
            return max(batch.last, acknowledgement.through)
        } catch {
            // A hub that was restored from a backup catches up: what it acknowledges now, it had
            // acknowledged before.
            guard error.code == .stale, batch.last <= self.ports.journal.queue.acknowledged else {
                throw error
            }
            return batch.last
        }
    }

    /// Adopts what is new. Returns what this bin refused: the first of it in full.
    private func fetch() async throws(ExchangeProblem) -> String? {
        let versions = self.ports.journal.bulletinVersions
        let bulletins: [Bulletin]
        do { bulletins = try await self.hub.bulletins(after: versions).get() } catch {
            throw ExchangeProblem(error)
        }
        var refusals: [String] = []
        for bulletin in bulletins {
            do { _ = try await self.ports.bulletins.adopt(bulletin) } catch {
                refusals.append(
                    "version \(bulletin.version) of the bulletin `\(bulletin.kind.rawValue)` was "
                        + "refused: \(error.message)")
            }
        }
        guard let first = refusals.first else { return nil }
        return refusals.count == 1 ? first : "\(first) (and \(refusals.count - 1) more)"
    }

    /// Once per change: a hub that is away for months must not fill the log.
    private func log(_ state: UplinkState, before: UplinkState) {
        let isReached = state.phase == .reachable
        if isReached, before.phase != .reachable { self.logger.notice("The hub was reached") }
        guard let problem = state.problem, problem != before.problem else { return }
        self.logger.warning(
            isReached ? "A bulletin was refused" : "The hub exchange failed",
            metadata: ["problem": "\(problem)"])
    }
}
