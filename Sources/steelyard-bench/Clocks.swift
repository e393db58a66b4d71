import Glibc

/// Points on the machine's clocks, in nanoseconds.
enum Clocks {
    static func monotonicNs() -> Int64 { Self.read(CLOCK_MONOTONIC) }
    /// What all threads of this process took of the processor.
    static func processCPUNs() -> Int64 { Self.read(CLOCK_PROCESS_CPUTIME_ID) }
    /// What the calling thread took.
    static func threadCPUNs() -> Int64 { Self.read(CLOCK_THREAD_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        // It fails for a clock that doesn't exist only.
        _ = clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Sleeps until the monotonic clock shows `ns`; returns at once if it does already.
    static func sleep(untilNs ns: Int64) {
        guard ns > Self.monotonicNs() else { return }
        var time = timespec(tv_sec: Int(ns / 1_000_000_000), tv_nsec: Int(ns % 1_000_000_000))
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }
}
