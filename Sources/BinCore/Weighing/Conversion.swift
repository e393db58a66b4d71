/// One conversion of a load cell's converter, before any calibration.
package struct Conversion: Hashable, Sendable {
    /// The converter's own unit; an HX711 has −8,388,608 to 8,388,607.
    package var counts: Int64
    /// `overload` at the upper rail; `error` at the lower one.
    package var condition: Reading.Condition
    package var at: BootInstant

    package init(counts: Int64, condition: Reading.Condition = .normal, at: BootInstant) {
        self.counts = counts
        self.condition = condition
        self.at = at
    }
}
