import BinCore

/// Tells a converter that stands still from a load that does.
///
/// A transmitter with a filter shows the same weight for minutes while nothing moves, so equal
/// weights alone prove nothing and are never held against it. Only what the device offers for the
/// purpose counts: a count of conversions, without a step of which there is no new weight, or the
/// raw code, whose noise does not pause for seconds.
struct FreshnessWatch: Hashable, Sendable {
    /// With everything the same for this long the converter stands still.
    static let frozenMs: Int64 = 10_000
    /// After a longer pause between two polls the time is counted anew.
    static let pauseMs: Int64 = 2000

    enum Verdict: Hashable, Sendable {
        /// A new weight.
        case fresh
        /// The weight of the last poll.
        case unmoved
        /// The weight of long ago.
        case frozen
    }

    private let kind: ScaleRegisters.Liveness.Kind
    private var last: [UInt16]?
    private var since = BootInstant(milliseconds: 0)
    private var polled = BootInstant(milliseconds: 0)

    init(kind: ScaleRegisters.Liveness.Kind) { self.kind = kind }

    /// - Parameter values: What moves, and the weight: a weight that moves is new in any case.
    mutating func polled(_ values: [UInt16], at now: BootInstant) -> Verdict {
        defer { self.polled = now }
        guard values == self.last else {
            self.last = values
            self.since = now
            return .fresh
        }
        if now.ms(since: self.polled) > Self.pauseMs { self.since = now }
        guard now.ms(since: self.since) < Self.frozenMs else { return .frozen }
        switch self.kind {
        case .counter: return .unmoved
        case .noise: return .fresh
        }
    }
}
