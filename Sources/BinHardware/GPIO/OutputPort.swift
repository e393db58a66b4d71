package import BinCore

/// Opens lines that are driven. Called on one queue, where it may block as long as a driver takes.
package protocol OutputPort: Sendable {
    /// Takes a line and sets it inactive.
    func open(_ line: LineSettings) throws(LineError) -> any OutputLine
}

/// A line that is driven; given back when it is released.
package protocol OutputLine: AnyObject {
    func set(_ isActive: Bool) throws(LineError)
}

/// The lines of the machine's GPIO chips.
package struct GPIOOutputPort: OutputPort {
    private final class Line: OutputLine {
        private let lines: GPIOLines

        init(_ settings: LineSettings) throws(LineError) {
            self.lines = try GPIOLines(
                chip: settings.chip, outputs: [settings.line], values: [false],
                isActiveLow: settings.active == .low)
        }

        func set(_ isActive: Bool) throws(LineError) { try self.lines.set(0, to: isActive) }
    }

    package init() {}

    package func open(_ line: LineSettings) throws(LineError) -> any OutputLine {
        try Line(line)
    }
}

extension BinSettings {
    /// Every line that is driven, with the part it belongs to as in the `source` of a fault: locks
    /// first, since their coils must not be left on.
    var outputs: [OutputMachine.Part] {
        let locks = self.compartments.values.sorted { $0.name < $1.name }.compactMap {
            compartment in
            compartment.lock.map {
                OutputMachine.Part(
                    source: "lock \(compartment.name)", line: $0.line, kind: .lock(compartment.name)
                )
            }
        }
        let lamps = Lamp.allCases.compactMap { lamp in
            self.feedback[lamp].map {
                OutputMachine.Part(
                    source: "feedback \(lamp.rawValue)", line: $0, kind: .lamp(lamp))
            }
        }
        return locks + lamps
    }
}

/// Drives every output of a configuration to its idle state once: lamps and coils are off. For
/// after the daemon's end, however it ended.
///
/// - Returns: The lines that couldn't be driven.
package func releaseOutputs(
    of settings: BinSettings, on port: any OutputPort = GPIOOutputPort()
) -> [FaultFact] {
    settings.outputs.compactMap { part in
        do throws(LineError) {
            try port.open(part.line).set(false)
            return nil
        } catch {
            return FaultFact(source: part.source, code: error.code, detail: error.hint)
        }
    }
}
