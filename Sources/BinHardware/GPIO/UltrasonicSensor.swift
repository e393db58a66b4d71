import BinCore

/// One distance sensor: when it is triggered, and how long its echo was.
///
/// A pulse on the trigger has it answer with a pulse on the echo line that is as long as the sound
/// was on its way.
struct UltrasonicSensor: Sendable {
    /// How long the trigger is driven at least. Source: Elecfreaks HC-SR04 user's guide, 10 µs.
    static let triggerUs: UInt32 = 10
    /// Without an echo the sensor answers after 38 ms; one that hasn't by now won't. Source: the
    /// same, "over 60 ms measurement cycle".
    static let listenNs: Int64 = 60_000_000

    private enum Phase: Hashable, Sendable {
        case resting(untilNs: Int64)
        /// Left by the end of the echo, or at the end of `listenNs`.
        case listening(sinceNs: Int64, riseNs: Int64?)
    }

    private let periodNs: Int64
    private var phase: Phase = .resting(untilNs: 0)
    private var gauge: FillGauge

    init(_ settings: UltrasonicSettings) {
        self.periodNs = Int64(settings.everySeconds) * 1_000_000_000
        self.gauge = FillGauge(settings)
    }

    var isListening: Bool {
        switch self.phase {
        case .resting: false
        case .listening: true
        }
    }

    var dueNs: Int64 {
        switch self.phase {
        case .resting(let untilNs): untilNs
        case .listening(let sinceNs, _): sinceNs + Self.listenNs
        }
    }

    /// The trigger is about to be driven.
    mutating func trigger(atNs: Int64) { self.phase = .listening(sinceNs: atNs, riseNs: nil) }

    mutating func edge(isRising: Bool, atNs: Int64) -> [FillGauge.Notice] {
        guard case .listening(let sinceNs, let riseNs) = self.phase else { return [] }
        if isRising {
            if atNs >= sinceNs { self.phase = .listening(sinceNs: sinceNs, riseNs: atNs) }
            return []
        }
        guard let riseNs, atNs >= riseNs else { return [] }
        self.phase = .resting(untilNs: sinceNs + self.periodNs)
        return self.gauge.take(echoMicroseconds: (atNs - riseNs) / 1_000)
    }

    /// No echo came in time.
    mutating func timeOut() -> [FillGauge.Notice] {
        guard case .listening(let sinceNs, _) = self.phase else { return [] }
        self.phase = .resting(untilNs: sinceNs + self.periodNs)
        return self.gauge.take(echoMicroseconds: nil)
    }

    /// Its lines were lost. Returns whether it had said full.
    mutating func lost() -> Bool {
        self.phase = .resting(untilNs: 0)
        return self.gauge.reset()
    }
}
