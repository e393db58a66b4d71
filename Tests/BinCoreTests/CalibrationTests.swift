import BinCore
import Testing

@Suite struct CalibrationTests {
    @Test(
        "a straight line, rounded to the nearest milligram",
        arguments: [
            // zero, span, reference g, raw, mg: by hand
            (1_000, 200_000, 10_000, 1_000, 0),
            (1_000, 200_000, 10_000, 201_000, 10_000_000),
            (1_000, 200_000, 10_000, 1_001, 50),
            (1_000, 200_000, 10_000, 999, -50),
            (0, 3, 1, 1, 333), (0, 3, 1, 2, 667), (0, 3, 1, -2, -667),
            (0, -3, 1, 1, -333), (0, -200_000, 10_000, -100_000, 5_000_000),
            (0, 2, 1, 1, 500), (0, 2_000, 1, 1, 1), (0, 2_000, 1, -1, -1),
        ] as [(Int64, Int64, Int64, Int64, Int64)])
    func weighs(zero: Int64, span: Int64, reference: Int64, raw: Int64, mass: Int64) throws {
        let line = try #require(
            Calibration(zero: zero, span: span, reference: Grams(reference)))
        #expect(line.mass(of: raw) == Milligrams(mass))
    }

    @Test func refusesFiguresThatMakeNoLine() {
        #expect(Calibration(zero: 0, span: 0, reference: Grams(1)) == nil)
        #expect(Calibration(zero: 0, span: 1, reference: Grams(0)) == nil)
        #expect(Calibration(zero: 0, span: 1, reference: Grams(1_000_001)) == nil)
        #expect(Calibration(zero: .max, span: 1, reference: Grams(1)) == nil)
        #expect(Calibration(zero: 0, span: .min, reference: Grams(1)) == nil)
    }

    @Test func aRawValueBeyondWhatAScaleHoldsIsNoMass() throws {
        let line = try #require(Calibration(zero: 0, span: 1, reference: Grams(1_000_000)))
        #expect(line.mass(of: 1_000) == Milligrams(1_000_000_000_000))
        #expect(line.mass(of: 1_001) == nil)
        #expect(line.mass(of: .min) == nil)
    }
}

@Suite struct RawWindowTests {
    private func at(_ ms: Int64) -> BootInstant { BootInstant(milliseconds: ms) }

    @Test func aMeanNeedsAWholeSecond() {
        var window = RawWindow()
        for ms in stride(from: Int64(0), through: 900, by: 100) {
            window.add(100 + ms / 100, at: self.at(ms))
        }
        #expect(window.summary(at: self.at(900)) == nil)
        window.add(110, at: self.at(1_000))
        let summary = window.summary(at: self.at(1_000))
        #expect(summary?.mean == 105)
        #expect(summary?.spread == 10)
    }

    @Test func oldValuesAreNone() {
        var window = RawWindow()
        for ms in stride(from: Int64(0), through: 1_000, by: 100) {
            window.add(7, at: self.at(ms))
        }
        #expect(window.summary(at: self.at(2_500)) != nil)
        #expect(window.summary(at: self.at(2_501)) == nil)
        window.add(8, at: self.at(1_000))
        #expect(window.newest?.raw == 7)
    }
}
