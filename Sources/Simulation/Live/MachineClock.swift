package import BinCore
import Glibc

/// The machine's monotonic clock, which runs on while the machine sleeps.
package struct MachineClock: MonotonicClock {
    package init() {}

    package func now() -> BootInstant {
        var time = timespec()
        // It fails for a clock that doesn't exist only.
        _ = clock_gettime(CLOCK_BOOTTIME, &time)
        return BootInstant(
            milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
