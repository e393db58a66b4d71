/// One answer of a scale.
package struct Reading: Hashable, Sendable {
    package enum Condition: String, Hashable, Sendable {
        case normal
        /// The converter says that the load exceeds what it can weigh.
        case overload
        /// The converter says that the mass means nothing.
        case error
        /// What it said isn't certain, and is asked for again: `mass` means nothing, and nothing is
        /// at rest until the next value.
        case unsure
    }

    package var mass: Milligrams
    /// The converter's own opinion, if it has one.
    package var isStable: Bool?
    package var condition: Condition
    /// The converter's temperature in thousandths of a degree Celsius, if it delivers one.
    package var milliCelsius: Int64?
    package var at: BootInstant

    package init(
        mass: Milligrams, isStable: Bool?, condition: Condition, milliCelsius: Int64? = nil,
        at: BootInstant
    ) {
        self.milliCelsius = milliCelsius
        self.mass = mass
        self.isStable = isStable
        self.condition = condition
        self.at = at
    }
}
