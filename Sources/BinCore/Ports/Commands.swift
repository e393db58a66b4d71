/// The person who asks for a write that changes a device.
package struct Attendant: Hashable, Sendable, CustomStringConvertible {
    /// The longest name, bytes.
    private static let longest = 64

    package let description: String

    /// Returns `nil` unless `name` is 1 to 64 bytes of printable text.
    package init?(_ name: String) {
        let isPrintable = name.unicodeScalars.allSatisfy {
            $0.value > 0x1F && !(0x7F...0x9F).contains($0.value)
        }
        guard (1...Self.longest).contains(name.utf8.count), isPrintable,
            name.contains(where: { !$0.isWhitespace })
        else { return nil }
        self.description = name
    }
}

/// Why a command was not given to a device.
package enum CommandRefusal: Error, Hashable, Sendable {
    /// There is no such scale on the bus.
    case noSuchScale
    /// The device's profile does not list it.
    case notListed
    /// It was given too short a time ago; in so many milliseconds it may be given again.
    case tooSoon(ms: Int64)
    /// That it was given could not be remembered beyond a restart: why.
    case notRemembered(String)
    /// The port is closed, or the device did not take it.
    case failed(code: String, hint: String)
}

/// Whoever gives transmitters the commands that their profiles list.
package protocol TransmitterCommanding: Sendable {
    /// Throws what `give` would refuse now, apart from what only the device can refuse.
    func check(_ effect: DeviceCommand.Effect, for scale: Name) async throws(CommandRefusal)

    /// Gives a command, for a person. Whether it had its effect is for that person to see in the
    /// readings that follow.
    func give(
        _ effect: DeviceCommand.Effect, to scale: Name, by person: Attendant
    ) async throws(CommandRefusal)
}

/// Remembers across restarts when a command was given that wears a device's memory.
package protocol WearRemembering: Sendable {
    /// When a scale's memory was last written to; the machine's start if that was before it, `nil`
    /// if it never was.
    func lastWorn(_ scale: Name) -> BootInstant?

    /// Remembers it durably, before it is done.
    func willWear(_ scale: Name, at now: BootInstant) throws(CommandRefusal)
}
