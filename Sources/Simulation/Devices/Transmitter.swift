package import BinCore

/// A weighing transmitter: samples its load cell and keeps the result in registers.
package struct Transmitter: Hashable, Sendable {
    /// 20 updates per second, usual for transmitters of this class.
    package static let periodMs: Int64 = 50
    /// The stable bit looks at the samples of the last half second.
    private static let windowSamples = 10
    /// The stable bit is on while the window's spread is at most this share of a division: six
    /// times the usual noise and more, so that it flickers on a moving load only.
    private static let stableShare = (numerator: Int64(3), denominator: Int64(4))

    package let limits: ScaleLimits
    package let registers: ScaleRegisters
    private var cell: LoadCell
    private let random: SeededRandom
    private let ambient: AmbientTemperature
    private var window: [Milligrams] = []
    /// Number of the last sample taken, counted from the machine's start.
    private var sample: Int64

    /// Switches the transmitter on, at the dawn of `ambient`.
    package init(
        limits: ScaleLimits, registers: ScaleRegisters, random: SeededRandom,
        ambient: AmbientTemperature, traits: LoadCellTraits = LoadCellTraits()
    ) {
        self.limits = limits
        self.registers = registers
        // Switching on sets the zero, so drift counts from the temperature of that moment.
        self.cell = LoadCell(
            division: limits.division, zeroCelsius: ambient.celsius(at: ambient.dawn),
            traits: traits)
        self.random = random
        self.ambient = ambient
        self.sample = ambient.dawn.milliseconds / Self.periodMs - 1
    }

    /// Takes the samples that are due up to `now`; after a long pause only those of one window.
    ///
    /// - Parameter load: The true load at an instant.
    package mutating func advance(to now: BootInstant, load: (BootInstant) -> Milligrams) {
        let due = now.milliseconds / Self.periodMs
        let first = max(self.sample, due - Int64(Self.windowSamples)) + 1
        guard first <= due else { return }
        for number in first...due {
            let at = BootInstant(milliseconds: number * Self.periodMs)
            var noise = self.random.branch(UInt64(bitPattern: number))
            let mass = self.cell.indicate(
                load(at), celsius: self.ambient.celsius(at: at), at: at, random: &noise)
            if self.window.count == Self.windowSamples { self.window.removeFirst() }
            self.window.append(mass)
        }
        self.sample = due
    }

    /// Tells the cell that `mass` came (or went, if negative) at once. `advance` first, so that
    /// earlier samples see the load before it.
    package mutating func strike(_ mass: Milligrams, at now: BootInstant) {
        self.cell.strike(mass, at: now)
    }

    /// The latest sample.
    package var indication: Milligrams { self.window.last ?? .zero }

    /// Whether the samples of the last half second lie close together.
    package var isStable: Bool {
        guard self.window.count == Self.windowSamples, let low = self.window.min(),
            let high = self.window.max()
        else { return false }
        let division = self.limits.division.milligrams.value
        return (high - low).value * Self.stableShare.denominator
            <= division * Self.stableShare.numerator
    }

    /// The registers as a master reads them now. What lies between those that it needs is there,
    /// too, as in a real device.
    package var image: RegisterImage {
        var image = RegisterImage()
        for block in ScaleRequests(self.registers, joined: true).all {
            image.place(
                [UInt16](repeating: 0, count: block.count), table: block.table,
                address: block.address)
        }
        let decimals = self.registers.weight.shownDecimals(division: self.limits.division)
        let coded = self.registers.weight.encode(self.indication, decimals: decimals)
        image.place(
            coded.words, table: self.registers.weight.table,
            address: self.registers.weight.address)
        if let layout = self.registers.status {
            let isOver = self.indication > self.limits.overload || coded.isSaturated
            let word = layout.word(
                stable: self.isStable, overload: isOver, negative: self.indication < .zero)
            let bits = self.registers.weight.statusBits(decimals: decimals)
            image.place([word | bits], table: layout.table, address: layout.address)
        }
        if let (block, word) = self.registers.weight.divisionRegister(decimals: decimals) {
            image.place([word], table: block.table, address: block.address)
        }
        if let temperature = self.registers.temperature {
            let sampled = BootInstant(milliseconds: self.sample * Self.periodMs)
            let word = temperature.encode(celsius: self.ambient.celsius(at: sampled))
            image.place([word], table: temperature.table, address: temperature.address)
        }
        if let liveness = self.registers.liveness { self.place(liveness, in: &image) }
        return image
    }

    /// The number of the sample does for a count of conversions as for noise.
    private func place(_ liveness: ScaleRegisters.Liveness, in image: inout RegisterImage) {
        let bits = liveness.bits
        let number = UInt16(truncatingIfNeeded: self.sample) & UInt16(bits.value(in: .max))
        var words = [UInt16](repeating: 0, count: liveness.block.count)
        guard !words.isEmpty else { return }
        words[words.count - 1] = number << UInt16(min(max(bits.low, 0), 15))
        image.place(words, table: liveness.block.table, address: liveness.block.address)
    }
}
