/// What a technician does to a transmitter itself.
extension BinMachine {
    /// Takes note of a command before it is given to a compartment's transmitter: the change of
    /// weight that it makes belongs to nobody, and the event counter goes up whether the
    /// transmitter then obeys or not, for it may have without our hearing of it.
    ///
    /// What the command does to the transmitter's own zero is not known. The record has the line
    /// that the compartment is weighed by, which stays; without one, `span` and `reference` are 0
    /// and `zero` is what the transmitter showed, in milligrams.
    mutating func serve(
        _ name: Name, _ effect: DeviceCommand.Effect, by: String, at now: BootInstant
    ) throws(CalibrationRefusal) -> (result: CalibrationResult, facts: [Fact]) {
        guard var compartment = self.compartments[name] else { throw .unknownCompartment }
        guard case .idle = self.state else { throw .busy }
        let shown = compartment.scale.raws.summary(at: now)
        if effect.needsRest {
            guard let shown else { throw .silent }
            let division = compartment.rules.limits.division
            let steps =
                compartment.scale.calibration?.steps(in: division) ?? division.milligrams.value
            guard 4 * shown.spread <= steps else { throw .unsteady }
        }
        compartment.servicedUntil = now.advanced(byMs: BinRules.serviceMs)
        compartment.detached = .calibration
        compartment.putOff = nil
        compartment.scale.unsettle()
        self.compartments[name] = compartment
        let line = compartment.scale.calibration
        let fact = CalibrationFact(
            compartment: name, by: "\(by) (transmitter \(effect.rawValue))",
            zero: line?.zero ?? shown?.mean ?? 0, span: line?.span ?? 0,
            reference: line?.reference ?? .zero)
        let result = CalibrationResult(
            zero: fact.zero, calibration: line, spread: shown?.spread ?? 0)
        return (result, [.calibration(fact)])
    }
}

extension DeviceCommand.Effect {
    /// Whether it takes the present load for something: no disturbed load may be taken so.
    ///
    /// Source: OIML R 76-1 4.4.2.
    fileprivate var needsRest: Bool {
        switch self {
        case .zero, .tare: true
        case .clear, .unlock, .eeprom: false
        }
    }
}
