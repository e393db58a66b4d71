extension BinMachine {
    /// A division must be at least this many raw steps, or rounding alone would break the quarter
    /// division of zero-setting.
    private static let fewestSteps: Int64 = 4

    /// Takes a step of a calibration. What it changes of the weight belongs to nobody.
    ///
    /// The zero of a scale that was never calibrated isn't recorded before its span, nor is one
    /// further than 4 % of Max from the last that was.
    package mutating func calibrate(
        _ name: Name, _ step: CalibrationStep, by: String, at now: BootInstant
    ) throws(CalibrationRefusal) -> (result: CalibrationResult, facts: [Fact]) {
        if case .command(let effect) = step {
            return try self.serve(name, effect, by: by, at: now)
        }
        guard var compartment = self.compartments[name] else { throw .unknownCompartment }
        guard case .idle = self.state else { throw .busy }
        guard let (mean, spread) = compartment.scale.raws.summary(at: now) else { throw .silent }
        compartment.servicedUntil = now.advanced(byMs: BinRules.serviceMs)
        let calibration: Calibration?
        switch step {
        case .zero:
            compartment.newZero = mean
            compartment.newZeroSpread = spread
            // A zero this far from the calibrated one needs a known mass again.
            guard compartment.scale.calibration == nil || compartment.isZero(mean) else {
                self.compartments[name] = compartment
                return (CalibrationResult(zero: mean, calibration: nil, spread: spread), [])
            }
            calibration = try compartment.scale.calibration.map { old throws(CalibrationRefusal) in
                guard let new = Calibration(zero: mean, span: old.span, reference: old.reference)
                else { throw .unsteady }
                return new
            }
        case .span(let reference):
            guard let zero = compartment.newZero ?? compartment.scale.calibration?.zero else {
                throw .zeroFirst
            }
            let capacity = compartment.rules.limits.capacity.value
            guard (capacity / 10...capacity).contains(reference.value) else { throw .reference }
            guard let new = Calibration(zero: zero, span: mean - zero, reference: reference) else {
                throw .tooCoarse
            }
            calibration = new
            compartment.calibratedZero = zero
        case .command: preconditionFailure("commands are served above")
        }
        let result = CalibrationResult(
            zero: compartment.newZero ?? mean, calibration: calibration, spread: spread)
        guard let calibration else {
            self.compartments[name] = compartment
            return (result, [])
        }
        let division = compartment.rules.limits.division
        guard calibration.steps(in: division) >= Self.fewestSteps else { throw .tooCoarse }
        // Of a first zero nobody knows what its spread means before the span is there.
        guard 4 * max(spread, compartment.newZeroSpread) <= calibration.steps(in: division) else {
            throw .unsteady
        }
        compartment.calibrate(calibration)
        self.compartments[name] = compartment
        let fact = CalibrationFact(
            compartment: name, by: by, zero: calibration.zero, span: calibration.span,
            reference: calibration.reference)
        return (result, [.calibration(fact)])
    }

    /// The compartments whose scale means nothing until it is calibrated.
    package var uncalibrated: [Name] {
        self.compartments.values.filter { $0.rules.needsCalibration && $0.scale.calibration == nil }
            .map(\.rules.name).sorted()
    }

    /// What the scales deliver now, for technicians.
    package func scales(at now: BootInstant) -> [ScaleReport] {
        self.compartments.values.sorted { $0.rules.name < $1.rules.name }
            .map { $0.report(at: now) }
    }
}

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
}

extension BinMachine.Compartment {
    /// Weighs by another line from now on.
    mutating func calibrate(_ calibration: Calibration) {
        self.scale.calibrate(calibration)
        self.newZero = nil
        self.newZeroSpread = 0
        self.detached = .calibration
    }

    fileprivate func report(at now: BootInstant) -> ScaleReport {
        let newest = self.scale.raws.newest
        var report = ScaleReport(
            compartment: self.rules.name, raw: newest?.raw,
            ageMs: newest.map { now.ms(since: $0.at) }, mass: nil, isStable: false,
            isOverloaded: false, isUnderloaded: false, isAtZero: self.scale.isAtZero(at: now),
            level: self.level, calibration: self.scale.calibration)
        switch self.scale.weight(at: now) {
        case .stable(let mass):
            report.mass = mass
            report.isStable = true
        case .moving(let mass, _): report.mass = mass
        case .overload: report.isOverloaded = true
        case .underload: report.isUnderloaded = true
        case .none: break
        }
        return report
    }
}
