import BinCore

/// A write that belongs to a poll and may be made as often: it clears a reader's flag by zeros.
///
/// Polls have no other way to write, so that no loop can reach what sets a zero or a tare or wears
/// a memory.
struct LoopWrite: Hashable, Sendable {
    let command: DeviceCommand

    /// Returns `nil` if the command does anything else.
    init?(_ command: DeviceCommand) {
        switch command.effect {
        case .clear where command.values.allSatisfy({ $0 == 0 }): self.command = command
        case .clear, .unlock, .zero, .tare, .eeprom: return nil
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

/// Permits the writes that a device's profile lists, each not before its pause is over.
struct WriteLimit: Hashable, Sendable {
    /// Zero and tare: the scale settles in less.
    static let settingPauseMs: Int64 = 5000
    /// A memory that bears 100,000 writes lasts a hundred years at three a day. Source: the Laumas
    /// manuals rate theirs at 100,000.
    static let memoryPauseMs: Int64 = 8 * 3_600_000

    private let commands: [DeviceCommand]
    private var last: [DeviceCommand.Effect: BootInstant] = [:]

    /// - Parameter lastWorn: When the device's memory was last written to, in an earlier run.
    init(_ commands: [DeviceCommand], lastWorn: BootInstant? = nil) {
        self.commands = commands
        self.last[.eeprom] = lastWorn
    }

    /// The listed command with that effect, if its pause is over.
    func check(
        _ effect: DeviceCommand.Effect, at now: BootInstant
    ) throws(CommandRefusal) -> DeviceCommand {
        guard let command = self.commands.first(where: { $0.effect == effect }) else {
            throw .notListed
        }
        if let last = self.last[effect] {
            let left = Self.pauseMs(effect) - now.ms(since: last)
            guard left <= 0 else { throw .tooSoon(ms: left) }
        }
        return command
    }

    /// Permits the listed command with that effect once. The pause counts from here even if the
    /// device then does not take it: it may have, without our hearing of it.
    mutating func permit(
        _ effect: DeviceCommand.Effect, by _: Attendant, at now: BootInstant
    ) throws(CommandRefusal) -> AttendedWrite {
        let command = try self.check(effect, at: now)
        self.last[effect] = now
        return AttendedWrite(command)
    }

    static func pauseMs(_ effect: DeviceCommand.Effect) -> Int64 {
        switch effect {
        case .clear, .unlock, .zero, .tare: Self.settingPauseMs
        case .eeprom: Self.memoryPauseMs
        }
    }
}
