/// An HX711 at two lines of a simulated chip: the kernel of `deploy/rig` answers for it, since
/// nothing in user space could keep up with a clock.
///
/// It behaves as its data sheet says: the first result comes four conversions after the power, and
/// after a power-down or a change of input; 25, 26 and 27 pulses ask for the input of the next
/// conversion; a clock that is high for too long turns it off.
package final class ConverterModel: Sendable {
    /// What is converted, named by channel and gain.
    package enum Input: String, Hashable, Sendable, CaseIterable { case a128, b32, a64 }

    /// The data wire.
    package enum Wire: Int, Hashable, Sendable {
        case whole
        /// Broken, and pulled up at the program's end.
        case staysHigh
        /// Shorted to ground.
        case staysLow
    }

    /// What the converter has seen of its reader.
    package struct Counters: Hashable, Sendable {
        /// Reads that reached 25 pulses.
        package var reads: Int
        /// Pulses of the newest read, whether it has ended or not.
        package var pulses: Int
        /// Reads that ended within 24 pulses or went beyond 27.
        package var errors: Int
        package var powerDowns: Int

        package init(reads: Int, pulses: Int, errors: Int, powerDowns: Int) {
            self.reads = reads
            self.pulses = pulses
            self.errors = errors
            self.powerDowns = powerDowns
        }
    }

    /// Source: HX711 data sheet, 24 bits in two's complement.
    package static let countsMin = -0x80_0000
    package static let countsMax = 0x7F_FFFF

    private let folder: String

    /// Connects a converter and gives it power.
    ///
    /// - Parameters:
    ///   - samplesPerSecond: 10 or 80 on the real chip.
    ///   - powerDownUs: For how long the clock may be high. `nil` is for ever: then a reset is but
    ///     one more pulse. In real time a single system call takes longer than 60 µs on the rig.
    /// - Throws: `.noConverters` if the kernel has none, `.noSuchLine`, `.refused`.
    package init(
        chip: SimulatedChip, clock: Int, data: Int, samplesPerSecond: Int = 10,
        powerDownUs: Int? = 60
    ) throws(SimulatedGPIOError) {
        try chip.check(clock)
        try chip.check(data)
        self.folder = "\(chip.folder)/sim_hx711_\(data)"
        guard KernelFile.exists(self.folder) else { throw .noConverters }
        try self.set("period_us", 1_000_000 / max(samplesPerSecond, 1))
        try self.allowHighClock(forUs: powerDownUs)
        try self.set("clock", clock)
    }

    deinit {
        // The chip may be gone already, and the converter with it.
        try? self.set("clock", -1)
    }

    /// What the next conversions of an input give, ADC counts; beyond 24 bits they saturate.
    package func feed(_ counts: Int, to input: Input = .a128) throws(SimulatedGPIOError) {
        try self.set(input.rawValue, min(max(counts, Self.countsMin), Self.countsMax))
    }

    /// Breaks or mends the data wire; the converter itself works on.
    package func setWire(_ wire: Wire) throws(SimulatedGPIOError) {
        try self.set("mute", wire.rawValue)
    }

    package func allowHighClock(forUs limit: Int?) throws(SimulatedGPIOError) {
        try self.set("power_down_us", limit ?? 0)
    }

    /// Whether the input asked for outlasts a power-down. Source: data sheet 2.0 says so, and 1.0
    /// that it is channel A at gain 128 again.
    package func keepInputWhenOff(_ keeps: Bool) throws(SimulatedGPIOError) {
        try self.set("keeps_input", keeps ? 1 : 0)
    }

    package func counters() throws(SimulatedGPIOError) -> Counters {
        Counters(
            reads: try self.get("reads"), pulses: try self.get("pulses"),
            errors: try self.get("errors"), powerDowns: try self.get("power_downs"))
    }

    private func set(_ name: String, _ value: Int) throws(SimulatedGPIOError) {
        try KernelFile.write(String(value), to: "\(self.folder)/\(name)")
    }

    private func get(_ name: String) throws(SimulatedGPIOError) -> Int {
        try KernelFile.readNumber("\(self.folder)/\(name)")
    }
}
