/// The raw values of a scale around a deposit, so that a disputed one can be looked at.
package struct WeightTrace: Hashable, Sendable {
    package struct Sample: Hashable, Sendable {
        package var up: BootInstant
        /// In the converter's own unit; milligrams of a transmitter.
        package var raw: Int64

        package init(up: BootInstant, raw: Int64) {
            self.up = up
            self.raw = raw
        }
    }

    package var compartment: Name
    /// Makes mass of `raw`; without one `raw` is milligrams.
    package var calibration: Calibration?
    /// What was added between zero and span.
    package var linearity: Linearity
    /// Ascending in time; none before the ring's reach.
    package var samples: [Sample]

    package init(
        compartment: Name, calibration: Calibration?, linearity: Linearity = .straight,
        samples: [Sample]
    ) {
        self.compartment = compartment
        self.calibration = calibration
        self.linearity = linearity
        self.samples = samples
    }

    /// What the scale would have shown alone, without the filter and the zero-tracking.
    package func mass(of sample: Sample) -> Milligrams? {
        guard let calibration = self.calibration else {
            return self.linearity.corrected(Milligrams(sample.raw))
        }
        return calibration.mass(of: sample.raw).map { self.linearity.corrected($0) }
    }
}

/// The last seconds of one scale, ten samples a second at most.
package struct TraceRing: Hashable, Sendable {
    /// How far a trace reaches back from its deposit. A deposit settles within a few seconds; this
    /// shows the rest before it too.
    package static let beforeMs: Int64 = 20_000
    /// How long a trace goes on after its deposit: long enough to see whether the weight stayed.
    package static let afterMs: Int64 = 3_000
    /// Faster converters are thinned out to this distance.
    private static let shortestGapMs: Int64 = 90
    /// As many as there can be in 23 s.
    private static let most = 256

    private var samples: [WeightTrace.Sample] = []

    package init() {}

    package mutating func add(_ raw: Int64, at now: BootInstant) {
        if let last = self.samples.last, now.ms(since: last.up) < Self.shortestGapMs { return }
        self.samples.append(WeightTrace.Sample(up: now, raw: raw))
        let start = now.advanced(byMs: -Self.beforeMs - Self.afterMs)
        let old = self.samples.prefix { $0.up < start }.count
        let tooMany = self.samples.count - Self.most
        self.samples.removeFirst(max(old, tooMany, 0))
    }

    /// What there is from 20 s before a deposit to 3 s after it.
    package func samples(around deposit: BootInstant) -> [WeightTrace.Sample] {
        let start = deposit.advanced(byMs: -Self.beforeMs)
        let end = deposit.advanced(byMs: Self.afterMs)
        return self.samples.filter { $0.up >= start && $0.up <= end }
    }
}
