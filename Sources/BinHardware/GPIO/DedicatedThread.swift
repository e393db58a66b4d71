import Glibc
import Logging

/// Where threads come from; a test's runs out of them.
protocol ThreadMaking: Sendable {
    /// As `DedicatedThread.run`.
    func run(
        named name: String, _ urgency: DedicatedThread.Urgency, logger: Logger,
        _ body: @escaping @Sendable (WakeSignal) -> Void
    ) async throws(DedicatedThread.Unavailable)
    /// Waits until it makes sense to try again, or until the task is cancelled.
    func pause(ns: Int64) async
}

/// The system's own.
struct SystemThreads: ThreadMaking {
    func run(
        named name: String, _ urgency: DedicatedThread.Urgency, logger: Logger,
        _ body: @escaping @Sendable (WakeSignal) -> Void
    ) async throws(DedicatedThread.Unavailable) {
        try await DedicatedThread.run(named: name, urgency, logger: logger, body)
    }

    func pause(ns: Int64) async {
        // Only throws when it is cancelled, which ends the waiting as well.
        try? await Task.sleep(for: .nanoseconds(ns))
    }
}

/// A thread of its own for what blocks for ever or must not be late.
enum DedicatedThread {
    enum Urgency: Sendable {
        case ordinary
        /// Before all ordinary threads, and with the process's pages kept in memory, as far as the
        /// service is permitted to (`LimitRTPRIO=`, `LimitMEMLOCK=`).
        case realtime
    }

    /// No descriptor or no thread is left.
    struct Unavailable: Error {
        var errno: Int32
    }

    /// In the middle of 1 to 99: threaded interrupts of Linux have 50, and those come first.
    private static let priority: Int32 = 40

    /// Runs `body` on a new thread and returns when it is done.
    ///
    /// `body` gets a signal that is given when the task that waits here is cancelled; it has to
    /// return soon after.
    static func run(
        named name: String, _ urgency: Urgency, logger: Logger,
        _ body: @escaping @Sendable (WakeSignal) -> Void
    ) async throws(Unavailable) {
        guard let stop = WakeSignal() else { throw Unavailable(errno: EMFILE) }
        let failure: Int32 = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let errno = Self.start {
                    Self.setName(name)
                    switch urgency {
                    case .ordinary: break
                    case .realtime: Self.raise(logger: logger)
                    }
                    body(stop)
                    continuation.resume(returning: 0)
                }
                if errno != 0 { continuation.resume(returning: errno) }
            }
        } onCancel: {
            stop.give()
        }
        guard failure == 0 else { throw Unavailable(errno: failure) }
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Returns 0 or the errno.
    private static func start(_ body: @escaping @Sendable () -> Void) -> Int32 {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let box = Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        let errno = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        if errno != 0 { box.release() }
        return errno
    }

    /// For whoever looks at the process (`top -H`); nothing depends on it.
    private static func setName(_ name: String) {
        // Linux, proc_pid_comm(5). glibc's call for it is not to be seen from Swift.
        let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = write(file, name, min(name.utf8.count, 15))
        close(file)
    }

    private static func raise(logger: Logger) {
        var parameters = sched_param()
        parameters.sched_priority = Self.priority
        let scheduled = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters)
        // Later pages stay unlocked: locking them too could make memory run out at the limit.
        let locked = mlockall(Int32(MCL_CURRENT) | Int32(MCL_ONFAULT)) == 0 ? 0 : errno
        logger.debug(
            "Thread started",
            metadata: [LogKey.realtimeErrno: "\(scheduled)", LogKey.memoryErrno: "\(locked)"])
    }
}
