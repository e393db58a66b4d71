import BinCore
import BinJournal
import BinRuntime
import Logging
import Records
import ServiceLifecycle
import Synchronization

/// Looks after the storage: prunes, gives room back, reckons how long it lasts, and ends the bin
/// when the database is found to be damaged or replaced, so that it is opened anew.
final class Upkeep: Service {
    /// How often it looks whether the database is whole and in its place.
    private static let period = Duration.seconds(2)
    private static let roundEveryMs: Int64 = 60_000
    /// Between two steps, so that an order never waits for more than one of them.
    private static let pause = Duration.milliseconds(50)
    /// Steps in a round: some ten thousand records.
    private static let mostSteps = 500
    /// A technician's visit takes planning.
    private static let leastDays: Int64 = 30
    private static let source = "storage capacity"

    private let journal: Journal
    private let bin: BinService
    private let clock: any MomentSource
    private let retainDays: Int
    private let logger: Logger
    private let shared = Mutex<StorageState?>(nil)

    init(
        journal: Journal, bin: BinService, clock: any MomentSource, retainDays: Int, logger: Logger
    ) {
        self.journal = journal
        self.bin = bin
        self.clock = clock
        self.retainDays = retainDays
        self.logger = logger
    }

    /// What was reckoned last.
    var state: StorageState? { self.shared.withLock { $0 } }

    /// How many days the storage lasts.
    var days: Int64? { self.state?.days(reserve: Journal.reserveBytes) }

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            var due = self.clock.now()
            while !Task.isCancelled {
                try await self.leaveIfReplaced()
                try self.leaveIfDamaged()
                if self.clock.now() >= due {
                    do { try await self.round() } catch {
                        self.logger.warning(
                            "The journal's upkeep was put off", metadata: ["problem": "\(error)"])
                    }
                    due = self.clock.now().advanced(byMs: Self.roundEveryMs)
                    continue
                }
                // `try?`: only cancelled, which the loop sees by itself.
                try? await Task.sleep(for: Self.period)
            }
        }
    }

    private func round() async throws(JournalError) {
        self.tell(try await self.journal.storage())
        let moment = self.clock.moment()
        for _ in 0..<Self.mostSteps {
            guard try await self.journal.prune(olderThan: self.retainDays, at: moment) else {
                break
            }
            await self.rest()
        }
        for _ in 0..<Self.mostSteps {
            guard try await self.journal.shrink() else { break }
            await self.rest()
        }
    }

    private func rest() async {
        // `try?`: only cancelled; the round is short then.
        try? await Task.sleep(for: Self.pause)
    }

    private func tell(_ state: StorageState) {
        let before = self.days
        self.shared.withLock { $0 = state }
        let isLittle = self.days.map { $0 < Self.leastDays } ?? false
        let wasLittle = before.map { $0 < Self.leastDays } ?? false
        guard isLittle != wasLittle else { return }
        let fault = FaultFact(
            source: Self.source, code: "filling",
            detail: "at this bin's rate the storage lasts less than \(Self.leastDays) days: fetch "
                + "its batches, or give it a larger medium")
        let now = self.clock.now()
        self.bin.receive(isLittle ? .failed(fault, at: now) : .restored(fault, at: now))
    }

    /// What the database holds is written back first; until the medium takes it, the bin stays as
    /// it is: out of service, with everything still in the open database.
    private func leaveIfReplaced() async throws(JournalError) {
        guard !self.journal.isInPlace else { return }
        self.bin.nudge()
        do { try await self.journal.rescue() } catch {
            self.logger.warning(
                "The journal is not written back yet", metadata: ["problem": "\(error)"])
            return
        }
        throw Journal.replaced
    }

    /// While nobody is at the bin.
    private func leaveIfDamaged() throws(JournalError) {
        switch self.bin.condition.view.phase {
        case .idle, .fault:
            guard self.journal.isSuspect else { return }
            throw JournalError(
                .damaged, "the journal's database is damaged; it is salvaged at the next start")
        case .thanks, .refused, .greeting, .weighing, .deposited, .collecting: break
        }
    }
}
