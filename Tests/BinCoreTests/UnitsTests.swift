import BinCore
import Testing

struct UnitsTests {
    /// 1 point = 10,000 µCNY, one decimal, cut off towards zero (CONTRACT §2).
    @Test(
        "points are cut off towards zero, never rounded up",
        arguments: [
            (0, "0.0"), (999, "0.0"), (1_000, "0.1"), (1_999, "0.1"), (9_999, "0.9"),
            (10_000, "1.0"), (10_999, "1.0"), (19_999, "1.9"), (2_800_000, "280.0"),
            (-999, "0.0"), (-1_000, "-0.1"), (-1_999, "-0.1"), (-10_999, "-1.0"),
            (Int64.max, "922337203685477.5"), (Int64.min, "-922337203685477.5"),
        ] as [(Int64, String)])
    func showsPoints(value: Int64, shown: String) {
        #expect(MicroYuan(value).points == shown)
    }

    @Test(
        "a reading rounds to the nearest division, ties away from zero",
        arguments: [
            (0, 5, 0), (2_499, 5, 0), (2_500, 5, 5), (7_499, 5, 5), (7_500, 5, 10),
            (-2_499, 5, 0), (-2_500, 5, -5), (-7_500, 5, -10),
            (499, 1, 0), (500, 1, 1), (-500, 1, -1),
            (1_004_200, 10, 1_000), (1_004_999, 10, 1_000), (1_005_000, 10, 1_010),
            (1_000_000_000_000, 1, 1_000_000_000), (-1_000_000_000_000, 20, -1_000_000_000),
        ] as [(Int64, Int64, Int64)])
    func roundsToDivisions(reading: Int64, division: Int64, grams: Int64) {
        #expect(Milligrams(reading).rounded(to: Grams(division)) == Grams(grams))
    }

    @Test func readableMassesAreAThousandTonnesEitherWay() {
        #expect(Milligrams.readable.contains(Milligrams(1_000_000_000_000)))
        #expect(!Milligrams.readable.contains(Milligrams(1_000_000_000_001)))
        #expect(!Milligrams.readable.contains(Milligrams(-1_000_000_000_001)))
    }

    @Test func massesAddSubtractAndNegate() {
        var mass = Grams(535)
        mass += Grams(5)
        mass -= Grams(40)
        #expect(mass == Grams(500))
        #expect(-mass + Grams(1) == Grams(-499))
        #expect(mass.milligrams == Milligrams(500_000))
        #expect((Milligrams(3) - Milligrams(10)).magnitude == Milligrams(7))
    }

    @Test func bootInstantsMeasureBothWays() {
        let start = BootInstant(milliseconds: 10_000)
        let later = start.advanced(byMs: 1_500)
        #expect(later.ms(since: start) == 1_500)
        #expect(start.ms(since: later) == -1_500)
        #expect(start < later)
    }
}
