package import BinCore

/// An instrument on the verification officer's bench: a drawn load cell on an HX711, and behind it
/// the bin's own code, in virtual time.
package struct ScaleUnderTest: Sendable {
    /// How long a load lies before it is looked at: the ringing has gone, and the second that is
    /// judged lies after it.
    private static let settleMs: Int64 = 2_200
    /// A tenth of a division more on the platform hardly rings.
    private static let nudgeMs: Int64 = 1_300
    /// A scale that isn't at rest by then isn't going to be.
    private static let patienceMs: Int64 = 10_000
    /// When someone who doesn't wait for rest looks at the display.
    private static let hastyMs: Int64 = 1_000
    /// 50 nV rms at 10 conversions a second and gain 128, 90 nV at 80 (HX711 data sheet V2.0).
    private static let noiseCounts = (slow: 21.5, fast: 38.7)

    package let limits: ScaleLimits
    private let periodMs: Int64
    private let noiseCounts: Double
    package private(set) var scale: Scale
    package private(set) var load = Milligrams.zero
    package var celsius = 20.0
    package var position = LoadPosition.centre
    /// The share of conversions of which the tail is all ones: an interrupted read.
    package var spikes = 0.0
    private var cell: LoadCell
    private var random: SeededRandom
    private var nowMs: Int64 = 0
    private var counts: Int64 = 0
    /// The single conversion that a hasty reader took after the load last changed.
    private var hasty: Int64 = 0

    /// Draws an instrument and calibrates it with zero and Max.
    ///
    /// - Parameter rate: Conversions a second, 10 or 80.
    package init(limits: ScaleLimits, rate: Int = 10, seed: UInt64) {
        self.limits = limits
        self.periodMs = 1000 / Int64(max(1, rate))
        self.noiseCounts = rate > 10 ? Self.noiseCounts.fast : Self.noiseCounts.slow
        self.random = SeededRandom(seed: seed)
        let intervals = Double(limits.capacity.value) / Double(limits.division.value)
        let traits = LoadCellTraits.classC(intervals: intervals, random: &self.random)
        self.cell = LoadCell(division: limits.division, zeroCelsius: 20, traits: traits)
        self.scale = Scale(limits: limits)
        self.calibrate()
    }

    private mutating func calibrate() {
        self.run(Self.settleMs)
        let zero = self.scale.raws.summary(at: self.now)?.mean ?? 0
        self.place(self.limits.capacity.milligrams)
        let full = self.scale.raws.summary(at: self.now)?.mean ?? 0
        let calibration = Calibration(
            zero: zero, span: full - zero, reference: self.limits.capacity)
        guard let calibration else { preconditionFailure("a drawn cell has a span") }
        self.scale.calibrate(calibration)
        self.place(.zero)
        self.rest(1_800_000)
        self.setZero()
    }

    private var now: BootInstant { BootInstant(milliseconds: self.nowMs) }

    /// One division in milligrams.
    package var division: Double { Double(self.limits.division.milligrams.value) }

    /// Puts weights on the platform, or takes them off, and waits for rest.
    package mutating func place(_ load: Milligrams) {
        self.cell.strike(load - self.load, at: self.now)
        self.load = load
        self.run(Self.hastyMs)
        self.hasty = self.counts
        self.run(Self.settleMs - Self.hastyMs)
    }

    /// Lays a small additional weight on, gently.
    package mutating func add(_ mass: Milligrams) {
        self.load = self.load + mass
        self.run(Self.nudgeMs)
    }

    /// Lets time go by without looking, then a second with.
    package mutating func rest(_ ms: Int64) {
        self.nowMs += max(0, ms - Self.settleMs)
        self.run(Self.settleMs)
    }

    private mutating func run(_ ms: Int64) {
        let end = self.nowMs + ms
        while self.nowMs + self.periodMs <= end {
            self.nowMs += self.periodMs
            let seen = self.cell.indicate(
                self.load, celsius: self.celsius, position: self.position, at: self.now,
                random: &self.random)
            let noise = self.random.gaussian() * self.noiseCounts
            self.counts =
                CellConverter.counts(of: seen, limits: self.limits) + Int64(noise.rounded())
            if self.spikes > 0, Double.random(in: 0..<1, using: &self.random) < self.spikes {
                self.counts |= 1 << Int64.random(in: 8...22, using: &self.random) - 1
            }
            self.scale.take(Conversion(counts: self.counts, at: self.now))
        }
        self.nowMs = end
    }

    /// The weight once it is stable; a scale that doesn't come to rest shows what nobody can miss.
    package mutating func weight() -> Milligrams {
        let end = self.nowMs + Self.patienceMs
        while true {
            switch self.scale.weight(at: self.now) {
            case .stable(let mass): return mass
            case .moving, .overload, .underload, .none:
                if self.nowMs >= end { return Milligrams.readable.upperBound }
                self.run(self.periodMs)
            }
        }
    }

    /// The weight once it is steady enough for a zero or a tare.
    package mutating func tare() -> Milligrams {
        let end = self.nowMs + Self.patienceMs
        while self.nowMs < end {
            if let mass = self.scale.tare(at: self.now) { return mass }
            self.run(self.periodMs)
        }
        return Milligrams.readable.upperBound
    }

    /// Sets the zero as a technician or the bin does.
    package mutating func setZero() { self.scale.shiftZero(by: self.tare()) }

    /// What a display without any of it shows a second after the load changed: one conversion,
    /// rounded.
    package var hastyIndication: Milligrams {
        (self.scale.calibration?.mass(of: self.hasty) ?? .zero).rounded(to: self.limits.division)
            .milligrams
    }

    /// What that display shows now.
    package var displayed: Milligrams {
        (self.scale.calibration?.mass(of: self.counts) ?? .zero).rounded(to: self.limits.division)
            .milligrams
    }
}

extension ScaleUnderTest {
    /// By how much the indication before rounding exceeds `true`, in divisions, by the changeover
    /// points: P = I + e/2 − ΔL, with weights of a tenth of a division.
    ///
    /// The additional weights are taken off again.
    ///
    /// Source: OIML R 76-1 A.4.4.3 as restated; worked example: e = 5 g, I = 1,000 g, ΔL = 1.5 g:
    /// P = 1,001 g.
    ///
    /// - Parameter balance: Indicates net by this tare, gross without.
    package mutating func error(over balance: Balance? = nil, true load: Milligrams) -> Double {
        let base = self.load
        let tenth = Milligrams(self.limits.division.milligrams.value / 10)
        let first = self.indication(over: balance)
        var added: Int64 = 0
        while added < 20 {
            added += 1
            self.add(tenth)
            if self.indication(over: balance) > first { break }
        }
        self.add(base - self.load)
        let excess = Double((first - load).value) / self.division
        return excess + 0.5 - Double(added) / 10
    }

    private mutating func indication(over balance: Balance?) -> Milligrams {
        let mass = self.weight()
        let shown = balance?.exactNet(of: mass) ?? mass
        return shown.rounded(to: self.limits.division).milligrams
    }

    /// How many tenths of a division must be added until the indication changes.
    package mutating func tenthsToChange() -> Int {
        let base = self.load
        let tenth = Milligrams(self.limits.division.milligrams.value / 10)
        let first = self.indication(over: nil)
        var added = 0
        while added < 30 {
            added += 1
            self.add(tenth)
            if self.indication(over: nil) > first { break }
        }
        self.add(base - self.load)
        return added
    }
}
