/// Decides what becomes of each attempt to read an HX711: a conversion to be told, a figure, a
/// fault.
///
/// | attempt | counted as | then |
/// | --- | --- | --- |
/// | word, while settling | `settling` | dropped |
/// | word that ends in 8 ones or more, far from the median | `all-ones-tail` | dropped |
/// | word at a rail | `saturated` | told as overload or error |
/// | word that jumps | `jump` if the next one doesn't bear it out | held back: see `JumpGate` |
/// | any other word | | told |
/// | clock too slow | `slow-clock` | dropped |
/// | powered down | `powered-down` | selected anew, settles |
/// | pulse count, late | by its name | reset, selected anew, settles |
/// | unannounced, after a silence | `unannounced`, `silence` | selected anew, settles |
/// | no reply | `timeouts` | waits again |
///
/// When nothing good came for a second, a fault is told; the converter is then reset once a second.
/// One good conversion ends it.
package struct ConverterMachine: Hashable, Sendable {
    /// A converter that gave nothing good for so long, and at least `fewestFailures`, is broken.
    package static let faultMs: Int64 = 1000
    package static let fewestFailures = 3
    /// How long a broken converter is waited for at a time.
    package static let downTimeoutNs: Int64 = 1_000_000_000
    /// A shorter tail of ones is what ordinary values have.
    static let suspiciousTail = 8
    /// So many values with a tail, one after the other and near each other, are true: interrupted
    /// reads don't repeat themselves.
    static let convincing = 3

    package enum Notice: Hashable, Sendable {
        case failed(FaultFact)
        case restored(FaultFact)
    }

    package struct Step: Hashable, Sendable {
        /// To be told, oldest first.
        package var conversions: [Conversion] = []
        package var notices: [Notice] = []
        /// The converter has to be powered down and up before the next attempt.
        package var mustReset = false
    }

    /// A value with a tail of ones that waits to be borne out.
    private struct Suspect: Hashable, Sendable {
        var counts: Int64
        var times: Int
    }

    package let timing: HX711Timing
    private let source: String
    /// Reads to be dropped: one that selects, and those of the settling time.
    private var settling = 0
    private var gate = JumpGate()
    private var suspect: Suspect?
    private var failures = 0
    private var failingSince: BootInstant?
    private var fault: FaultFact?
    /// Whether `fault` came with `lost`. Of a converter's own faults only the first is told: which
    /// one a loose wire shows changes all the time.
    private var isLost = false
    private var figures: DeviceHealth

    /// - Parameter source: As in the `source` of a fault.
    package init(source: String, timing: HX711Timing) {
        self.source = source
        self.timing = timing
        self.figures = DeviceHealth(part: source)
        for discard in ConverterDiscard.allCases { self.figures.counts[discard.rawValue] = 0 }
        self.figures.counts[Self.saturated] = 0
        self.settle()
    }

    private static let saturated = "saturated"

    package var health: DeviceHealth { self.figures }

    /// How long to wait for the next conversion.
    package var timeoutNs: Int64 {
        if self.fault != nil { return Self.downTimeoutNs }
        return self.settling > 0 ? self.timing.settlingTimeoutNs : self.timing.readyTimeoutNs
    }

    /// The converter was powered up, and what it has selected is unknown.
    package mutating func started() { self.settle() }

    /// The lines, or the device that stands for them, can't be used.
    package mutating func lost(_ fault: FaultFact) -> [Notice] {
        self.settle()
        self.figures.state = .down
        self.isLost = true
        return self.tell(fault)
    }

    /// Takes the outcome of one attempt.
    package mutating func take(_ read: ConverterRead, at now: BootInstant) -> Step {
        self.figures.polls += 1
        switch read {
        case .word(let word):
            return self.take(word, at: now)
        case .noReply:
            self.figures.timeouts += 1
            let notices = self.fail(.noReply, at: now)
            let mustReset = self.fault != nil
            if mustReset { self.settle() }
            return Step(notices: notices, mustReset: mustReset)
        case .notReady:
            self.count(.notReady)
            return Step(notices: self.fail(.notReady, at: now))
        case .slowClock:
            self.count(.slowClock)
            return Step(notices: self.fail(.slowClock, at: now))
        case .poweredDown:
            self.count(.poweredDown)
            self.settle()
            return Step(notices: self.fail(.slowClock, at: now))
        case .pulseCount:
            return self.restart(.pulseCount, self.fail(.pulseCount, at: now))
        case .late:
            return self.restart(.late, self.fail(.slowClock, at: now))
        case .unannounced:
            // It may have met a conversion: then the chip took our last pulses for the next read's.
            self.count(.unannounced)
            self.settle()
            return Step(notices: self.fail(.noReply, at: now))
        case .silence:
            // It changed its channel or gain by itself, or began anew with those it begins with.
            self.count(.silence)
            guard self.settling == 0 else {
                // No wonder after the read that selects.
                self.settling = max(self.settling, 2)
                return Step()
            }
            self.settle()
            return Step(notices: self.fail(.noReply, at: now))
        }
    }

    private mutating func take(_ word: HX711Word, at now: BootInstant) -> Step {
        guard self.settling == 0 else {
            self.settling -= 1
            self.count(.settling)
            return Step()
        }
        guard self.isBelievable(word) else {
            self.count(.allOnesTail)
            return Step(notices: self.fail(.allOnes, at: now))
        }
        let (told, dropped) = self.gate.take(
            Conversion(counts: word.counts, condition: word.condition, at: now))
        self.count(.jump, dropped)
        var step = Step(conversions: told)
        for conversion in told { step.notices += self.judge(conversion, at: now) }
        return step
    }

    private mutating func judge(_ conversion: Conversion, at now: BootInstant) -> [Notice] {
        switch conversion.condition {
        case .normal: return self.succeed(at: now)
        case .overload:
            self.figures.counts[Self.saturated, default: 0] += 1
            return self.succeed(at: now)
        case .error, .unsure:
            self.figures.counts[Self.saturated, default: 0] += 1
            return self.fail(.underload, at: now)
        }
    }

    /// Whether `word` is not what an interrupted read or an open data line looks like.
    private mutating func isBelievable(_ word: HX711Word) -> Bool {
        let counts = word.counts
        if word.tailOfOnes < Self.suspiciousTail || self.gate.isNear(counts) {
            self.suspect = nil
            return true
        }
        var times = 1
        if let suspect, abs(suspect.counts - counts) <= JumpGate.nearCounts {
            times = min(suspect.times + 1, Self.convincing)
        }
        self.suspect = Suspect(counts: counts, times: times)
        guard times == Self.convincing, !word.isAllOnes else { return false }
        self.suspect = nil
        return true
    }

    private mutating func restart(_ discard: ConverterDiscard, _ notices: [Notice]) -> Step {
        self.count(discard)
        self.settle()
        return Step(notices: notices, mustReset: true)
    }

    private mutating func settle() {
        self.settling = 1 + HX711Timing.settlingConversions
        self.count(.jump, self.gate.clear())
        self.suspect = nil
    }

    private mutating func count(_ discard: ConverterDiscard, _ times: Int = 1) {
        self.figures.counts[discard.rawValue, default: 0] += Int64(times)
    }

    private mutating func succeed(at now: BootInstant) -> [Notice] {
        self.figures.state = .working
        self.figures.lastGood = now
        self.failures = 0
        self.failingSince = nil
        guard let fault = self.fault else { return [] }
        self.fault = nil
        return [.restored(fault)]
    }

    private mutating func fail(_ code: ConverterFault, at now: BootInstant) -> [Notice] {
        self.failures = min(self.failures + 1, Self.fewestFailures)
        let since = self.failingSince ?? now
        self.failingSince = since
        self.figures.state = self.fault == nil ? .failing : .down
        guard self.fault == nil || self.isLost, self.failures == Self.fewestFailures,
            now.ms(since: since) >= Self.faultMs
        else { return [] }
        self.figures.state = .down
        self.isLost = false
        return self.tell(
            FaultFact(
                source: self.source, code: code.rawValue,
                detail: "\(self.source) \(code.hint)"))
    }

    /// Told once, and again only with another code.
    private mutating func tell(_ fault: FaultFact) -> [Notice] {
        guard self.fault?.code != fault.code else { return [] }
        self.fault = fault
        return [.failed(fault)]
    }
}
