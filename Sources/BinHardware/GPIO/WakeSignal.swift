import CGPIO
import Glibc

/// Ends the waiting of a thread, once and for all, from any other thread.
final class WakeSignal: Sendable {
    /// For `poll`: can be read once the signal was given.
    let descriptor: Int32

    /// Returns `nil` if the process has no descriptor left.
    init?() {
        let descriptor = cgpio_wake_open()
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
    }

    deinit { close(self.descriptor) }

    func give() {
        // Fails only when it was given 2^64 − 2 times.
        _ = cgpio_wake(self.descriptor)
    }

    /// Blocks until the signal was given, or until CLOCK_MONOTONIC `deadlineNs`.
    ///
    /// - Returns: Whether it was given.
    func wait(until deadlineNs: Int64) -> Bool {
        while true {
            let left = max(0, deadlineNs - MonotonicTime.nowNs())
            let result = cgpio_wait(nil, self.descriptor, left)
            if result == CGPIO_WOKEN { return true }
            // Less than 0 can't be helped, and waiting on would spin.
            if left == 0 || result < 0 { return result < 0 }
        }
    }
}

/// The clock of the kernel's edge events.
enum MonotonicTime {
    static func nowNs() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }
}
