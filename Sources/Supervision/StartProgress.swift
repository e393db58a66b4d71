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

    private struct State {
        var reported: Int?
        /// Until this second the step that goes on may take.
        var allowed: Int
    }

    private let state: Mutex<State>

    package init() {
        self.state = Mutex(State(allowed: Self.now + Int(Self.leastSeconds)))
    }

    private static var now: Int {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec
    }

    /// Whether the step that goes on doesn't take longer than was told.
    package func isGettingOn(inSeconds ahead: Int = 0) -> Bool {
        self.state.withLock { Self.now + ahead <= $0.allowed }
    }

    /// The start gets on.
    ///
    /// - Parameter seconds: How long the next step may take; `nil`: not long.
    package func report(seconds: Int64?) {
        let now = Self.now
        let allowed = Self.leastSeconds + max(0, min(seconds ?? 0, Self.mostSeconds))
        let isDue = self.state.withLock { state in
            if seconds == nil, let last = state.reported, now - last < Self.everySeconds {
                return false
            }
            state = State(reported: now, allowed: now + Int(allowed))
            return true
        }
        guard isDue else { return }
        // A start goes on whether systemd hears of it or not.
        _ = Notification.send("EXTEND_TIMEOUT_USEC=\(allowed * 1_000_000)\nWATCHDOG=1")
    }
}
