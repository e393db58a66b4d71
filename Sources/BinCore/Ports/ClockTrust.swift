/// Tells how far the wall clock of this machine can be trusted.
///
/// A machine without a battery comes up with the time at which it was last switched off, or with
/// that of its image: plausible, and wrong by however long it was off. After a power-off such a
/// clock is believed only once a time server keeps it, or somebody has set it.
///
/// | newest record | wall clock | state |
/// | --- | --- | --- |
/// | any | kept by a time server | `synced` |
/// | any | before 2026, or behind the newest time that is known | `unset` |
/// | none | plausible | `holdover` |
/// | of this start of the machine, clock set | plausible | `holdover` |
/// | of this start of the machine, clock `unset` | plausible, not stepped since | `unset` |
/// | of an earlier start, a battery's clock agrees | plausible | `holdover` |
/// | of an earlier start, no battery | plausible, not stepped since | `unset` |
/// | any | was kept, or stepped, since the daemon started | `holdover` |
package struct ClockTrust: Hashable, Sendable {
    /// What the newest record says.
    package struct Newest: Hashable, Sendable {
        package var clock: ClockState
        package var isOfThisStart: Bool

        package init(clock: ClockState, isOfThisStart: Bool) {
            self.clock = clock
            self.isOfThisStart = isOfThisStart
        }
    }

    /// Wall time before this can't be right: the software didn't exist (2026-01-01).
    private static let firstPlausible = WallTime(millisecondsSince1970: 1_767_225_600_000)

    private let newestKnown: WallTime
    /// Whether the wall clock is believed as long as it is plausible.
    private var isBelieved: Bool
    private var watch = ClockWatch()

    /// - Parameters:
    ///   - newest: The newest record, if there is any.
    ///   - newestKnown: The newest time that was recorded under a clock that was set.
    ///   - hasBattery: Whether a clock that runs on a battery agrees with the wall clock.
    package init(newest: Newest?, newestKnown: WallTime?, hasBattery: Bool) {
        self.newestKnown = max(newestKnown ?? Self.firstPlausible, Self.firstPlausible)
        self.isBelieved =
            hasBattery || newest.map { $0.isOfThisStart && $0.clock != .unset } ?? true
    }

    /// How far the wall clock can be trusted now.
    ///
    /// - Parameter isKept: Whether a time server keeps it, as far as the kernel knows.
    package mutating func state(
        at wall: WallTime, up: BootInstant, isKept: Bool
    ) -> ClockState {
        let step = self.watch.look(at: Moment(up: up, at: wall, clock: .unset))
        if isKept || step != nil { self.isBelieved = true }
        guard wall >= Self.firstPlausible else { return .unset }
        if isKept { return .synced }
        return self.isBelieved && wall >= self.newestKnown ? .holdover : .unset
    }
}
