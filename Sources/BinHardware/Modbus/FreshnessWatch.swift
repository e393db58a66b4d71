import BinCore

/// Tells a converter that stands still from a load that does.
///
/// A transmitter with a filter shows the same weight for minutes while nothing moves, so equal
/// weights alone prove nothing and are never held against it. Only what the device offers for the
/// purpose counts. What was found frozen stays so until something moves, however seldom the device
/// is asked meanwhile.
struct FreshnessWatch: Hashable, Sendable {
    /// What a device offers.
    enum Sign: Hashable, Sendable {
        /// A count of conversions, without a step of which there is no new weight.
        case counter
        /// The raw code, whose noise does not pause for seconds.
        case noise
        /// Nothing but a status that says "in motion": a weight that doesn't move then is wrong.
        case motion
    }

    /// With everything the same for this long the converter stands still.
    static let frozenMs: Int64 = 10_000
    /// With a weight in motion that is the same for this long. The load may shake by less than the
    /// display shows, but not for a minute without one step. Our own choice.
    static let motionlessMs: Int64 = 60_000
    /// A raw code that is the same for longer makes no new weight: an indication may not stand for
    /// more than a second after the load changed.
    ///
    /// Source: OIML R 76-1 4.4.1.
    static let restMs: Int64 = 1000
    /// Of a longer pause between two polls only so much counts: what was between was not seen.
    static let pauseMs: Int64 = 2000

    enum Verdict: Hashable, Sendable {
        /// A new weight.
        case fresh
        /// The weight of an earlier poll.
        case unmoved
        /// The weight of long ago.
        case frozen
    }

    let sign: Sign
    private var last: [UInt16]?
    /// For how long everything was seen to be the same.
    private var stillMs: Int64 = 0
    private var polled = BootInstant(milliseconds: 0)

    init(sign: Sign) { self.sign = sign }

    /// - Parameter values: What moves, and the weight: a weight that moves is new in any case.
    mutating func polled(_ values: [UInt16], at now: BootInstant) -> Verdict {
        defer { self.polled = now }
        guard values == self.last else {
            self.last = values
            self.stillMs = 0
            return .fresh
        }
        let most = max(Self.frozenMs, Self.motionlessMs)
        let seenMs = min(now.ms(since: self.polled), Self.pauseMs)
        self.stillMs = min(self.stillMs + seenMs, most)
        switch self.sign {
        case .counter: return self.stillMs < Self.frozenMs ? .unmoved : .frozen
        case .noise:
            guard self.stillMs < Self.frozenMs else { return .frozen }
            return self.stillMs < Self.restMs ? .fresh : .unmoved
        case .motion: return self.stillMs < Self.motionlessMs ? .fresh : .frozen
        }
    }

    /// Forgets what it saw: the device says that nothing has to move now.
    mutating func rest() {
        self.last = nil
        self.stillMs = 0
    }
}

extension FreshnessWatch {
    /// `nil` if the device offers nothing.
    init?(_ registers: ScaleRegisters) {
        switch registers.liveness?.kind {
        case .counter?: self.init(sign: .counter)
        case .noise?: self.init(sign: .noise)
        case nil where registers.status?.stable != nil: self.init(sign: .motion)
        case nil: return nil
        }
    }

    /// Takes what one poll brought.
    mutating func polled(
        _ values: ReadRegisters, of registers: ScaleRegisters, at now: BootInstant
    ) -> Verdict {
        let weight = values[registers.weightBlock] ?? []
        switch self.sign {
        case .counter, .noise:
            guard let liveness = registers.liveness,
                var live = values[liveness.block], let last = live.popLast()
            else { return .fresh }
            live.append(UInt16(truncatingIfNeeded: liveness.bits.value(in: last)))
            return self.polled(live + weight, at: now)
        case .motion:
            guard let status = registers.status,
                let word = registers.statusBlock.flatMap({ values[$0]?.first }),
                status.says(motionIn: word)
            else {
                self.rest()
                return .fresh
            }
            return self.polled([word] + weight, at: now)
        }
    }
}

extension ScaleRegisters.Status {
    /// Whether a status says that a weight moves which can be shown: at a limit it may stay there.
    fileprivate func says(motionIn word: UInt16) -> Bool {
        let isLimit = (self.overload + self.error).contains { $0.isSet(in: word) }
        return self.stable.map { !$0.isSet(in: word) && !isLimit } ?? false
    }
}
