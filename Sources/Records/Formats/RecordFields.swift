package import BinCore

/// Reads the fields of a record or bulletin, naming the one that is wrong.
package struct RecordFields {
    package let object: JSONObject

    package init(_ object: JSONObject) { self.object = object }

    package func string(_ key: String) throws(RecordError) -> String {
        guard let text = self.object[key]?.string else { throw .field(key) }
        return text
    }

    package func integer(
        _ key: String, in range: ClosedRange<Int64> = Int64.min...Int64.max
    ) throws(RecordError) -> Int64 {
        guard let value = self.object[key]?.integer, range.contains(value) else {
            throw .field(key)
        }
        return value
    }

    /// A mass, within the ±1,000 t that a scale can read.
    func grams(_ key: String) throws(RecordError) -> Grams {
        Grams(try self.integer(key, in: -1_000_000_000...1_000_000_000))
    }

    package func time(_ key: String) throws(RecordError) -> WallTime {
        guard let time = WallTime(rfc3339: try self.string(key)) else { throw .field(key) }
        return time
    }

    func name(_ key: String) throws(RecordError) -> Name {
        guard let name = Name(try self.string(key)) else { throw .field(key) }
        return name
    }

    func card(_ key: String) throws(RecordError) -> CardNumber {
        guard let card = CardNumber(try self.string(key)) else { throw .field(key) }
        return card
    }

    func choice<Choice: RawRepresentable<String>>(
        _ key: String
    ) throws(RecordError) -> Choice {
        guard let choice = Choice(rawValue: try self.string(key)) else { throw .field(key) }
        return choice
    }

    func choices<Choice: RawRepresentable<String> & Hashable>(
        _ key: String
    ) throws(RecordError) -> Set<Choice> {
        guard let items = self.object[key]?.array else { throw .field(key) }
        var choices: Set<Choice> = []
        for item in items {
            guard let text = item.string, let choice = Choice(rawValue: text) else {
                throw .field(key)
            }
            choices.insert(choice)
        }
        return choices
    }
}
