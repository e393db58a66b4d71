/// Reads cards from the pulses of one reader.
///
/// A frame is judged when it is over, never because it has the right number of bits already: 26
/// bits may be the head of 34. It is a card only if no event in or around it was lost, its pulses
/// are as regular as a reader sends them, there was silence before and after, a configured format
/// has its length, and that format's parity holds. Everything else is counted by its reason.
///
/// Kernel timestamps are taken when the interrupt comes, so a late thread does not disturb them.
/// The thread must read both lines until they are empty before it says that time has passed.
///
/// Certain for the built-in formats, as long as no two of them on one reader differ by one bit
/// (else `WiegandLengths`): no single lost, added, doubled or misread pulse makes another card.
///
/// Not certain if several defects hit one frame and leave a configured length and the rhythm alone.
/// Two misread bits pass if one parity rule covers both, as it does for half of all pairs. A first
/// bit lost and one added behind in rhythm pass by chance one time in four (with 35 bits in eight);
/// so does a run of losses at one end that leaves exactly the length of another configured format,
/// for instance the last eight of 34 bits: of frames cut anywhere 7 in 1,000 pass with 26, 34 and
/// 37 bits configured, none with a single format. So list only the formats that the cards have.
/// A format without parity has its length and rhythm alone: any misread bit is another card.
package struct WiegandLine: Hashable, Sendable {
    /// Fewer pulses are noise: a keypad sends four.
    private static let fewestBits = 4
    /// Beyond it no kernel clock is: 146 years. Sums with it don't overflow.
    private static let latestNs = Int64.max / 2

    /// How much earlier than the last one a pulse may be told: far more than a thread needs to read
    /// one line after the other.
    private static let mostDisorderNs: Int64 = 1_000_000_000

    package let formats: [WiegandFormat]
    package private(set) var tally = WiegandTally()
    private var burst: WiegandBurst?
    /// When the last burst was over, or listening began.
    private var lastNs: Int64
    private var streak = WiegandStreak()
    private var lengths: WiegandLengths

    /// - Parameters:
    ///   - formats: Of different lengths; of two with one length the first counts.
    ///   - startNs: When listening began: a frame may have been under way.
    package init(formats: [WiegandFormat], startNs: Int64) {
        self.formats = formats
        self.lastNs = Self.clamped(startNs)
        self.lengths = WiegandLengths(formats)
    }

    /// Listening begins again: what was under way is void, the tally goes on.
    package mutating func reopen(atNs: Int64) {
        self.burst = nil
        self.streak = WiegandStreak()
        self.lastNs = Self.clamped(atNs)
    }

    /// When `advance(to:)` is to be called, on the kernel's clock; `nil` if nothing is under way.
    package var deadlineNs: Int64? { self.burst?.endNs }

    /// Whether what comes is no frame any more, until there is silence: no harm if some is lost.
    package var isNoise: Bool { self.burst?.isRest ?? false }

    /// What is wrong with the reader, if it is.
    package var fault: WiegandFault? { self.streak.fault }

    /// Takes what happened, in the order of time.
    package mutating func take(_ signals: [WiegandSignal]) -> [WiegandOutcome] {
        var outcomes: [WiegandOutcome] = []
        for signal in signals {
            switch signal {
            case .pulse(let wire, let atNs):
                let pulse = WiegandBurst.Pulse(atNs: Self.clamped(atNs), wire: wire)
                self.receive(pulse, &outcomes)
            case .lost(let fromNs, let untilNs):
                let from = Self.clamped(fromNs)
                self.open(at: from, &outcomes)
                self.burst?.lose(untilNs: max(from, Self.clamped(untilNs)))
            }
        }
        return outcomes
    }

    /// Time has passed, and all that the lines had to tell until then was taken.
    package mutating func advance(to nowNs: Int64) -> [WiegandOutcome] {
        var outcomes: [WiegandOutcome] = []
        if let burst = self.burst, nowNs >= burst.endNs { self.close(&outcomes) }
        return outcomes
    }

    private mutating func receive(
        _ pulse: WiegandBurst.Pulse, _ outcomes: inout [WiegandOutcome]
    ) {
        self.open(at: pulse.atNs, &outcomes)
        self.burst?.insert(pulse)
        guard let burst = self.burst, burst.pulses.count > WiegandBurst.mostPulses else { return }
        self.reject(.tooLong, .noise, atNs: burst.lastNs, &outcomes)
        self.burst?.turnToRest()
    }

    /// Makes sure that there is a burst which `atNs` belongs to.
    private mutating func open(at atNs: Int64, _ outcomes: inout [WiegandOutcome]) {
        if let burst = self.burst {
            // A clock that was set back must not leave the reader deaf until it has caught up.
            // What lies before the end of a loss belongs to it, however long that took.
            let isFarBack = !burst.hasLosses && atNs < burst.lastNs - Self.mostDisorderNs
            if atNs >= burst.endNs || isFarBack { self.close(&outcomes) }
        }
        if self.burst == nil {
            self.burst = WiegandBurst(at: atNs, quietNs: atNs - self.lastNs)
        }
    }

    private mutating func close(_ outcomes: inout [WiegandOutcome]) {
        guard let burst = self.burst else { return }
        self.burst = nil
        self.lastNs = burst.lastNs
        if burst.isRest { return }
        switch self.verdict(on: burst) {
        case .card(let card):
            self.tally.countCard()
            outcomes.append(.card(card, atNs: burst.lastNs))
            if let fault = self.streak.end() { outcomes.append(.restored(fault)) }
        case .rejected(let rejection, let symptom):
            self.reject(rejection, symptom, atNs: burst.lastNs, &outcomes)
        }
    }

    private mutating func reject(
        _ rejection: WiegandRejection, _ symptom: WiegandFault, atNs: Int64,
        _ outcomes: inout [WiegandOutcome]
    ) {
        self.tally.count(rejection)
        outcomes.append(.rejected(rejection, atNs: atNs))
        guard rejection.isTrouble, let fault = self.streak.grow(symptom) else { return }
        outcomes.append(.failed(fault))
    }

    private enum Verdict {
        case card(CardNumber)
        case rejected(WiegandRejection, WiegandFault)
    }

    private mutating func verdict(on burst: WiegandBurst) -> Verdict {
        if burst.hasLosses { return .rejected(.lostEvents, .lostEvents) }
        guard burst.pulses.count >= Self.fewestBits else { return .rejected(.noise, .noise) }
        let silent = burst.silentWire.map { WiegandFault.silentWire($0) }
        let (rhythm, longestNs) = burst.rhythm
        switch rhythm {
        case .regular: break
        case .crosstalk: return .rejected(.crosstalk, .crosstalk)
        case .tooFast: return .rejected(.tooFast, silent ?? .noise)
        case .irregular: return .rejected(.irregular, silent ?? .irregular)
        }
        // Without a silence that would have ended a frame of this rhythm it may be the tail of one.
        guard burst.quietNs >= WiegandBurst.silenceNs(after: longestNs) else {
            return .rejected(.crowded, silent ?? .irregular)
        }
        guard let frame = WiegandFrame(burst.pulses.map { $0.wire == .d1 }) else {
            return .rejected(.tooLong, .noise)
        }
        guard let format = self.formats.first(where: { $0.bits == frame.count }) else {
            let isKey = Self.isKey(frame)
            let unknown = silent ?? .unknownLength(frame.count)
            return .rejected(isKey ? .keypad : .length, unknown)
        }
        guard let card = format.card(of: frame) else {
            let isSwapped = format.accepts(frame.inverted)
            return .rejected(.parity, silent ?? (isSwapped ? .swapped : .parity(frame.count)))
        }
        guard self.lengths.admits(frame, atNs: burst.lastNs) else {
            return .rejected(.doubtful, .parity(frame.count))
        }
        return .card(card)
    }

    /// Whether a frame is a key: four bits, or their complement followed by them.
    private static func isKey(_ frame: WiegandFrame) -> Bool {
        switch frame.count {
        case 4: true
        case 8: frame.number(0...3) ^ frame.number(4...7) == 0xF
        default: false
        }
    }

    private static func clamped(_ atNs: Int64) -> Int64 { min(max(atNs, 0), Self.latestNs) }
}
