/// How a scale's raw values become mass: a straight line through two points.
///
/// mass in milligrams = (raw − zero) × reference in milligrams ÷ span, rounded to the nearest, half
/// away from zero.
///
/// | zero | span | reference | raw | mass |
/// | ---: | ---: | ---: | ---: | ---: |
/// | 1,000 | 200,000 | 10,000 g | 1,000 | 0 mg |
/// | 1,000 | 200,000 | 10,000 g | 201,000 | 10,000,000 mg |
/// | 1,000 | 200,000 | 10,000 g | 1,001 | 50 mg |
package struct Calibration: Hashable, Sendable {
    /// The raw value of the empty scale.
    package let zero: Int64
    /// By how much `reference` raises or lowers the raw value; never 0.
    package let span: Int64
    package let reference: Grams
    /// What was calibrated (`ScaleSettings.converter`); `nil` in records of old.
    package let converter: String?

    /// Returns `nil` unless zero and span are within ±2^40, span isn't 0, and the reference is
    /// 1 g to 1 t.
    package init?(zero: Int64, span: Int64, reference: Grams, converter: String? = nil) {
        let raws = -Self.largestRaw...Self.largestRaw
        guard raws.contains(zero), raws.contains(span), span != 0,
            (1...1_000_000).contains(reference.value)
        else { return nil }
        self.zero = zero
        self.span = span
        self.reference = reference
        self.converter = converter
    }

    /// Whether it may weigh with `other`: figures found on one converter mean nothing on another.
    /// Where either isn't known, it may.
    package func fits(_ other: String?) -> Bool {
        guard let converter = self.converter, let other else { return true }
        return converter == other
    }

    /// The same line as one of `converter`, if it wasn't known which one it belongs to.
    package func bound(to converter: String?) -> Calibration {
        guard self.converter == nil, let converter else { return self }
        return Calibration(
            zero: self.zero, span: self.span, reference: self.reference, converter: converter)
            ?? self
    }

    /// The mass of a raw value; `nil` beyond what a scale can hold (`Milligrams.readable`).
    package func mass(of raw: Int64) -> Milligrams? {
        guard (-Self.largestRaw...Self.largestRaw).contains(raw) else { return nil }
        let product = Int128(raw - self.zero) * Int128(self.reference.milligrams.value)
        let isNegative = (product < 0) != (self.span < 0)
        let span = UInt128(self.span.magnitude)
        let rounded = (product.magnitude + span / 2) / span
        guard rounded <= UInt128(Milligrams.readable.upperBound.value.magnitude) else {
            return nil
        }
        return Milligrams(isNegative ? -Int64(rounded) : Int64(rounded))
    }

    /// The same line with its zero where it says `mass` now; `nil` beyond what a zero can be.
    package func zeroed(at mass: Milligrams) -> Calibration? {
        let product = Int128(mass.value) * Int128(self.span)
        let raw = product / Int128(self.reference.milligrams.value)
        return Calibration(
            zero: Int64(clamping: Int128(self.zero) + raw), span: self.span,
            reference: self.reference, converter: self.converter)
    }

    /// How many raw steps a division has, rounded down.
    package func steps(in division: Grams) -> Int64 {
        let steps =
            UInt128(self.span.magnitude) * UInt128(division.milligrams.value.magnitude)
            / UInt128(self.reference.milligrams.value.magnitude)
        return Int64(clamping: steps)
    }

    private static let largestRaw: Int64 = 1 << 40
}
