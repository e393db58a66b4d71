import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Tells systemd that a start that takes long gets on, so that it isn't ended in the midst of it
/// (sd_notify(3): `EXTEND_TIMEOUT_USEC`, and for a start after an outage `WATCHDOG`).
package final class StartProgress: Sendable {
    /// How long systemd waits for the next report at least.
    private static let leastSeconds: Int64 = 60
    /// A step that takes longer hangs.
    private static let mostSeconds: Int64 = 86_400
    /// Not more often than this.
    private static let everySeconds = 5

    private let reported = Mutex<Int?>(nil)

    package init() {}

    /// The start gets on.
    ///
    /// - Parameter seconds: How long the next step may take; `nil`: not long.
    package func report(seconds: Int64?) {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let isDue = self.reported.withLock { last in
            if seconds == nil, let last, now.tv_sec - last < Self.everySeconds { return false }
            last = now.tv_sec
            return true
        }
        guard isDue else { return }
        let micros = (Self.leastSeconds + max(0, min(seconds ?? 0, Self.mostSeconds))) * 1_000_000
        // A start goes on whether systemd hears of it or not.
        _ = Notification.send("EXTEND_TIMEOUT_USEC=\(micros)\nWATCHDOG=1")
    }
}
