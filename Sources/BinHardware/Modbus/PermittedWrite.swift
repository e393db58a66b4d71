import BinCore

/// A write that belongs to a poll and may be made as often: it clears a reader's flag.
///
/// Polls have no other way to write, so that no loop can reach what sets a zero or a tare or wears
/// a memory.
struct LoopWrite: Hashable, Sendable {
    let command: DeviceCommand

    /// Returns `nil` if the command does anything else.
    init?(_ command: DeviceCommand) {
        switch command.effect {
        case .clear: self.command = command
        case .zero, .tare, .eeprom: return nil
        }
    }
}

/// A write that a person asked for, good for one time: it is consumed by being made.
///
/// Only `WriteLimit` makes one.
struct AttendedWrite: ~Copyable {
    let command: DeviceCommand

    fileprivate init(_ command: DeviceCommand) { self.command = command }
}

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
    /// The port is closed, or the device did not take it.
    case failed(code: String, hint: String)
}

/// Permits the writes that a device's profile lists, each not before its pause is over.
struct WriteLimit: Hashable, Sendable {
    /// Zero and tare: the scale settles in less.
    static let settingPauseMs: Int64 = 5000
    /// A memory that bears 100,000 writes lasts a hundred years at three a day. Source: the Laumas
    /// manuals rate theirs at 100,000.
    static let memoryPauseMs: Int64 = 8 * 3_600_000

    private let commands: [DeviceCommand]
    private var last: [DeviceCommand.Effect: BootInstant] = [:]

    init(_ commands: [DeviceCommand]) { self.commands = commands }

    /// Permits the listed command with that effect once. The pause counts from here even if the
    /// device then does not take it: it may have, without our hearing of it.
    mutating func permit(
        _ effect: DeviceCommand.Effect, by _: Attendant, at now: BootInstant
    ) throws(CommandRefusal) -> AttendedWrite {
        guard let command = self.commands.first(where: { $0.effect == effect }) else {
            throw .notListed
        }
        if let last = self.last[effect] {
            let left = Self.pauseMs(effect) - now.ms(since: last)
            guard left <= 0 else { throw .tooSoon(ms: left) }
        }
        self.last[effect] = now
        return AttendedWrite(command)
    }

    static func pauseMs(_ effect: DeviceCommand.Effect) -> Int64 {
        switch effect {
        case .clear, .zero, .tare: Self.settingPauseMs
        case .eeprom: Self.memoryPauseMs
        }
    }
}
