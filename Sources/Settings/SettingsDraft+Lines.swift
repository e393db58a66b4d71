import BinCore

/// What hangs on single GPIO lines: locks, counters, switches, fill sensors, lights and the buzzer.
extension SettingsDraft {
    private enum FillDriver: String, CaseIterable {
        case `switch`, ultrasonic

        var keys: [String] {
            switch self {
            case .switch: ["chip", "line", "active", "bias", "debounce-ms"]
            case .ultrasonic: ["chip", "trigger", "echo", "full-mm", "clear-mm", "every-seconds"]
            }
        }
    }

    private static let inputKeys = ["chip", "line", "bias", "debounce-ms"]
    /// What coils are driven or rested for, ms: less opens nothing, more is no pulse.
    private static let coilMs = 100...600_000

    func lock(in compartment: Table) -> LockSettings? {
        let keys = ["chip", "line", "active", "powered", "longest-ms", "rest-ms"]
        guard let table = compartment.table("lock", isOptional: true, keys: keys) else {
            return nil
        }
        let line = self.line(in: table)
        let powered = table.choice(
            "powered", of: LockSettings.Powered.self, default: LockSettings.Powered.opens)
        // A magnet that locks is made to be driven for ever, unless the configuration says else.
        let isLimited = powered != .locks || table.has("longest-ms")
        let longest = table.integer(
            "longest-ms", Self.coilMs, default: LockSettings.standardLongestMs)
        let rest = table.integer(
            "rest-ms", Self.coilMs, default: longest ?? LockSettings.standardLongestMs)
        if !isLimited, table.has("rest-ms") {
            self.log.add(
                "`\(table.path("rest-ms"))` follows `longest-ms`; name that too, or neither",
                at: table.place(of: "rest-ms"))
        }
        guard let line, let powered, let longest, let rest else { return nil }
        return LockSettings(
            line: line, powered: powered, longestMs: isLimited ? longest : nil, restMs: rest)
    }

    func counter(in compartment: Table) -> CounterSettings? {
        let keys = Self.inputKeys + ["active", "longest-ms", "least-piece-grams"]
        guard let table = compartment.table("counter", isOptional: true, keys: keys) else {
            return nil
        }
        let input = self.input(
            in: table, debounceMs: 1...100, default: CounterSettings.standardDebounceMs)
        let longest = table.integer(
            "longest-ms", 200...60_000, default: CounterSettings.standardLongestMs)
        let least = table.integer(
            "least-piece-grams", 1...10_000,
            default: Int(CounterSettings.standardLeastPiece.value))
        guard let input, let longest, let least else { return nil }
        return CounterSettings(
            input: input, longestMs: longest, leastPiece: Grams(Int64(least)))
    }

    func lid(in compartment: Table) -> ContactSettings? {
        guard
            let table = compartment.table(
                "lid", isOptional: true, keys: Self.contactKeys)
        else { return nil }
        return self.contact(in: table)
    }

    func door(_ table: inout Table) -> ContactSettings? {
        table.allow(Self.contactKeys)
        return self.contact(in: table)
    }

    private static let contactKeys = inputKeys + ["open", "longest-open-seconds"]

    private func contact(in table: Table) -> ContactSettings? {
        let input = self.input(
            in: table, levelKey: "open", debounceMs: 1...5_000,
            default: ContactSettings.standardDebounceMs)
        let longest = table.integer(
            "longest-open-seconds", 10...86_400,
            default: ContactSettings.standardLongestOpenSeconds)
        guard let input, let longest else { return nil }
        return ContactSettings(input: input, longestOpenSeconds: longest)
    }

    func fill(in compartment: Table) -> FillSettings? {
        guard let value = compartment.value("fill", isOptional: true),
            var table = Table(
                value, title: compartment.path("fill"), at: compartment.place(of: "fill"),
                log: self.log)
        else { return nil }
        let named = table.peek("driver")
        let known = named.flatMap { FillDriver(rawValue: $0) } ?? (named == nil ? .switch : nil)
        let drivers = known.map { [$0] } ?? FillDriver.allCases
        table.allow(["driver"] + drivers.flatMap(\.keys))
        guard let driver = table.choice("driver", of: FillDriver.self, default: .switch) else {
            return nil
        }
        switch driver {
        case .switch:
            return self.input(
                in: table, debounceMs: 100...60_000, default: FillSettings.standardDebounceMs
            ).map { .level($0) }
        case .ultrasonic: return self.ultrasonic(in: table).map { .ultrasonic($0) }
        }
    }

    private func ultrasonic(in table: Table) -> UltrasonicSettings? {
        let chip = self.chip(in: table)
        let trigger = self.lineOffset("trigger", of: chip, in: table)
        let echo = self.lineOffset("echo", of: chip, in: table)
        let range = UltrasonicSettings.measurableMm
        // What is full has to be nearer than something that is clear.
        let full = table.integer("full-mm", range.lowerBound...range.upperBound - 1)
        let nearest = (full ?? range.lowerBound) + 1
        let clear = table.integer(
            "clear-mm", nearest...range.upperBound,
            default: min(
                (full ?? range.lowerBound) + UltrasonicSettings.standardClearanceMm,
                range.upperBound))
        let every = table.integer(
            "every-seconds", 1...600, default: UltrasonicSettings.standardEverySeconds)
        guard let chip, let trigger, let echo, let full, let clear, let every else { return nil }
        return UltrasonicSettings(
            trigger: LineSettings(chip: chip, line: trigger),
            echo: LineSettings(chip: chip, line: echo), fullMm: full, clearMm: clear,
            everySeconds: every)
    }

    func feedback(in root: Table) -> [Lamp: LineSettings] {
        let names = Lamp.allCases.map(\.rawValue)
        guard let table = root.table("feedback", isOptional: true, keys: names) else { return [:] }
        var result: [Lamp: LineSettings] = [:]
        for lamp in Lamp.allCases {
            let keys = ["chip", "line", "active"]
            guard let inner = table.table(lamp.rawValue, isOptional: true, keys: keys) else {
                continue
            }
            result[lamp] = self.line(in: inner)
        }
        return result
    }

    /// The line that `table` describes.
    ///
    /// - Parameter levelKey: What the active level is called there.
    private func line(in table: Table, levelKey: String = "active") -> LineSettings? {
        let chip = self.chip(in: table)
        let line = self.lineOffset("line", of: chip, in: table)
        let level = table.choice(levelKey, of: LineSettings.Level.self, default: .high)
        guard let chip, let line, let level else { return nil }
        return LineSettings(chip: chip, line: line, active: level)
    }

    private func input(
        in table: Table, levelKey: String = "active", debounceMs: ClosedRange<Int>,
        default fallback: Int
    ) -> InputSettings? {
        let line = self.line(in: table, levelKey: levelKey)
        let bias = table.choice(
            "bias", of: InputSettings.Bias.self, default: InputSettings.Bias.none)
        let debounce = table.integer("debounce-ms", debounceMs, default: fallback)
        guard let line, let bias, let debounce else { return nil }
        return InputSettings(line: line, bias: bias, debounceMs: debounce)
    }
}
