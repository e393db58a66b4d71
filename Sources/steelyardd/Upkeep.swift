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
    private static let source = "storage capacity"

    private let journal: Journal
    private let bin: BinService
    private let clock: any MomentSource
    private let retainDays: Int
    private let logger: Logger
    private let shared = Mutex<StorageState?>(nil)
    private let warned = Mutex<StorageState.Warning?>(nil)
    /// When the log is written back at the earliest: a medium that refuses it may take seconds for
    /// that, in which no card is served.
    private let writesBackAt = Mutex(BootInstant(milliseconds: 0))
    /// That the log can't be written back.
    private let logFault = Mutex<FaultFact?>(nil)

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
                if self.journal.isLogLong { await self.writeBack() }
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

    /// What SQLite doesn't say when it writes the log back by itself.
    private func writeBack() async {
        let now = self.clock.now()
        guard case .idle = self.bin.condition.view.phase, now >= self.writesBackAt.withLock({ $0 })
        else { return }
        do throws(JournalError) {
            try await self.journal.writeBack()
            guard let fault = self.logFault.withLock({ $0.take() }) else { return }
            self.bin.receive(.restored(fault, at: now))
        } catch {
            let fault = FaultFact(
                source: "storage log", code: "storage",
                detail: "what is recorded is safe, but the log can't be written back into the "
                    + "database, and grows: \(error.message); the medium may be at its end")
            self.logFault.withLock { $0 = fault }
            self.writesBackAt.withLock { $0 = now.advanced(byMs: Self.roundEveryMs) }
            self.bin.receive(.failed(fault, at: now))
        }
    }

    private func rest() async {
        // `try?`: only cancelled; the round is short then.
        try? await Task.sleep(for: Self.pause)
    }

    private func tell(_ state: StorageState) {
        self.shared.withLock { $0 = state }
        let (before, warning) = self.warned.withLock { warned in
            let before = warned
            warned = state.warning(after: before, reserve: Journal.reserveBytes)
            return (before, warned)
        }
        guard warning != before, let told = warning ?? before else { return }
        let fault = FaultFact(source: Self.source, code: "filling", detail: Self.detail(of: told))
        let now = self.clock.now()
        self.bin.receive(warning == nil ? .restored(fault, at: now) : .failed(fault, at: now))
    }

    private static func detail(of warning: StorageState.Warning) -> String {
        let what =
            switch warning {
            case .days:
                "at this bin's rate the storage lasts less than \(StorageState.leastDays) days"
            case .room: "less than \(StorageState.leastFree >> 20) MiB are free in the storage"
            }
        return what + ": fetch its batches, or give it a larger medium"
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
        guard self.isQuiet, self.journal.isSuspect else { return }
        throw JournalError(
            .damaged, "the journal's database is damaged; it is salvaged at the next start")
    }

    /// Nobody is at the bin.
    private var isQuiet: Bool {
        switch self.bin.condition.view.phase {
        case .idle, .fault: true
        case .thanks, .refused, .greeting, .weighing, .deposited, .collecting: false
        }
    }
}
