/// What a scale shows wrong between its zero and its span, in a few points.
///
/// Between two points the correction changes evenly; it is 0 at 0 g, below it, and stays that of
/// the last point above it.
///
/// | points | line says | corrected |
/// | --- | ---: | ---: |
/// | 10 kg: −2 g; 30 kg: +1 g | 5,000 g | 4,999 g |
/// | | 10,000 g | 9,998 g |
/// | | 20,000 g | 19,999.5 g |
/// | | 40,000 g | 40,001 g |
package struct Linearity: Hashable, Sendable {
    package struct Point: Hashable, Sendable {
        /// What the straight line of the calibration says.
        package var line: Grams
        /// What has to be added there, within a thousandth of 1 t.
        package var correction: Milligrams

        package init(line: Grams, correction: Milligrams) {
            self.line = line
            self.correction = correction
        }
    }

    /// The line as it is.
    package static let straight = Linearity(sorted: [])

    package let points: [Point]

    private init(sorted: [Point]) { self.points = sorted }

    /// Returns `nil` for more than 16 points, masses that don't grow from above 0 to at most 1 t,
    /// or corrections so steep that a greater load would show less.
    package init?(points: [Point]) {
        guard points.count <= 16 else { return nil }
        var last = Point(line: .zero, correction: .zero)
        for point in points {
            guard point.line > last.line, point.line <= Grams(1_000_000),
                point.correction.magnitude <= Milligrams(1_000_000),
                point.correction - last.correction > (last.line - point.line).milligrams
            else { return nil }
            last = point
        }
        self.points = points
    }

    /// The point that makes the line right at a known mass, where it says `line` now: at the
    /// nearest gram, with what is missing there. `nil` unless both are above 0.
    package static func point(at line: Milligrams, for mass: Milligrams) -> Point? {
        let nearest = line.rounded(to: Grams(1))
        guard nearest > .zero, mass > .zero else { return nil }
        return Point(line: nearest, correction: mass - line)
    }

    /// The true mass where the line says `mass`, cut off towards zero.
    package func corrected(_ mass: Milligrams) -> Milligrams {
        guard mass > .zero else { return mass }
        var before = Point(line: .zero, correction: .zero)
        for point in self.points {
            if mass <= point.line.milligrams {
                let part = mass - before.line.milligrams
                let whole = (point.line - before.line).milligrams
                let rise = point.correction - before.correction
                let share = Int128(rise.value) * Int128(part.value) / Int128(whole.value)
                return mass + before.correction + Milligrams(Int64(share))
            }
            before = point
        }
        return mass + before.correction
    }
}

/// How a scale follows the temperature: for converters that deliver one.
package struct TemperatureCoefficient: Hashable, Sendable {
    /// The temperatures that are taken for one, thousandths of a degree Celsius.
    package static let readable: ClosedRange<Int64> = -100_000...100_000

    /// At which the scale was calibrated, thousandths of a degree Celsius.
    package let reference: Int64
    /// By how much the zero rises with each degree.
    package let zero: Milligrams
    /// By how many millionths the span grows with each degree.
    package let spanPpm: Int64

    /// Returns `nil` beyond −100 to +100 °C, 1 kg or 1,000 ppm a degree.
    package init?(reference: Int64, zero: Milligrams, spanPpm: Int64) {
        guard Self.readable.contains(reference), zero.magnitude <= Milligrams(1_000_000),
            (-1_000...1_000).contains(spanPpm)
        else { return nil }
        self.reference = reference
        self.zero = zero
        self.spanPpm = spanPpm
    }

    /// What `mass`, indicated at a temperature in thousandths of a degree, would have been at the
    /// reference: less the rise of the zero, divided by the growth of the span, cut off towards
    /// zero. `nil` beyond −100 to +100 °C.
    ///
    /// | zero | span | indicated | at | corrected |
    /// | ---: | ---: | ---: | ---: | ---: |
    /// | 500 mg/°C | 10 ppm/°C | 10,006,000 mg | 10 °C above | 10,000,000 mg |
    package func corrected(_ mass: Milligrams, at temperature: Int64) -> Milligrams? {
        guard Self.readable.contains(temperature) else { return nil }
        let away = temperature - self.reference
        let shifted = Int128(mass.value) - Int128(self.zero.value * away / 1000)
        let billion: Int128 = 1_000_000_000
        let growth = billion + Int128(self.spanPpm * away)
        return Milligrams(Int64(clamping: shifted * billion / growth))
    }
}
