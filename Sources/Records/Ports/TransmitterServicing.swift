package import BinCore

/// Whoever lets technicians command transmitters.
package protocol TransmitterServicing: Sendable {
    /// Gives a transmitter a command that its profile lists, once that it is given is durable.
    ///
    /// - Parameter name: The scale, or the compartment that it weighs.
    /// - Returns: The compartment.
    func give(
        _ effect: DeviceCommand.Effect, to name: Name, by person: Attendant
    ) async throws(ServiceFailure) -> Name
}

/// Why a transmitter was not commanded.
package enum ServiceFailure: Error, Hashable, Sendable {
    /// By the bus, or by the transmitter.
    case refused(CommandRefusal)
    /// By the bin, before anything was sent.
    case notNoted(CalibrationFailure)
}
