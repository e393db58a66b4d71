/// What a scale delivers, for technicians.
package struct ScaleReport: Hashable, Sendable {
    package var compartment: Name
    /// In the converter's own unit; milligrams of a transmitter.
    package var raw: Int64?
    /// How old `raw` is, milliseconds.
    package var ageMs: Int64?
    package var mass: Milligrams?
    package var isStable: Bool
    package var isOverloaded: Bool
    package var isUnderloaded: Bool
    /// Zero to within a quarter of a division.
    package var isAtZero: Bool
    package var level: Grams
    package var calibration: Calibration?
    package var limits: ScaleLimits
    package var linearity = Linearity.straight
    /// The mean mass of the last second before linearity and zero, see `Scale.line(at:)`.
    package var line: Milligrams?
    /// What is taken off every mass, because the empty scale shows it.
    package var zeroShift = Milligrams.zero
    /// The converter's temperature, thousandths of a degree Celsius, if it delivers one.
    package var milliCelsius: Int64?

    /// A scale that shows nothing.
    package init(compartment: Name, level: Grams, limits: ScaleLimits) {
        self.compartment = compartment
        self.isStable = false
        self.isOverloaded = false
        self.isUnderloaded = false
        self.isAtZero = false
        self.level = level
        self.limits = limits
    }
}
