/// What the hardware tells the bin.
package enum HardwareEvent: Hashable, Sendable {
    case reading(scale: Name, Reading)
    /// A card came to a reader: one event however long it stays there.
    case presented(reader: Name, card: CardNumber, at: BootInstant)
    /// A part broke. Told once, and again only with another code or after `restored`.
    case failed(FaultFact, at: BootInstant)
    /// The part works again; carries the source and code that `failed` had.
    case restored(FaultFact, at: BootInstant)
}

/// Who takes what the hardware tells. Called from a bus's own thread: it must not block.
package protocol HardwareListening: Sendable {
    func receive(_ event: HardwareEvent)
}

/// The machine's monotonic clock.
package protocol MonotonicClock: Sendable {
    func now() -> BootInstant
}

/// How one device on a bus has been doing since the daemon started.
package struct DeviceHealth: Hashable, Sendable {
    package enum State: String, CaseIterable, Sendable {
        /// Nothing was heard of it yet.
        case unknown
        case working
        /// The last polls failed; it is still polled at its period.
        case failing
        /// It is probed at growing intervals.
        case down
    }

    /// The part, as in the `source` of a fault: for instance `scale pet`.
    package var part: String
    package var state: State
    package var polls: Int64
    package var timeouts: Int64
    /// Replies with a bad checksum, length, function or sender.
    package var badFrames: Int64
    package var exceptions: Int64
    /// When the last good reply came.
    package var lastGood: BootInstant?

    package init(
        part: String, state: State = .unknown, polls: Int64 = 0, timeouts: Int64 = 0,
        badFrames: Int64 = 0, exceptions: Int64 = 0, lastGood: BootInstant? = nil
    ) {
        self.part = part
        self.state = state
        self.polls = polls
        self.timeouts = timeouts
        self.badFrames = badFrames
        self.exceptions = exceptions
        self.lastGood = lastGood
    }
}

/// Whoever can say how devices are doing, from any thread.
package protocol HealthReporting: Sendable {
    func health() -> [DeviceHealth]
}
