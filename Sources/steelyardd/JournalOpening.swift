import BinCore
import BinJournal
import Dispatch
import Logging
import Records
import Settings
import Supervision
import Synchronization

/// Opens the journal on a thread of its own: with a damaged one that can take minutes, in which the
/// bin has to say what it is doing.
final class JournalOpening: Sendable {
    struct Opened: Sendable {
        var directory: StorageDirectory
        var journal: Journal
    }

    /// A usual start takes less.
    private static let patience = Duration.seconds(2)
    private static let pause = Duration.milliseconds(5)

    private let result = Mutex<Result<Opened, any Error>?>(nil)
    private let progress = StartProgress()

    init(_ settings: BinSettings, logger: Logger) {
        DispatchQueue(label: "journal-opening").async {
            let result = Result { try Self.open(settings, self.progress, logger) }
            self.result.withLock { $0 = result }
        }
    }

    /// Whether it doesn't hang.
    var isGettingOn: Bool { self.progress.isGettingOn() }

    var isDone: Bool { self.result.withLock { $0 != nil } }

    /// Waits as long as a usual start takes. Returns whether it is done.
    func wait() async -> Bool {
        let end = ContinuousClock.now + Self.patience
        while !self.isDone, !Task.isCancelled, ContinuousClock.now < end {
            // It is done in a few hundred milliseconds as a rule, and each start is asked only
            // once. `try?`: only cancelled, which the loop sees by itself.
            try? await Task.sleep(for: Self.pause)
        }
        return self.isDone
    }

    /// What was opened, once it is done, to the first who asks.
    ///
    /// - Throws: What kept it from being opened; `JournalError`, `Failure`.
    func take() throws -> Opened {
        let result = self.result.withLock { result in
            defer { result = nil }
            return result
        }
        guard let result else { preconditionFailure("asked for what isn't done, or was taken") }
        return try result.get()
    }

    private static func open(
        _ settings: BinSettings, _ progress: StartProgress, _ logger: Logger
    ) throws -> Opened {
        let directory = try StorageDirectory(path: settings.storage.directory)
        for path in directory.exposed {
            logger.warning(
                "Others can read what is stored; make it steelyardd's own (chown)",
                metadata: ["path": "\(path)"])
        }
        let owner = Journal.Owner(
            device: settings.device, community: settings.community,
            trust: settings.trust.compactMap { VerifyingKey(base64: $0) })
        let journal = try Journal(
            in: directory, of: owner, bootID: try SystemClock.bootID(),
            at: SystemClock(newest: nil, newestKnown: nil).moment(),
            progress: progress.report)
        return Opened(directory: directory, journal: journal)
    }
}
