/// How far a load cell is from ideal. Divisions are those of the scale it belongs to.
///
/// The plain cell has noise, ringing, creep and drift; the rest is 0 until it is set.
package struct LoadCellTraits: Hashable, Sendable {
    /// Standard deviation of the noise, in divisions.
    package var noise = 0.1
    /// The mechanical resonance after an impact, hertz.
    package var ringHertz = 7.0
    /// In how many milliseconds the ringing falls to 1/e. 110 ms leaves 1/8,900 after a second:
    /// a dropped kilogram then rings with 0.1 g.
    package var ringDecayMs = 110.0
    /// Amplitude of the ringing per mass that came or went. 1: the plain step response.
    package var ringGain = 1.0
    /// Creep under a steady load, as a share of the load, once complete.
    ///
    /// 60 ppm of 30 kg is 1.8 g, under the 0.735 intervals (here 3.7 g) that OIML R 60-1:2021
    /// allows a class C3 cell in 30 minutes.
    package var creep = 60e-6
    /// In how many milliseconds creep, and its recovery, come within 1/e of complete.
    package var creepMs = 600_000.0
    /// Shift of the zero per degree Celsius, in divisions. OIML R 76-1 allows one division per
    /// 5 °C.
    package var drift = 0.1
    /// Growth of the indication per degree Celsius, as a share of it.
    package var spanDrift = 0.0
    /// The load that the following three refer to, in divisions.
    package var fullDivisions = 6_000.0
    /// The most that the indication is above the straight line from nothing to the full load, half
    /// way between them, in divisions.
    package var nonLinearity = 0.0
    /// By how much less it shows there on the way up, and more on the way down, in divisions.
    package var hysteresis = 0.0
    /// By what share each of four cells under the corners shows too much, in the order of
    /// `LoadPosition`'s corners. All 0: it doesn't matter where the load lies.
    package var corners = [0.0, 0.0, 0.0, 0.0]
    /// Standard deviation of the wind's force, in divisions.
    package var wind = 0.0
    /// In how many milliseconds a gust falls to 1/e.
    package var windMs = 700.0

    package init() {}
}

/// Where on the platform a load's centre of gravity lies: −1 to 1 from side to side.
package struct LoadPosition: Hashable, Sendable {
    package var x: Double
    package var y: Double

    package init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }

    package static let centre = LoadPosition(x: 0, y: 0)
    /// The middles of the four quarters, where eccentricity is tested.
    package static let quarters = [
        LoadPosition(x: -0.5, y: -0.5), LoadPosition(x: 0.5, y: -0.5),
        LoadPosition(x: -0.5, y: 0.5), LoadPosition(x: 0.5, y: 0.5),
    ]

    /// The share of the load that each corner bears; together 1.
    package var shares: [Double] {
        [(-1.0, -1.0), (1, -1), (-1, 1), (1, 1)]
            .map { (1 + $0.0 * self.x) * (1 + $0.1 * self.y) / 4 }
    }
}

extension LoadCellTraits {
    /// A cell of accuracy class C, with as many intervals as the scale has, drawn from what the
    /// class allows.
    ///
    /// | figure | allowed | drawn |
    /// | --- | --- | --- |
    /// | deviation from the line | p_LC 0.7 × MPE, intervals | half way ±0.40, hysteresis ±0.20 |
    /// | zero, by 5 °C | 0.7 v_min | ±0.56, for a v_min of 0.8 intervals |
    /// | creep in 30 minutes at full load | 0.735 | ±0.35: see below |
    ///
    /// The creep is that of a better cell than the class asks for: R 76 allows the instrument 0.5
    /// e, where R 60 allows the cell 0.735 v. Span ±10 ppm/°C and corners ±0.03 % are ours.
    ///
    /// Source: OIML R 60-1:2021 as collected; the draws are our own.
    package static func classC(
        intervals: Double, random: inout SeededRandom
    ) -> LoadCellTraits {
        var traits = LoadCellTraits()
        traits.fullDivisions = intervals
        traits.noise = Double.random(in: 0.005...0.03, using: &random)
        traits.ringHertz = Double.random(in: 5...15, using: &random)
        traits.nonLinearity = Double.random(in: -0.40...0.40, using: &random)
        traits.hysteresis = Double.random(in: 0...0.20, using: &random)
        traits.creep = Double.random(in: -0.35...0.35, using: &random) / intervals
        traits.creepMs = Double.random(in: 120_000...300_000, using: &random)
        traits.drift = Double.random(in: -0.112...0.112, using: &random)
        traits.spanDrift = Double.random(in: -10e-6...10e-6, using: &random)
        traits.corners = (0..<4).map { _ in Double.random(in: -3e-4...3e-4, using: &random) }
        return traits
    }
}
