package import BinCore

/// An HX711 as its data sheets describe it, at the level of its two wires, in virtual time.
///
/// Times are nanoseconds on one clock and never go back. Sources: Avia HX711 data sheet V2.0,
/// "Serial interface", "Reset and power-down", table 3; V1.0 for `Revision.v1`.
package struct HX711Chip: Hashable, Sendable {
    /// What the chip has selected after it was powered down: the data sheets disagree.
    package enum Revision: CaseIterable, Sendable {
        /// Channel A with gain 128.
        case v1
        /// What it had before.
        case v2
    }

    package enum DataWire: Sendable { case sound, stuckHigh, stuckLow }

    package static let powerDownNs: Int64 = 60_000

    /// What a settled conversion of each selection gives, 24 bits.
    package var words: [HX711Selection: UInt32]
    package var dataWire = DataWire.sound
    /// Rising edges of the clock that don't reach the chip, counted from 1 since it was made.
    package var lostPulses: Set<Int> = []
    /// Rising edges that reach it as two, as on a ringing wire; counted alike.
    package var doubledPulses: Set<Int> = []
    private let timing: HX711Timing
    private let revision: Revision
    /// Whether conversions of the settling time are announced, with values that mean nothing.
    private let tellsUnsettled: Bool

    private var clockHighSince: Int64?
    private var isPoweredDown = false
    private var selection = HX711Selection.a128
    private var unsettled = HX711Timing.settlingConversions
    private var nextConversionNs: Int64
    private var word: UInt32 = 0
    private var isReady = false
    /// Of the read under way; 0 while the clock rests.
    private var pulses = 0
    private var isDataLow = false
    private var fallingEdges: [Int64] = []
    private(set) package var pulsesSeen = 0
    private(set) package var powerDowns = 0

    package init(
        words: [HX711Selection: UInt32], timing: HX711Timing = HX711Timing(rate: 10),
        revision: Revision = .v2, tellsUnsettled: Bool = true, startNs: Int64 = 0
    ) {
        self.words = words
        self.timing = timing
        self.revision = revision
        self.tellsUnsettled = tellsUnsettled
        self.nextConversionNs = startNs + timing.periodNs
    }

    /// When the data line will next fall by itself, if nobody touches the clock.
    package var nextAnnouncementNs: Int64? {
        self.isPoweredDown || self.dataWire != .sound ? nil : self.nextConversionNs
    }

    /// The data line's falling edges since the last call.
    package mutating func takeFallingEdges(atNs now: Int64) -> [Int64] {
        self.advance(to: now)
        defer { self.fallingEdges = [] }
        return self.dataWire == .sound ? self.fallingEdges : []
    }

    package mutating func isDataHigh(atNs now: Int64) -> Bool {
        self.advance(to: now)
        switch self.dataWire {
        case .sound: return !self.isDataLow
        case .stuckHigh: return true
        case .stuckLow: return false
        }
    }

    package mutating func setClock(_ isHigh: Bool, atNs now: Int64) {
        self.advance(to: now)
        guard isHigh != (self.clockHighSince != nil) else { return }
        self.clockHighSince = isHigh ? now : nil
        if isHigh {
            self.pulsesSeen += 1
            if !self.lostPulses.contains(self.pulsesSeen) { self.shift(at: now) }
            if self.doubledPulses.contains(self.pulsesSeen) { self.shift(at: now) }
        } else if self.isPoweredDown {
            self.isPoweredDown = false
            switch self.revision {
            case .v1: self.selection = .a128
            case .v2: break
            }
            self.unsettled = HX711Timing.settlingConversions
            self.nextConversionNs = now + self.timing.periodNs
        }
    }

    /// Its supply is gone for so long. Source: data sheet V2.0, "Reset and power-down": it begins
    /// with channel A and gain 128.
    package mutating func losePower(atNs now: Int64, forNs: Int64) {
        self.advance(to: now)
        self.isReady = false
        self.pulses = 0
        self.isDataLow = false
        self.selection = .a128
        self.unsettled = HX711Timing.settlingConversions
        self.nextConversionNs = now + forNs + self.timing.periodNs
    }

    private mutating func advance(to now: Int64) {
        let off = self.clockHighSince.map { $0 + Self.powerDownNs }
        while !self.isPoweredDown, self.nextConversionNs <= min(now, off ?? now) {
            self.convert(at: self.nextConversionNs)
            self.nextConversionNs += self.timing.periodNs
        }
        guard let off, now > off, !self.isPoweredDown else { return }
        self.isPoweredDown = true
        self.powerDowns += 1
        self.isReady = false
        self.pulses = 0
        self.isDataLow = false
    }

    private mutating func convert(at now: Int64) {
        // Another number of pulses is an error on the line and selects nothing.
        if let chosen = HX711Selection.allCases.first(where: { $0.pulses == self.pulses }),
            chosen != self.selection
        {
            self.selection = chosen
            self.unsettled = HX711Timing.settlingConversions
        }
        self.unsettled = max(0, self.unsettled - 1)
        let isSettled = self.unsettled == 0
        self.pulses = 0
        self.isReady = isSettled || self.tellsUnsettled
        self.isDataLow = false
        guard self.isReady else { return }
        let word = self.words[self.selection] ?? 0
        self.word = isSettled ? word : word ^ UInt32(0x15_5555 >> self.unsettled)
        self.drop(at: now)
    }

    private mutating func shift(at now: Int64) {
        guard self.isReady, !self.isPoweredDown else { return }
        self.pulses += 1
        guard self.pulses <= 24 else {
            self.isDataLow = false
            return
        }
        if self.word >> UInt32(24 - self.pulses) & 1 == 1 {
            self.isDataLow = false
        } else if !self.isDataLow {
            self.drop(at: now)
        }
    }

    private mutating func drop(at now: Int64) {
        self.isDataLow = true
        self.fallingEdges.append(now)
    }
}
