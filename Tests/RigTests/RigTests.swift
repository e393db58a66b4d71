import Foundation
import Simulation
import Testing

/// What can only be seen with a GPIO chip under `/dev`, in the kernel itself. Hardly any machine that
/// runs tests has one, so these are left out there, and `deploy/test.sh rig` runs them in a kernel
/// that simulates it. That one sets `STEELYARD_RIG`: then they are never left out, and fail if the
/// kernel turns out to offer nothing.
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
