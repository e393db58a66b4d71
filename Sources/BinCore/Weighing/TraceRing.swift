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
    /// Ascending in time; none before the ring's reach.
    package var samples: [Sample]

    package init(compartment: Name, calibration: Calibration?, samples: [Sample]) {
        self.compartment = compartment
        self.calibration = calibration
        self.samples = samples
    }

    package func mass(of sample: Sample) -> Milligrams? {
        guard let calibration = self.calibration else { return Milligrams(sample.raw) }
        return calibration.mass(of: sample.raw)
    }
}

/// The last seconds of one scale, ten samples a second at most.
package struct TraceRing: Hashable, Sendable {
    /// How far back a trace reaches. A deposit settles within a few seconds; this shows the rest
    /// before it too.
    package static let reachMs: Int64 = 20_000
    /// Faster converters are thinned out to this distance.
    private static let shortestGapMs: Int64 = 90
    private static let most = 256

    private var samples: [WeightTrace.Sample] = []

    package init() {}

    package mutating func add(_ raw: Int64, at now: BootInstant) {
        if let last = self.samples.last, now.ms(since: last.up) < Self.shortestGapMs { return }
        self.samples.append(WeightTrace.Sample(up: now, raw: raw))
        let start = now.advanced(byMs: -Self.reachMs)
        let old = self.samples.prefix { $0.up < start }.count
        let tooMany = self.samples.count - Self.most
        self.samples.removeFirst(max(old, tooMany, 0))
    }

    package func trace(of compartment: Name, calibration: Calibration?) -> WeightTrace {
        WeightTrace(
            compartment: compartment, calibration: calibration, samples: self.samples)
    }
}
