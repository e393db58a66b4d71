/// A distance sensor like the HC-SR04 at two lines of a simulated chip: the kernel of `deploy/rig`
/// answers for it.
///
/// At the end of a pulse on the trigger it sends its burst, and then holds the echo line high for
/// as long as the echo takes. While it measures it ignores the trigger.
package final class SonarModel: Sendable {
    /// What the sensor has seen of its reader.
    package struct Counters: Hashable, Sendable {
        package var measurements: Int
        /// Pulses on the trigger that were too short, or came during a measurement.
        package var ignored: Int

        package init(measurements: Int, ignored: Int) {
            self.measurements = measurements
            self.ignored = ignored
        }
    }

    /// The shortest pulse on the trigger. Source: Elecfreaks HC-SR04 user's guide.
    package static let triggerUs = 10
    /// From the trigger to the rise of the echo line: 8 periods at 40 kHz. Source: the same.
    package static let burstUs = 200

    private let folder: String

    /// Connects a sensor that hears no echo until `setEcho`.
    ///
    /// - Throws: `.noConverters` if the kernel isn't ours, `.noSuchLine`, `.refused`.
    package init(chip: SimulatedChip, trigger: Int, echo: Int) throws(SimulatedGPIOError) {
        try chip.check(trigger)
        try chip.check(echo)
        self.folder = "\(chip.folder)/sim_sonar_\(echo)"
        guard KernelFile.exists(self.folder) else { throw .noConverters }
        try self.set("pulse_us", Self.triggerUs)
        try self.set("burst_us", Self.burstUs)
        try self.set("trigger", trigger)
    }

    deinit {
        // The chip may be gone already, and the sensor with it.
        try? self.set("trigger", -1)
    }

    /// For how long the echo line is high from the next trigger on; `nil`: it doesn't answer.
    package func setEcho(us length: Int?) throws(SimulatedGPIOError) {
        try self.set("echo_us", length ?? 0)
    }

    /// Breaks or mends the echo wire; the sensor itself works on.
    package func setWire(_ wire: ConverterModel.Wire) throws(SimulatedGPIOError) {
        try self.set("mute", wire.rawValue)
    }

    package func counters() throws(SimulatedGPIOError) -> Counters {
        Counters(
            measurements: try KernelFile.readNumber("\(self.folder)/measurements"),
            ignored: try KernelFile.readNumber("\(self.folder)/ignored"))
    }

    private func set(_ name: String, _ value: Int) throws(SimulatedGPIOError) {
        try KernelFile.write(String(value), to: "\(self.folder)/\(name)")
    }
}
