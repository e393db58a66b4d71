package import BinCore

/// A load cell on an HX711: converts at its rate, to counts that know nothing of mass.
package struct CellConverter: Hashable, Sendable {
    /// Counts of the empty compartment: the weight of the bucket and the cell's own unbalance.
    package static let zeroCounts: Int64 = 312_500
    /// What a cell of 2 mV/V gives at its capacity with gain 128, which is half of the range.
    ///
    /// Source: HX711 data sheet, ±20 mV at 5 V and gain 128 for 24 bits.
    private static let capacityCounts: Int64 = 4_194_304
    /// A cell is chosen for half as much again as the scale may weigh.
    private static let reserve = (numerator: Int64(3), denominator: Int64(2))
    /// 50 nV rms of noise are 21.5 counts (HX711 data sheet, 10 SPS and gain 128), which is this
    /// share of a division of a scale with 6,000 of them; the cell and the bin add as much.
    private static let noiseDivisions = 0.03
    private static let countsRange: ClosedRange<Int64> = -0x80_0000...0x7F_FFFF

    package let limits: ScaleLimits
    package let periodMs: Int64
    private var cell: LoadCell
    private let random: SeededRandom
    private let ambient: AmbientTemperature
    /// Number of the last conversion, counted from the machine's start.
    private var conversion: Int64
    private(set) var indication = Milligrams.zero

    /// Switches the converter on, at the dawn of `ambient`.
    ///
    /// - Parameter rate: Conversions per second, 10 or 80.
    package init(
        limits: ScaleLimits, rate: Int, random: SeededRandom, ambient: AmbientTemperature,
        traits: LoadCellTraits = LoadCellTraits()
    ) {
        self.limits = limits
        self.periodMs = 1000 / Int64(max(1, rate))
        var traits = traits
        traits.noise = min(traits.noise, Self.noiseDivisions)
        self.cell = LoadCell(
            division: limits.division, zeroCelsius: ambient.celsius(at: ambient.dawn),
            traits: traits)
        self.random = random
        self.ambient = ambient
        self.conversion = ambient.dawn.milliseconds / self.periodMs - 1
    }

    /// Converts what is due at `now`, once.
    ///
    /// - Parameter load: The true load at an instant.
    package mutating func advance(to now: BootInstant, load: (BootInstant) -> Milligrams) {
        let due = now.milliseconds / self.periodMs
        guard due > self.conversion else { return }
        self.conversion = due
        let at = BootInstant(milliseconds: due * self.periodMs)
        var noise = self.random.branch(UInt64(bitPattern: due))
        self.indication = self.cell.indicate(
            load(at), celsius: self.ambient.celsius(at: at), at: at, random: &noise)
    }

    /// Tells the cell that `mass` came (or went, if negative) at once.
    package mutating func strike(_ mass: Milligrams, at now: BootInstant) {
        self.cell.strike(mass, at: now)
    }

    /// The newest conversion, ADC counts, cut off at the rails.
    package var counts: Int64 { Self.counts(of: self.indication, limits: self.limits) }

    /// What a converter makes of a cell's indication, cut off at the rails.
    package static func counts(of indication: Milligrams, limits: ScaleLimits) -> Int64 {
        let full = Int128(limits.capacity.milligrams.value) * Int128(Self.reserve.numerator)
        let product =
            Int128(indication.value) * Int128(Self.capacityCounts)
            * Int128(Self.reserve.denominator)
        let counts = Int64(clamping: product / max(1, full)) + Self.zeroCounts
        return min(max(counts, Self.countsRange.lowerBound), Self.countsRange.upperBound)
    }
}
