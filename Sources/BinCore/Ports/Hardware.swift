/// What the hardware tells the bin.
package enum HardwareEvent: Hashable, Sendable {
    case reading(scale: Name, Reading)
    /// A converter that knows nothing of mass delivered its counts.
    case converted(scale: Name, Conversion)
    /// A card came to a reader: one event however long it stays there.
    case presented(reader: Name, card: CardNumber, at: BootInstant)
    /// Pieces passed a compartment's counter.
    case pieces(compartment: Name, Int64, at: BootInstant)
    /// A switch at a lid or a door came to rest in another position.
    case contact(Contact, isOpen: Bool, at: BootInstant)
    /// A fill sensor's opinion of a compartment changed.
    case filled(compartment: Name, isFull: Bool, at: BootInstant)
    /// A part broke. Told once, and again only with another code or after `restored`.
    case failed(FaultFact, at: BootInstant)
    /// The part works again; carries the source and code that `failed` had.
    case restored(FaultFact, at: BootInstant)
}

/// A switch that tells whether something is open.
package enum Contact: Hashable, Sendable {
    case lid(compartment: Name)
    case door(Name)
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
    /// Further figures of this kind of part, by what was counted: for instance `slow-clock`, the
    /// conversions that an HX711 was read too slowly for.
    package var counts: [String: Int64]
    /// When the last good reply came.
    package var lastGood: BootInstant?

    package init(
        part: String, state: State = .unknown, polls: Int64 = 0, timeouts: Int64 = 0,
        badFrames: Int64 = 0, exceptions: Int64 = 0, counts: [String: Int64] = [:],
        lastGood: BootInstant? = nil
    ) {
        self.part = part
        self.state = state
        self.polls = polls
        self.timeouts = timeouts
        self.badFrames = badFrames
        self.exceptions = exceptions
        self.counts = counts
        self.lastGood = lastGood
    }
}

/// Whoever can say how devices are doing, from any thread.
package protocol HealthReporting: Sendable {
    func health() -> [DeviceHealth]
}
