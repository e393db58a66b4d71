import BinCore

extension Act {
    /// How each verb is written.
    private static let usages = [
        "tap": "tap CARD [--reader NAME]",
        "put": "put COMPARTMENT GRAMS [--over SECONDS]",
        "take": "take COMPARTMENT GRAMS [--over SECONDS]",
        "empty": "empty COMPARTMENT",
        "fault": "fault bus|scale|reader NAME off|silent|garbage|late|stuck|on",
    ]
    /// The longest pour, seconds.
    private static let overMax: Int64 = 86_400

    /// Reads one act: a verb and its words, separated by blanks. Options may stand anywhere.
    ///
    /// - Throws: `.malformed` with what is wrong and how the verb is written.
    package init(line: String) throws(SimulationError) {
        var words = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
        guard let verb = words.first, let usage = Self.usages[verb] else {
            let known = Self.usages.keys.sorted().joined(separator: ", ")
            throw Self.malformed("\"\(words.first ?? "")\" is no verb; there are \(known)")
        }
        words.removeFirst()
        let allowed = ["tap": "--reader", "put": "--over", "take": "--over"][verb]
        let option = try Self.takeOption(allowed, from: &words, usage: usage)
        switch (verb, words.count) {
        case ("tap", 1):
            let reader = try option.map { (text) throws(SimulationError) in try Self.name(text) }
            self = .tap(try Self.card(words[0]), reader: reader)
        case ("put", 2):
            self = .put(
                try Self.name(words[0]), try Self.mass(words[1]), overMs: try Self.over(option))
        case ("take", 2):
            self = .take(
                try Self.name(words[0]), try Self.mass(words[1]), overMs: try Self.over(option))
        case ("empty", 1):
            self = .empty(try Self.name(words[0]))
        case ("fault", 3):
            self = .fault(try Self.part(words[0], words[1]), try Self.fault(words[2]))
        default:
            throw Self.malformed("write: \(usage)")
        }
    }

    private static func takeOption(
        _ option: String?, from words: inout [String], usage: String
    ) throws(SimulationError) -> String? {
        guard let index = words.firstIndex(where: { $0.hasPrefix("--") }) else { return nil }
        guard words[index] == option else {
            throw Self.malformed("\(words[index]) does not belong here; write: \(usage)")
        }
        guard index + 1 < words.count else {
            throw Self.malformed("\(words[index]) needs a value; write: \(usage)")
        }
        let value = words[index + 1]
        words.removeSubrange(index...(index + 1))
        return value
    }

    private static func name(_ text: String) throws(SimulationError) -> Name {
        guard let name = Name(text) else {
            throw Self.malformed("\"\(text)\" is no name: use a-z, 0-9 and single hyphens inside")
        }
        return name
    }

    private static func card(_ text: String) throws(SimulationError) -> CardNumber {
        guard let card = CardNumber(text) else {
            throw Self.malformed("\"\(text)\" is no card: write it like uid:04A1B2C3, upper-case")
        }
        return card
    }

    private static func mass(_ text: String) throws(SimulationError) -> Milligrams {
        guard let value = Thousandths.read(text), value > 0 else {
            throw Self.malformed(
                "\"\(text)\" is no mass: write grams above 0 with up to 3 decimals, like 19.5")
        }
        return Milligrams(value)
    }

    private static func over(_ text: String?) throws(SimulationError) -> Int64 {
        guard let text else { return 0 }
        guard let value = Thousandths.read(text), value <= Self.overMax * 1000 else {
            throw Self.malformed(
                "\"\(text)\" is no duration: write seconds up to \(Self.overMax) "
                    + "with up to 3 decimals, like 2.5")
        }
        return value
    }

    private static func part(_ kind: String, _ text: String) throws(SimulationError) -> Part {
        guard let part = Part(kind: kind, name: try Self.name(text)) else {
            throw Self.malformed("\"\(kind)\" can't break; there are bus, scale, reader")
        }
        return part
    }

    private static func fault(_ text: String) throws(SimulationError) -> Fault? {
        if text == Fault.heal { return nil }
        guard let fault = Fault(rawValue: text) else {
            let known = (Fault.allCases.map(\.rawValue) + [Fault.heal]).joined(separator: ", ")
            throw Self.malformed("\"\(text)\" is no fault; there are \(known)")
        }
        return fault
    }

    private static func malformed(_ message: String) -> SimulationError {
        SimulationError(.malformed, message)
    }
}
