import BinCore
import BinDisplay
import Records
import Testing

/// Views as the bin's core makes them, with one card throughout.
enum Samples {
    static let fullNumber = "04A1B2C3D4E5F6"

    static func card() throws -> CardNumber { try #require(CardNumber("uid:\(fullNumber)")) }

    static func view(_ phase: BinView.Phase, order: BinView.Order? = nil) throws -> BinView {
        BinView(
            phase: phase, order: order,
            compartments: [
                BinView.Compartment(
                    name: try #require(Name("film")), material: try #require(Name("pe-film")),
                    live: nil, isStable: false, isFull: true),
                BinView.Compartment(
                    name: try #require(Name("pet")), material: try #require(Name("pet-bottle")),
                    live: Grams(25), isStable: true, isUnlocked: true),
            ])
    }

    /// Two drops of 120 g at 2,800 CNY/t and 1,500 kg CO2e/t.
    static func order() throws -> BinView.Order {
        BinView.Order(
            card: try self.card(), deposits: 2, mass: Grams(240), value: MicroYuan(672_000),
            co2e: MilligramsCO2e(360_000))
    }

    static func deposit(
        mass: Int64 = 120, flags: Set<DepositFlag> = [.cardUnknown, .clockUnset]
    ) throws -> DepositFact {
        DepositFact(
            order: 7, card: try self.card(), compartment: try #require(Name("pet")),
            material: try #require(Name("pet-bottle")), before: Grams(500),
            after: Grams(500 + mass), division: Grams(5), pieces: 1,
            rates: AppliedRates(
                tariff: 7, price: PricePerTonne(2800), each: PricePerPiece(0), carbon: 3,
                factor: CarbonFactor(1500)),
            value: MicroYuan(mass * 2800), co2e: MilligramsCO2e(mass * 1500), flags: flags)
    }

    static func settled() throws -> OrderFact {
        OrderFact(
            order: 7, card: try self.card(), deposits: 2, mass: Grams(240),
            value: MicroYuan(672_000), co2e: MilligramsCO2e(360_000), closed: .tap)
    }

    /// The messages of a bulletin, which is the only way to get them.
    static func notices(_ messages: [(zh: String, en: String)]) throws -> Notices {
        let items = messages.map { JSONValue.object(["zh": $0.zh, "en": $0.en]) }
        let bulletin = try Bulletin(
            kind: .notices, version: 1, effective: .epoch, audience: .everyone,
            body: ["stage": "habit", "messages": .array(items)], signedBy: SigningKey())
        guard case .notices(let notices) = bulletin.body else {
            throw RecordError.field("body")
        }
        return notices
    }
}

extension JSONValue {
    static func object(_ members: [String: String]) -> JSONValue {
        .object(JSONObject(members.map { ($0.key, .string($0.value)) }))
    }
}
