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
                let new = Calibration(
                    zero: mean, span: old.span, reference: old.reference,
                    converter: compartment.rules.converter)
                guard let new else { throw .unsteady }
                return new
            }
        case .span(let reference):
            guard let zero = compartment.newZero ?? compartment.scale.calibration?.zero else {
                throw .zeroFirst
            }
            let capacity = compartment.rules.limits.capacity.value
            guard (capacity / 10...capacity).contains(reference.value) else { throw .reference }
            let new = Calibration(
                zero: zero, span: mean - zero, reference: reference,
                converter: compartment.rules.converter)
            guard let new else { throw .tooCoarse }
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
        return (result, [.calibration(CalibrationFact(calibration, of: name, by: by))])
    }

    /// The compartments whose scale means nothing until it is calibrated.
    package var uncalibrated: [Name] {
        self.compartments.values.filter { $0.rules.needsCalibration && $0.scale.calibration == nil }
            .map(\.rules.name).sorted()
    }

    /// What keeps scales from weighing as they were meant to: a converter that isn't calibrated, a
    /// transmitter that doesn't tell its temperature, a load beyond the scale's range.
    package var scaleFaults: [FaultFact] {
        let uncalibrated = self.uncalibrated.map { name in
            let why = self.compartments[name]?.foreignCalibration ?? ""
            return FaultFact(
                source: "calibration \(name)", code: "uncalibrated",
                detail: "\(why)empty it, then `steelyardctl calibrate \(name) --zero`")
        }
        let cold = self.compartments.values.filter(\.scale.lacksTemperature).map(\.rules.name)
        return uncalibrated + self.strainFaults
            + cold.sorted().map { name in
                FaultFact(
                    source: "temperature \(name)", code: "no-temperature",
                    detail: "the transmitter told no temperature: its mass is taken uncorrected")
            }
    }

    /// The raw value that a transmitter's reading is weighed by, milligrams.
    package func raw(of reading: Reading, in compartment: Name) -> Int64 {
        (self.compartments[compartment]?.scale.raw(of: reading) ?? reading.mass).value
    }

    /// What the scales deliver now, for technicians.
    package func scales(at now: BootInstant) -> [ScaleReport] {
        self.names.compactMap { self.compartments[$0]?.report(at: now) }
    }
}

extension BinMachine.Compartment {
    /// Weighs by another line from now on.
    mutating func calibrate(_ calibration: Calibration) {
        self.scale.calibrate(calibration)
        self.newZero = nil
        self.newZeroSpread = 0
        self.foreign = nil
        self.detached = .calibration
        self.putOff = nil
    }

    /// Why the last calibration isn't used; `nil` if it is, or there is none.
    fileprivate var foreignCalibration: String? {
        self.foreign.map {
            "its calibration is of `\($0.converter ?? "")`, and that isn't its converter now; "
        }
    }

    fileprivate func report(at now: BootInstant) -> ScaleReport {
        var report = ScaleReport(
            compartment: self.rules.name, level: self.level, limits: self.rules.limits)
        if let newest = self.scale.raws.newest {
            report.raw = newest.raw
            report.ageMs = now.ms(since: newest.at)
        }
        report.isAtZero = self.scale.isAtZero(at: now)
        report.calibration = self.scale.calibration
        report.linearity = self.scale.linearity
        report.line = self.scale.line(at: now)
        report.zeroShift = self.scale.zeroShift
        report.milliCelsius = self.scale.milliCelsius
        switch self.scale.weight(at: now) {
        case .stable(let mass):
            report.mass = mass
            report.isStable = true
        case .moving(let mass, _, _): report.mass = mass
        case .overload: report.isOverloaded = true
        case .underload: report.isUnderloaded = true
        case .none: break
        }
        return report
    }
}
