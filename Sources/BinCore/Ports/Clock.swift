/// Both clocks of the machine.
package protocol MomentSource: MonotonicClock {
    func moment() -> Moment
}

/// Finds steps of the wall clock against the monotonic one.
package struct ClockWatch: Hashable, Sendable {
    /// A step of more than this is recorded (CONTRACT §3, `clock`).
    package static let stepMs: Int64 = 1000

    /// Wall time at monotonic zero, milliseconds since 1970.
    private var offset: Int64?

    /// - Parameter last: A moment of this start of the machine that was recorded, if any.
    package init(last: (at: WallTime, up: BootInstant)? = nil) {
        self.offset = last.map { Self.offset($0.at, $0.up) }
    }

    /// Returns the step, if the clock was set or stepped since the last call.
    package mutating func look(at moment: Moment) -> ClockFact? {
        let now = Self.offset(moment.at, moment.up)
        guard let before = self.offset else {
            self.offset = now
            return nil
        }
        guard abs(now - before) > Self.stepMs else { return nil }
        self.offset = now
        let from = WallTime(millisecondsSince1970: before + moment.up.milliseconds)
        return ClockFact(from: from, to: moment.at)
    }

    private static func offset(_ at: WallTime, _ up: BootInstant) -> Int64 {
        at.millisecondsSince1970 - up.milliseconds
    }
}
