/// One GPIO line: a chip's name, path or label, the line's offset, and which level counts.
package struct LineSettings: Hashable, Sendable {
    package enum Level: String, CaseIterable, Sendable { case high, low }

    package var chip: String
    package var line: Int
    /// The level at which an output drives its part, or an input says yes.
    package var active: Level

    package init(chip: String, line: Int, active: Level = .high) {
        self.chip = chip
        self.line = line
        self.active = active
    }
}

/// An input: a line, the resistor that keeps it at rest, and how long a level must last to count.
package struct InputSettings: Hashable, Sendable {
    package enum Bias: String, CaseIterable, Sendable {
        case none
        case pullUp = "pull-up"
        case pullDown = "pull-down"
    }

    package var line: LineSettings
    package var bias: Bias
    package var debounceMs: Int

    package init(line: LineSettings, bias: Bias = .none, debounceMs: Int) {
        self.line = line
        self.bias = bias
        self.debounceMs = debounceMs
    }
}

/// The coil of a lid's lock.
///
/// At the daemon's start, stop and death the coil is off: a lock whose coil `opens` is locked then
/// (fail-secure), one whose coil `locks` is open (fail-safe).
package struct LockSettings: Hashable, Sendable {
    /// What the coil does while it is driven.
    package enum Powered: String, CaseIterable, Sendable { case opens, locks }

    package var line: LineSettings
    package var powered: Powered
    /// How long the coil may be driven at a stretch; `nil` for one that bears it for ever, as a
    /// holding magnet does.
    package var longestMs: Int?
    /// How long a coil that was driven for `longestMs` must rest.
    package var restMs: Int

    package init(
        line: LineSettings, powered: Powered = .opens,
        longestMs: Int? = LockSettings.standardLongestMs,
        restMs: Int = LockSettings.standardLongestMs
    ) {
        self.line = line
        self.powered = powered
        self.longestMs = longestMs
        self.restMs = restMs
    }

    /// A solenoid that isn't made for continuous duty bears ten seconds at half of the time; what
    /// its data sheet says goes into the configuration.
    package static let standardLongestMs = 10_000
}

/// A beam that pieces break on their way into a compartment.
package struct CounterSettings: Hashable, Sendable {
    package var input: InputSettings
    /// A beam that is broken for longer is blocked, and counts nothing.
    package var longestMs: Int
    /// What a piece weighs at least: more pieces than the gained mass can hold are not paid.
    package var leastPiece: Grams

    package init(
        input: InputSettings, longestMs: Int = CounterSettings.standardLongestMs,
        leastPiece: Grams = CounterSettings.standardLeastPiece
    ) {
        self.input = input
        self.longestMs = longestMs
        self.leastPiece = leastPiece
    }

    /// Shorter interruptions are no piece: a bottle that falls at 3 m/s breaks a beam for 20 ms.
    package static let standardDebounceMs = 5
    package static let standardLongestMs = 3_000
    /// The lightest bottles and cans on the market weigh about twice as much.
    package static let standardLeastPiece = Grams(5)
}

/// A switch at a lid or a door.
package struct ContactSettings: Hashable, Sendable {
    /// Active while open.
    package var input: InputSettings
    /// What stands open for longer is reported.
    package var longestOpenSeconds: Int

    package init(
        input: InputSettings,
        longestOpenSeconds: Int = ContactSettings.standardLongestOpenSeconds
    ) {
        self.input = input
        self.longestOpenSeconds = longestOpenSeconds
    }

    package static let standardDebounceMs = 50
    package static let standardLongestOpenSeconds = 300
}

/// What tells that a compartment is full.
package enum FillSettings: Hashable, Sendable {
    /// A switch or light barrier, active while full.
    case level(InputSettings)
    case ultrasonic(UltrasonicSettings)

    /// What falls past a light barrier, or slips down after a moment, doesn't make a bin full.
    package static let standardDebounceMs = 3_000
}

/// A distance sensor above the pile, for instance an HC-SR04: a pulse on `trigger`, and an echo
/// whose length tells the distance.
package struct UltrasonicSettings: Hashable, Sendable {
    package var trigger: LineSettings
    package var echo: LineSettings
    /// The compartment is full while the pile is this near, mm.
    package var fullMm: Int
    /// It is no longer full once the pile is this far away, mm.
    package var clearMm: Int
    package var everySeconds: Int

    package init(
        trigger: LineSettings, echo: LineSettings, fullMm: Int, clearMm: Int,
        everySeconds: Int = UltrasonicSettings.standardEverySeconds
    ) {
        self.trigger = trigger
        self.echo = echo
        self.fullMm = fullMm
        self.clearMm = clearMm
        self.everySeconds = everySeconds
    }

    /// What the sensor measures, mm. Source: Elecfreaks HC-SR04 user's guide, 2 cm to 4 m.
    package static let measurableMm = 20...4_000
    package static let standardEverySeconds = 5
    /// How much farther than `full-mm` the pile must be to be clear, unless it is said.
    package static let standardClearanceMm = 50
}
