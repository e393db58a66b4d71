/// Keeping the zero of a scale on a converter. A transmitter keeps its own, and a scale may have no
/// more than one zero-tracking (OIML R 76-1 4.5).
///
/// A bin that holds anything is never zeroed, nor is one with an order, a collection or a
/// technician at it.
extension BinMachine {
    /// Sets the zero of an empty bin at switch-on, and lets it follow dirt and temperature.
    mutating func followZero(of name: Name, on page: inout Page) {
        guard var compartment = self.compartments[name], compartment.mayBeZeroed(at: page.now),
            let mass = compartment.scale.tare(at: page.now)
        else {
            self.compartments[name]?.trackedAt = nil
            return
        }
        let isZeroed =
            switch compartment.detached {
            case .powerOff?: compartment.setInitialZero(mass)
            case nil: compartment.trackZero(mass, at: page.now)
            case .calibration?, .unsettled?, .collected?: false
            }
        if isZeroed, let calibration = compartment.fixZero() {
            page.write(
                .calibration(CalibrationFact(calibration, of: name, by: Self.zeroKeeper)))
        }
        self.compartments[name] = compartment
    }

    /// Who moved a zero when no technician did.
    private static let zeroKeeper = "zero-tracking"
}

extension BinMachine.Compartment {
    /// Zero-setting and zero-tracking together move the zero by at most this share of Max.
    ///
    /// Source: OIML R 76-1 4.5.1.
    private static let rangePercent: Int64 = 4
    /// Initial zero-setting by at most this share.
    ///
    /// Source: OIML R 76-1 4.5.1.
    private static let initialRangePercent: Int64 = 20
    /// In how long tracking may move the zero by half a division. OIML R 76-1 4.5.7 allows half a
    /// division a second; a bin's zero moves by a few divisions an hour at most, and what comes
    /// faster was dropped.
    private static let trackingMs: Int64 = 60_000
    private static let trackEveryMs: Int64 = 1_000

    /// The record says that it is empty, and its scale is on a converter that was calibrated.
    fileprivate func mayBeZeroed(at now: BootInstant) -> Bool {
        let isServiced = self.servicedUntil.map { now < $0 } ?? false
        return self.rules.needsCalibration && self.scale.calibration != nil && !isServiced
            && self.level == .zero && self.balance.carried == .zero
    }

    /// Sets the zero at switch-on. What could be a drop, the scale's minimum and more, isn't
    /// zeroed.
    fileprivate mutating func setInitialZero(_ mass: Milligrams) -> Bool {
        let limits = self.rules.limits
        guard self.isSwitchedOn, mass.magnitude < max(limits.minimum, limits.division).milligrams,
            self.isInRange(mass, percent: Self.initialRangePercent)
        else { return false }
        self.isSwitchedOn = false
        self.detached = nil
        self.scale.shiftZero(by: mass)
        self.balance.tare(at: .zero)
        return true
    }

    /// Moves the zero towards what an empty scale shows, while its indication is zero.
    fileprivate mutating func trackZero(_ mass: Milligrams, at now: BootInstant) -> Bool {
        let division = self.rules.limits.division.milligrams.value
        guard mass.magnitude.value * 2 <= division, let last = self.trackedAt else {
            self.trackedAt = now
            return false
        }
        // A pause is no time in which the scale was seen at zero.
        let elapsedMs = min(now.ms(since: last), Weigher.staleMs)
        guard elapsedMs >= Self.trackEveryMs else { return false }
        self.trackedAt = now
        let most = division * elapsedMs / (2 * Self.trackingMs)
        let step = Milligrams(min(max(mass.value, -most), most))
        guard step != .zero, self.isInRange(step, percent: Self.rangePercent) else { return false }
        self.scale.shiftZero(by: step)
        self.balance.tare(at: mass - step)
        return true
    }

    /// Whether the zero, moved by `step`, stays near the one that it was calibrated with.
    private func isInRange(_ step: Milligrams, percent: Int64) -> Bool {
        guard let calibration = self.scale.calibration else { return false }
        guard let moved = calibration.mass(of: self.calibratedZero ?? calibration.zero) else {
            return false
        }
        let shift = self.scale.zeroShift + step - moved
        return shift.magnitude.value <= self.rules.limits.capacity.value * 10 * percent
    }

    /// Whether a semi-automatic zero at a raw value stays in the range of zero-setting.
    func isZero(_ raw: Int64) -> Bool {
        guard let calibration = self.scale.calibration,
            let origin = calibration.mass(of: self.calibratedZero ?? calibration.zero),
            let mass = calibration.mass(of: raw)
        else { return false }
        let most = self.rules.limits.capacity.value * 10 * Self.rangePercent
        return (mass - origin).magnitude.value <= most
    }

    /// A zero that moved by half a division goes into the calibration, and so into the journal.
    fileprivate mutating func fixZero() -> Calibration? {
        let shift = self.scale.zeroShift
        guard shift.magnitude.value * 2 >= self.rules.limits.division.milligrams.value else {
            return nil
        }
        return self.scale.fixZero()
    }
}
