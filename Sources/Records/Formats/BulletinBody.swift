package import BinCore

/// A bulletin's body by kind (CONTRACT §5). Keys that this version doesn't know are passed over.
package enum BulletinBody: Hashable, Sendable {
    case tariff(prices: [Name: PricePerTonne], each: [Name: PricePerPiece])
    case carbon(factors: [Name: CarbonFactor])
    case cards(CardList)
    case policy(Policy)
    case notices(Notices)

    init(_ body: JSONObject, of kind: BulletinKind) throws(RecordError) {
        switch kind {
        case .tariff:
            let prices = try Self.table(body, "prices", in: PricePerTonne.allowed)
            let each =
                body["each"] == nil
                ? [:] : try Self.table(body, "each", in: PricePerPiece.allowed)
            self = .tariff(
                prices: prices.mapValues { PricePerTonne($0) },
                each: each.mapValues { PricePerPiece($0) })
        case .carbon:
            let factors = try Self.table(body, "factors", in: CarbonFactor.allowed)
            self = .carbon(factors: factors.mapValues { CarbonFactor($0) })
        case .cards: self = .cards(try CardList(body))
        case .policy: self = .policy(try Policy(body))
        case .notices: self = .notices(try Notices(body))
        }
    }

    private static func table(
        _ body: JSONObject, _ key: String, in range: ClosedRange<Int64>
    ) throws(RecordError) -> [Name: Int64] {
        guard let object = body[key]?.object else { throw .field("body.\(key)") }
        var table: [Name: Int64] = [:]
        for member in object.members {
            guard let name = Name(member.key), let value = member.value.integer,
                range.contains(value)
            else { throw .field("body.\(key).\(member.key.excerpt)") }
            table[name] = value
        }
        return table
    }
}

/// The cards of a `cards` bulletin.
package enum CardList: Hashable, Sendable {
    /// All cards that there are.
    case all([CardEntry])
    /// What changed since version `base`.
    case difference(base: Int64, set: [CardEntry], remove: [CardNumber])

    init(_ body: JSONObject) throws(RecordError) {
        if body["replace"]?.bool == true {
            self = .all(try Self.entries(body, "cards"))
            return
        }
        guard let base = body["base"]?.integer, base >= 1 else { throw .field("body.base") }
        var removed: [CardNumber] = []
        let removals = body["remove"] ?? []
        guard let items = removals.array else { throw .field("body.remove") }
        for item in items {
            guard let text = item.string, let card = CardNumber(text) else {
                throw .field("body.remove")
            }
            removed.append(card)
        }
        let set = body["set"] == nil ? [] : try Self.entries(body, "set")
        self = .difference(base: base, set: set, remove: removed)
    }

    private static func entries(
        _ body: JSONObject, _ key: String
    ) throws(RecordError) -> [CardEntry] {
        guard let items = body[key]?.array else { throw .field("body.\(key)") }
        var entries: [CardEntry] = []
        entries.reserveCapacity(items.count)
        for item in items {
            guard let object = item.object, let text = object["card"]?.string,
                let card = CardNumber(text),
                let role = object["role"]?.string.flatMap(Role.init(rawValue:)), role != .unknown
            else { throw .field("body.\(key)") }
            let balance = object["balance"]
            guard balance == nil || balance?.integer != nil else {
                throw .field("body.\(key).balance")
            }
            entries.append(
                CardEntry(card: card, role: role, balance: balance?.integer.map(MicroYuan.init)))
        }
        return entries
    }
}

/// One card that the server knows.
package struct CardEntry: Hashable, Sendable {
    package var card: CardNumber
    package var role: Role
    /// What stood on the account when the bulletin was made.
    package var balance: MicroYuan?

    package init(card: CardNumber, role: Role, balance: MicroYuan? = nil) {
        self.card = card
        self.role = role
        self.balance = balance
    }
}

extension Policy {
    init(_ body: JSONObject) throws(RecordError) {
        var policy = Policy.initial
        switch body["unknown-cards"] {
        case nil, .string("accept")?: break
        case .string("refuse")?: policy.acceptsUnknownCards = false
        default: throw .field("body.unknown-cards")
        }
        let grams: ClosedRange<Int64> = 0...1_000_000_000
        if let value = body["minimum-mass"] {
            guard let mass = value.integer, grams.contains(mass) else {
                throw .field("body.minimum-mass")
            }
            policy.minimumMass = Grams(mass)
        }
        if let value = body["daily-limit"] {
            guard let mass = value.integer, grams.contains(mass) else {
                throw .field("body.daily-limit")
            }
            policy.dailyLimit = Grams(mass)
        }
        self = policy
    }
}

/// What the resident's page tells between deposits.
package struct Notices: Hashable, Sendable {
    package enum Stage: String, CaseIterable, Sendable { case awareness, knowledge, habit }

    package struct Message: Hashable, Sendable {
        package var zh: String
        package var en: String
    }

    private static let mostMessages = 50
    /// Unicode scalars, not characters: one character may have any number of combining marks.
    private static let longestMessage = 500

    package var stage: Stage
    package var messages: [Message]

    init(_ body: JSONObject) throws(RecordError) {
        guard let stage = body["stage"]?.string.flatMap(Stage.init(rawValue:)) else {
            throw .field("body.stage")
        }
        guard let items = body["messages"]?.array, items.count <= Self.mostMessages else {
            throw .field("body.messages")
        }
        self.stage = stage
        self.messages = []
        for item in items {
            guard let zh = item.object?["zh"]?.string, let en = item.object?["en"]?.string,
                max(zh.unicodeScalars.count, en.unicodeScalars.count) <= Self.longestMessage
            else { throw .field("body.messages") }
            self.messages.append(Message(zh: zh, en: en))
        }
    }
}
