package import BinCore
package import Records

/// What the next record of a journal is checked with, as text for a store.
extension LawChecker {
    package var state: JSONValue {
        let levels = self.levels.sorted { $0.key < $1.key }
        let orders = self.openOrders.sorted { $0.key < $1.key }
        return [
            "levels": .object(JSONObject(levels.map { ($0.key.text, .integer($0.value.value)) })),
            "orders": .array(orders.map { Self.json(of: $0.value, number: $0.key) }),
        ]
    }

    /// Reads what `state` wrote for a journal that ends with record `last`; `nil` if it can't be.
    package init?(state: [UInt8], last: RecordNumber) {
        // `try?`: text that isn't what `state` writes is the same fault whatever is wrong in it.
        guard let object = try? JSONParser.object(state),
            let levels = Self.numbers(object["levels"])?.mapValues({ Grams($0) }),
            let orders = object["orders"]?.array
        else { return nil }
        var open: [RecordNumber: OpenOrder] = [:]
        for item in orders {
            guard let (number, order) = Self.openOrder(item) else { return nil }
            open[number] = order
        }
        self.init(after: last, levels: levels, openOrders: open, startsFromZero: true)
    }

    private static func json(of order: OpenOrder, number: RecordNumber) -> JSONValue {
        let masses = order.masses.sorted { $0.key < $1.key }
        let pieces = order.pieces.sorted { $0.key < $1.key }
        return [
            "order": .integer(number), "card": .string(order.card.description),
            "deposits": .integer(order.deposits), "mass": .integer(order.mass.value),
            "value": .integer(order.value.value), "co2e": .integer(order.co2e.value),
            "masses": .object(JSONObject(masses.map { ($0.key.text, .integer($0.value.value)) })),
            "pieces": .object(JSONObject(pieces.map { ($0.key.text, .integer($0.value)) })),
        ]
    }

    private static func openOrder(_ item: JSONValue) -> (RecordNumber, OpenOrder)? {
        guard let object = item.object, let number = object["order"]?.integer,
            let card = object["card"]?.string.flatMap({ CardNumber($0) }),
            let deposits = object["deposits"]?.integer, let mass = object["mass"]?.integer,
            let value = object["value"]?.integer, let co2e = object["co2e"]?.integer,
            let masses = self.numbers(object["masses"]),
            let pieces = self.numbers(object["pieces"])
        else { return nil }
        var order = OpenOrder(card: card)
        order.deposits = deposits
        order.mass = Grams(mass)
        order.value = MicroYuan(value)
        order.co2e = MilligramsCO2e(co2e)
        order.masses = masses.mapValues { Grams($0) }
        order.pieces = pieces
        return (number, order)
    }

    private static func numbers(_ value: JSONValue?) -> [Name: Int64]? {
        guard let object = value?.object else { return nil }
        var numbers: [Name: Int64] = [:]
        for member in object.members {
            guard let name = Name(member.key), let number = member.value.integer else { return nil }
            numbers[name] = number
        }
        return numbers
    }
}
