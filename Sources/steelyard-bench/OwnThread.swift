import Foundation
import Glibc

/// Runs what blocks on a thread made for it.
enum OwnThread {
    /// - Parameters:
    ///   - priority: With SCHED_FIFO, as far as it is permitted; `nil` for an ordinary thread.
    static func run<Value: Sendable>(
        priority: Int32? = nil, _ body: @escaping @Sendable () -> Value
    ) async -> Value {
        await withCheckedContinuation { continuation in
            let thread = Thread {
                if let priority { _ = Self.raise(to: priority) }
                continuation.resume(returning: body())
            }
            thread.start()
        }
    }

    /// Whether threads may have this priority here.
    static func mayRaise(to priority: Int32) async -> Bool {
        await Self.run { Self.raise(to: priority) }
    }

    private static func raise(to priority: Int32) -> Bool {
        var parameters = sched_param()
        parameters.sched_priority = priority
        return pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters) == 0
    }
}
