package import Logging
import ServiceLifecycle

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Tells systemd that the process is ready, alive and stopping (sd_notify(3)).
///
/// Without `NOTIFY_SOCKET` in the environment it tells nobody. The watchdog is fed only while
/// `isAlive` says so, at half the interval that systemd asks for.
package struct Supervisor: Service {
    private let doors: Int
    private let opened: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation
    private let isAlive: @Sendable () -> Bool
    private let isEnd: @Sendable () -> Bool
    private let logger: Logger

    /// - Parameters:
    ///   - doors: It is ready after so many calls of `doorOpened()`.
    ///   - isAlive: Whether every loop that must run has run lately.
    ///   - isEnd: Whether the process ends with this service, asked when it is told to stop. After
    ///     `STOPPING` systemd waits for the end, and kills what goes on.
    package init(
        doors: Int, isAlive: @escaping @Sendable () -> Bool,
        isEnd: @escaping @Sendable () -> Bool = { true }, logger: Logger
    ) {
        self.doors = doors
        self.isEnd = isEnd
        (self.opened, self.bell) = AsyncStream.makeStream(of: Void.self)
        self.isAlive = isAlive
        self.logger = logger
    }

    /// A door listens.
    package func doorOpened() { self.bell.yield() }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var waiting = self.doors
            for await _ in self.opened {
                waiting -= 1
                if waiting <= 0 { break }
            }
        }
        self.tell("READY=1")
        self.logger.info("Ready")
        if let intervalMs = Self.watchdogMs {
            await cancelWhenGracefulShutdown {
                while !Task.isCancelled {
                    if self.isAlive() { self.tell("WATCHDOG=1") }
                    // `try?`: only the shutdown cuts this sleep short, and the loop looks for it.
                    try? await Task.sleep(for: .milliseconds(intervalMs / 2))
                }
            }
        } else {
            // `try?`: waiting for the shutdown ends with its error when the task is cancelled.
            try? await gracefulShutdown()
        }
        // Cancelled: a part of it failed, and the process may go on with another.
        if !Task.isCancelled, self.isEnd() { self.tell("STOPPING=1") }
    }

    /// `WATCHDOG_USEC` in milliseconds, if systemd watches this process.
    private static var watchdogMs: Int64? {
        guard let text = getenv("WATCHDOG_USEC"), let interval = Int64(String(cString: text)),
            interval >= 2000
        else { return nil }
        return interval / 1000
    }

    private func tell(_ message: String) {
        guard !Notification.send(message) else { return }
        self.logger.warning(
            "systemd was not reached", metadata: ["notify.message": "\(message)"])
    }
}
