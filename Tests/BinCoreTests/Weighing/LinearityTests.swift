import BinCore
import Testing

@Suite struct LinearityTests {
    private func line(_ points: [(Int64, Int64)]) -> Linearity? {
        Linearity(
            points: points.map {
                Linearity.Point(line: Grams($0.0), correction: Milligrams($0.1))
            })
    }

    @Test(
        "between two points the correction changes evenly",
        arguments: [
            // by hand: −2 g at 10 kg, +1 g at 30 kg
            (0, 0), (-500_000, -500_000), (5_000_000, 4_999_000), (10_000_000, 9_998_000),
            (20_000_000, 19_999_500), (30_000_000, 30_001_000), (40_000_000, 40_001_000),
        ] as [(Int64, Int64)])
    func corrects(mass: Int64, corrected: Int64) throws {
        let line = try #require(self.line([(10_000, -2_000), (30_000, 1_000)]))
        #expect(line.corrected(Milligrams(mass)) == Milligrams(corrected))
    }

    @Test func withoutPointsTheLineIsStraight() {
        #expect(Linearity.straight.corrected(Milligrams(1_234_567)) == Milligrams(1_234_567))
        #expect(self.line([]) == .straight)
    }

    @Test(
        "points that make no curve are refused",
        arguments: [
            [(0, 1)], [(-5, 1)], [(10, 0), (10, 1)], [(20, 0), (10, 0)], [(1_000_001, 0)],
            [(100, 1_000_001)], [(10, -10_000)], [(100, 0), (110, -10_000)],
            (1...17).map { (Int64($0), 0) },
        ] as [[(Int64, Int64)]])
    func refuses(points: [(Int64, Int64)]) {
        #expect(self.line(points) == nil)
    }
}

@Suite struct TemperatureCoefficientTests {
    @Test(
        "zero and span are brought back to the reference",
        arguments: [
            // mg, thousandths of a degree, mg: by hand at 20 °C, 500 mg and 10 ppm a degree
            (10_000_000, 20_000, 10_000_000), (5_000, 30_000, 0), (0, 20_500, -249),
            (10_006_000, 30_000, 10_000_000), (9_994_000, 10_000, 10_000_000),
        ] as [(Int64, Int64, Int64)])
    func corrects(mass: Int64, temperature: Int64, corrected: Int64) throws {
        let coefficient = try #require(
            TemperatureCoefficient(reference: 20_000, zero: Milligrams(500), spanPpm: 10))
        #expect(
            coefficient.corrected(Milligrams(mass), at: temperature) == Milligrams(corrected))
    }

    @Test func whatIsNoTemperatureCorrectsNothing() throws {
        #expect(TemperatureCoefficient(reference: 100_001, zero: .zero, spanPpm: 0) == nil)
        let steep = Milligrams(1_000_001)
        #expect(TemperatureCoefficient(reference: 0, zero: steep, spanPpm: 0) == nil)
        #expect(TemperatureCoefficient(reference: 0, zero: .zero, spanPpm: 1_001) == nil)
        let coefficient = try #require(
            TemperatureCoefficient(reference: 20_000, zero: Milligrams(500), spanPpm: 10))
        #expect(coefficient.corrected(.zero, at: 100_001) == nil)
        #expect(coefficient.corrected(.zero, at: .min) == nil)
    }
}
