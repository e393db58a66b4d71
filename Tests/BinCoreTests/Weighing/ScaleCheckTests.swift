import BinCore
import Testing

/// 30 kg / 5 g.
@Suite struct ScaleCheckTests {
    private static let limits = ScaleLimits(
        capacity: Grams(30_000), division: Grams(5), minimum: Grams(20))

    /// DOMAIN's table of the MPE, both sides of each band.
    @Test(
        "the permissible error follows the load",
        arguments: [
            (5, 0, 2_500), (5, 2_500, 2_500), (5, 2_505, 5_000), (5, 10_000, 5_000),
            (5, 10_005, 7_500), (10, 20_000, 10_000), (20, 60_000, 30_000),
        ] as [(Int64, Int64, Int64)])
    func bands(division: Int64, load: Int64, milligrams: Int64) {
        let limits = ScaleLimits(
            capacity: Grams(60_000), division: Grams(division), minimum: Grams(20))
        #expect(
            limits.permissibleError(at: Grams(load).milligrams) == Milligrams(milligrams))
    }

    @Test(
        "an error is within the limits of verification, of service, or beyond",
        arguments: [
            (5_000, .verification), (-5_000, .verification), (5_001, .service), (10_000, .service),
            (-10_001, .beyond),
        ] as [(Int64, ScaleCheck.Verdict)])
    func verdicts(error: Int64, verdict: ScaleCheck.Verdict) {
        let mass = Milligrams(10_000_000 + error)
        let check = ScaleCheck(
            mass: mass, line: mass, zeroShift: .zero, reference: Grams(10_000),
            limits: Self.limits)
        #expect(check.error == Milligrams(error))
        #expect(check.verdict == verdict)
    }

    @Test func thePointThatItNamesMakesTheScaleRight() throws {
        var scale = Scale(limits: Self.limits)
        func weigh(_ milligrams: Int64, from start: Int64) {
            for index in 0..<12 {
                scale.take(
                    Reading(
                        mass: Milligrams(milligrams), isStable: nil, condition: .normal,
                        at: BootInstant(milliseconds: start + Int64(index) * 100)))
            }
        }
        let shown: Int64 = 10_012_345
        weigh(shown, from: 0)
        let now = BootInstant(milliseconds: 1_100)
        let check = ScaleCheck(
            mass: Milligrams(shown), line: try #require(scale.line(at: now)),
            zeroShift: scale.zeroShift, reference: Grams(10_000), limits: Self.limits)
        let point = try #require(check.point)
        #expect(point == Linearity.Point(line: Grams(10_012), correction: Milligrams(-12_345)))
        let linearity = try #require(Linearity(points: [point]))
        scale = Scale(limits: Self.limits, linearity: linearity)
        weigh(shown, from: 0)
        #expect(scale.weight(at: now) == .stable(Milligrams(10_000_000)))
        // The line stays what it was: a second check would name the same point.
        #expect(scale.line(at: now) == Milligrams(shown))
    }

    @Test func nothingToCorrectWhereNothingLies() {
        let check = ScaleCheck(
            mass: .zero, line: .zero, zeroShift: .zero, reference: Grams(10_000),
            limits: Self.limits)
        #expect(check.point == nil)
        #expect(check.verdict == .beyond)
    }
}
