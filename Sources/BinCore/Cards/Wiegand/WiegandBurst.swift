/// Pulses that belong together because no long silence parts them: a frame, or what noise made
/// of one.
///
/// A burst ends after a silence of five times its longest gap so far, at least 25 ms and at most
/// 100 ms. SIA allows 20 ms between bits: even the first gap of the slowest reader fits, and up to
/// three bits lost in a row never cut a frame in two; of a reader with 1 ms, 23 bits.
struct WiegandBurst: Hashable, Sendable {
    struct Pulse: Hashable, Sendable {
        var atNs: Int64
        var wire: WiegandWire
    }

    /// What the distances between the pulses say.
    enum Rhythm: Hashable, Sendable {
        case regular
        /// Pulses on both wires are nearer to each other than bits can be.
        case crosstalk
        /// Pulses on one wire are nearer to each other than bits can be.
        case tooFast
        /// A gap is too long or too short beside the others: a bit is missing, or there is one
        /// too many.
        case irregular
    }

    static let endNs: ClosedRange<Int64> = 25_000_000...100_000_000
    /// Half of SIA's shortest interval of 200 µs.
    static let shortestGapNs: Int64 = 100_000
    /// How long the longest gap of a frame may be in percent of its shortest.
    ///
    /// A reader whose gaps stay within ±23 % of its interval always passes; the widest one that was
    /// measured, 1.14 to 1.24 ms, has ±4.2 % (pigpio issue 197). While they stay within ±11 %, one
    /// pulse that is lost or added inside the frame always shows: one gap is then the sum of two,
    /// and another no longer than one, which makes at least 2 × 89 / 111 = 160 %. An interrupt may
    /// come late by 23 % of the interval: 230 µs for a reader with 1 ms.
    static let mostPercent: Int64 = 160
    /// A few more than the longest format; what goes on longer is noise.
    static let mostPulses = WiegandFrame.mostBits + 8

    /// By time; the two lines are read one after the other, so pulses may come in out of order.
    private(set) var pulses: [Pulse] = []
    /// Pulses were lost in it or right before.
    private(set) var hasLosses = false
    /// What follows a burst that was too long, until there is silence: never a frame.
    private(set) var isRest = false
    /// The last pulse or loss.
    private(set) var lastNs: Int64
    /// Silence before its first pulse; may be negative if the clock stepped back.
    let quietNs: Int64
    private var longestGapNs: Int64 = 0

    init(at startNs: Int64, quietNs: Int64) {
        self.lastNs = startNs
        self.quietNs = quietNs
    }

    /// When it ends, if nothing else comes.
    var endNs: Int64 { self.lastNs + Self.silenceNs(after: self.longestGapNs) }

    /// How long a silence has to be to end a burst with gaps of up to `gapNs`.
    static func silenceNs(after gapNs: Int64) -> Int64 {
        let wanted = gapNs.multipliedReportingOverflow(by: 5)
        let most = Self.endNs.upperBound
        return max(Self.endNs.lowerBound, wanted.overflow ? most : min(wanted.partialValue, most))
    }

    mutating func insert(_ pulse: Pulse) {
        guard let last = self.pulses.last else {
            self.pulses.append(pulse)
            self.lastNs = max(self.lastNs, pulse.atNs)
            return
        }
        self.longestGapNs = max(self.longestGapNs, pulse.atNs - self.lastNs)
        self.lastNs = max(self.lastNs, pulse.atNs)
        if pulse.atNs >= last.atNs {
            self.pulses.append(pulse)
        } else {
            let index = self.pulses.firstIndex { $0.atNs > pulse.atNs } ?? self.pulses.endIndex
            self.pulses.insert(pulse, at: index)
        }
    }

    mutating func lose(untilNs: Int64) {
        self.hasLosses = true
        self.lastNs = max(self.lastNs, untilNs)
    }

    /// Forgets its pulses: it is noise from here to the next silence.
    mutating func turnToRest() {
        self.pulses.removeAll(keepingCapacity: true)
        self.isRest = true
    }

    /// The wire without any pulse, if there are pulses.
    var silentWire: WiegandWire? {
        guard let wire = self.pulses.first?.wire else { return nil }
        for pulse in self.pulses where pulse.wire != wire { return nil }
        return wire.other
    }

    /// What the pulses' distances say, and the longest of them; 0 if there is none.
    var rhythm: (Rhythm, longestNs: Int64) {
        var shortest = Int64.max
        var longest: Int64 = 0
        var isNear = false
        var isCrossing = false
        var last: Pulse?
        for pulse in self.pulses {
            if let last {
                let gap = pulse.atNs - last.atNs
                shortest = min(shortest, gap)
                longest = max(longest, gap)
                if gap < Self.shortestGapNs {
                    isNear = true
                    isCrossing = isCrossing || pulse.wire != last.wire
                }
            }
            last = pulse
        }
        if isNear { return (isCrossing ? .crosstalk : .tooFast, longest) }
        // Divided, not multiplied: a gap can be as long as the clock's range.
        let isRegular = longest / Self.mostPercent <= shortest / 100
        return (isRegular ? .regular : .irregular, longest)
    }
}
