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
}
