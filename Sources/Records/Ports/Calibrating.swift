package import BinCore

/// Whoever calibrates scales, and says what they deliver.
package protocol Calibrating: Sendable {
    /// What the scales deliver now.
    var scales: [ScaleReport] { get }

    /// Takes a step of a calibration; what it changes is durable when this returns.
    ///
    /// - Parameter by: Who does it, as recorded.
    func calibrate(
        _ compartment: Name, _ step: CalibrationStep, by: String
    ) async throws(CalibrationFailure) -> CalibrationResult
}

/// Why a step of a calibration wasn't taken.
package enum CalibrationFailure: Error, Hashable, Sendable {
    case refused(CalibrationRefusal)
    case notStored(JournalError)
}
