/// One step of a calibration, on a scale that is at rest.
package enum CalibrationStep: Hashable, Sendable {
    /// The compartment is empty.
    case zero
    /// A known mass lies in the compartment that was empty at `zero`.
    case span(reference: Grams)
    /// A command is about to be given to the scale's transmitter.
    case command(DeviceCommand.Effect)
}

/// Why a step of a calibration can't be done.
package enum CalibrationRefusal: Error, Hashable, Sendable {
    case unknownCompartment
    /// An order or a collection is under way.
    case busy
    /// The scale delivers nothing.
    case silent
    /// The raw values spread by more than a quarter of a division.
    ///
    /// Source: OIML R 76-1 4.4.2 with the 0.25 e of zero-setting.
    case unsteady
    /// `span` came before `zero`.
    case zeroFirst
    /// The reference is below a tenth of the capacity, or above the capacity.
    case reference
    /// The reference moved the raw value so little that a division is less than four raw steps.
    case tooCoarse
}

/// What a step of a calibration found.
package struct CalibrationResult: Hashable, Sendable {
    package var zero: Int64
    /// `nil` while a scale that was never calibrated has only its zero.
    package var calibration: Calibration?
    /// Highest less lowest raw value of the second that was averaged.
    package var spread: Int64

    package init(zero: Int64, calibration: Calibration?, spread: Int64) {
        self.zero = zero
        self.calibration = calibration
        self.spread = spread
    }
}
