/// A positive fraction, written `1/1` in the configuration.
package struct Ratio: Hashable, Sendable {
    package var numerator: Int64
    package var denominator: Int64

    /// Returns `nil` unless both are 1 to 1,000,000.
    package init?(_ numerator: Int64, _ denominator: Int64) {
        let allowed: ClosedRange<Int64> = 1...1_000_000
        guard allowed.contains(numerator), allowed.contains(denominator) else { return nil }
        self.numerator = numerator
        self.denominator = denominator
    }
}
