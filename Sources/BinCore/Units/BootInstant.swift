/// A point on the machine's own monotonic clock, which runs from its start and never steps.
///
/// Timeouts are measured on it. It never converts to `WallTime`.
package struct BootInstant: Hashable, Comparable, Sendable {
    /// Milliseconds since the machine started.
    package var milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (left: Self, right: Self) -> Bool {
        left.milliseconds < right.milliseconds
    }

    package func advanced(byMs milliseconds: Int64) -> BootInstant {
        BootInstant(milliseconds: self.milliseconds + milliseconds)
    }

    /// Milliseconds from `earlier` to this instant; negative if `earlier` is later.
    package func ms(since earlier: BootInstant) -> Int64 {
        self.milliseconds - earlier.milliseconds
    }
}

/// How far the wall clock can be trusted.
package enum ClockState: String, CaseIterable, Sendable {
    /// A time server keeps it.
    case synced
    /// It was right once and has run on by itself.
    case holdover
    /// Nobody has set it.
    case unset
}

/// One moment on both clocks, taken together.
package struct Moment: Hashable, Sendable {
    package var up: BootInstant
    package var at: WallTime
    package var clock: ClockState

    package init(up: BootInstant, at: WallTime, clock: ClockState) {
        self.up = up
        self.at = at
        self.clock = clock
    }
}
