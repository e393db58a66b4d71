import BinCore
import Testing

/// Division 5 g, Max 30 kg, ten readings a second.
@Suite struct ScaleTests {
    private var scale = Scale(
        limits: ScaleLimits(capacity: Grams(30_000), division: Grams(5), minimum: Grams(20)))
    private var nowMs: Int64 = 0

    private var now: BootInstant { BootInstant(milliseconds: self.nowMs) }

    private mutating func add(_ masses: [Int64], condition: Reading.Condition = .normal) {
        for mass in masses {
            self.nowMs += 100
            self.scale.take(
                Reading(
                    mass: Milligrams(mass), isStable: nil, condition: condition, at: self.now))
        }
    }

    @Test mutating func aSpikeIsNoWeightAndDelaysNoMoreThanItself() {
        self.add([Int64](repeating: 700_000, count: 12))
        self.add([12_345_678])
        #expect(
            self.scale.weight(at: self.now)
                == moves(700_000...700_000, newest: 700_000))
        self.add([700_000])
        #expect(self.scale.weight(at: self.now) == .stable(Milligrams(700_000)))
    }

    @Test mutating func theFirstValueOfANewLoadIsMotionAtOnce() {
        self.add([Int64](repeating: 700_000, count: 12))
        self.add([400_000])
        #expect(
            self.scale.weight(at: self.now)
                == moves(700_000...700_000, newest: 700_000))
        self.add([400_000])
        #expect(
            self.scale.weight(at: self.now)
                == moves(400_000...700_000, newest: 400_000))
        #expect(self.scale.tare(at: self.now) == nil)
    }

    /// The median of any three in a row is 700 g.
    @Test mutating func aShakingThatTheMedianCannotSeeIsMotion() {
        for _ in 0..<12 {
            self.add([700_000, 1_100_000, 400_000])
            if case .stable = self.scale.weight(at: self.now) { Issue.record("taken for rest") }
        }
        self.add([700_000])
        if case .stable = self.scale.weight(at: self.now) { Issue.record("taken for rest") }
    }

    @Test mutating func aZeroIsTakenOffWhatCameBeforeAndWhatComes() {
        self.add([Int64](repeating: 3_000, count: 12))
        #expect(!self.scale.isAtZero(at: self.now))
        self.scale.shiftZero(by: Milligrams(3_000))
        #expect(self.scale.weight(at: self.now) == .stable(.zero))
        #expect(self.scale.isAtZero(at: self.now))
        self.add([Int64](repeating: 4_250, count: 14))
        #expect(self.scale.isAtZero(at: self.now))
        self.add([Int64](repeating: 4_300, count: 14))
        #expect(!self.scale.isAtZero(at: self.now))
        #expect(self.scale.weight(at: self.now) == .stable(Milligrams(1_300)))
    }

    /// A bus whose replies were mixed up: no value, and nothing that makes the last one fresh.
    @Test mutating func whatIsAskedAgainIsMotionAndNoValue() {
        self.add([Int64](repeating: 700_000, count: 12))
        let raws = self.scale.raws
        self.add([0], condition: .unsure)
        #expect(
            self.scale.weight(at: self.now) == moves(700_000...700_000, newest: 700_000))
        #expect(self.scale.raws == raws)
        self.add([700_000])
        #expect(self.scale.weight(at: self.now) == .stable(Milligrams(700_000)))
        self.add([0], condition: .unsure)
        self.nowMs += Weigher.staleMs
        #expect(self.scale.weight(at: self.now) != .none)
        self.nowMs += 1
        #expect(self.scale.weight(at: self.now) == .none)
    }

    @Test mutating func anErrorEndsTheWeightAtOnce() {
        self.add([Int64](repeating: 3_000, count: 12))
        self.add([3_000], condition: .error)
        #expect(self.scale.weight(at: self.now) == .none)
        self.add([3_000])
        #expect(
            self.scale.weight(at: self.now)
                == moves(3_000...3_000, newest: 3_000))
    }

    @Test mutating func countsThatTheCalibrationCannotTurnIntoMassAreAnError() throws {
        let line = try #require(Calibration(zero: 0, span: 1, reference: Grams(1_000_000)))
        self.scale.calibrate(line)
        self.scale.take(Conversion(counts: 2_000, at: BootInstant(milliseconds: 100)))
        #expect(self.scale.weight(at: BootInstant(milliseconds: 100)) == .none)
    }

    private func reading(_ milligrams: Int64, celsius: Int64?, at ms: Int64) -> Reading {
        Reading(
            mass: Milligrams(milligrams), isStable: nil, condition: .normal,
            milliCelsius: celsius, at: BootInstant(milliseconds: ms))
    }

    @Test mutating func aTemperatureIsCorrectedWhereItIsDelivered() throws {
        let coefficient = try #require(
            TemperatureCoefficient(reference: 20_000, zero: Milligrams(500), spanPpm: 10))
        self.scale = Scale(limits: self.scale.limits, temperature: coefficient)
        #expect(!self.scale.lacksTemperature)
        for index in Int64(0)..<12 {
            self.scale.take(self.reading(10_006_000, celsius: 30_000, at: index * 100))
        }
        let now = BootInstant(milliseconds: 1_100)
        // As the table of `TemperatureCoefficient` says.
        #expect(self.scale.weight(at: now) == .stable(Milligrams(10_000_000)))
        #expect(self.scale.raws.newest?.raw == 10_000_000)
        #expect(self.scale.milliCelsius == 30_000)
        #expect(!self.scale.lacksTemperature)
        self.scale.take(self.reading(10_007_000, celsius: nil, at: 1_200))
        #expect(self.scale.raws.newest?.raw == 10_007_000)
        #expect(self.scale.lacksTemperature)
    }

    @Test mutating func aTemperatureWithoutACoefficientChangesNothing() {
        self.scale.take(self.reading(500_000, celsius: 35_000, at: 100))
        #expect(self.scale.raws.newest?.raw == 500_000)
        #expect(self.scale.milliCelsius == 35_000)
        self.scale.take(self.reading(500_000, celsius: nil, at: 200))
        #expect(!self.scale.lacksTemperature)
    }

    @Test mutating func aTransmittersOwnMassIsMadeLinearToo() throws {
        let point = Linearity.Point(line: Grams(10_000), correction: Milligrams(-2_000))
        let linearity = try #require(Linearity(points: [point]))
        self.scale = Scale(limits: self.scale.limits, linearity: linearity)
        self.add([Int64](repeating: 10_000_000, count: 12))
        #expect(self.scale.weight(at: self.now) == .stable(Milligrams(9_998_000)))
        let trace = WeightTrace(
            compartment: try name("pet"), calibration: nil, linearity: self.scale.linearity,
            samples: [])
        let sample = WeightTrace.Sample(up: self.now, raw: 10_000_000)
        #expect(trace.mass(of: sample) == Milligrams(9_998_000))
    }
}
