import Foundation
import Glibc
import Simulation
import Testing

/// What can only be seen with a GPIO chip under `/dev`, in the kernel itself. Hardly any machine
/// that runs tests has one, so these are left out there, and `deploy/test.sh rig` runs them in a
/// kernel that simulates it. That one sets `STEELYARD_RIG`: then they are never left out, and fail
/// if the kernel turns out to offer nothing.
///
/// One at a time: the threads of other tests would blur the times of this one.
@Suite(.serialized, .enabled(if: Rig.isHere, "the kernel has no simulated GPIO"))
struct RigTests {}

/// Where the tests run.
enum Rig {
    static let isHere =
        SimulatedChip.isOffered || ProcessInfo.processInfo.environment["STEELYARD_RIG"] != nil

    /// Whether sleeping takes no time, so that times may be demanded to the microsecond.
    static let timeIsVirtual =
        ProcessInfo.processInfo.environment["STEELYARD_RIG_TIME"] == "virtual"
}

/// The clock by which the kernel stamps edges.
enum RigTime {
    static func sleep(us: Int) {
        let end = Self.nowUs() + us
        var time = timespec(tv_sec: end / 1_000_000, tv_nsec: end % 1_000_000 * 1000)
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }

    static func nowUs() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
    }
}
