import BinCore
package import Records

/// The JSON of `GET /v1/display` and of each event. Every key is always there, `null` if there is
/// nothing to say. Integers carry the units of CONTRACT §2; `points` is text, as shown.
///
/// | key | value |
/// | --- | --- |
/// | `state` | `idle` `greeting` `weighing` `deposit` `thanks` `refused` `collecting` `fault` |
/// | `card` | `…` and the last four digits of the card whose order is shown, never more |
/// | `order` | sums of the open order, or of the settled one in `thanks` |
/// | `deposit` | the last drop, in `deposit` |
/// | `refused` | why a card was not accepted: `blocked` `unknown-card` `role` `busy`
/// `out-of-service` |
/// | `fault` | why nothing can be taken: `storage` `scales` `starting` … |
/// | `compartments` | by name: material, live `mass` in g since the last record (`null` without a
/// reading), `stable`, `full`, `open` (whether the lid is unlocked) |
/// | `service` | whether a technician is to look at the storage; the bin works |
/// | `notice` | one message of the newest `notices` bulletin: `stage`, `zh`, `en` |
extension Display {
    package var json: JSONValue {
        [
            "state": .string(self.view.phase.state),
            "card": .optional(self.card.map { .string($0.masked) }),
            "order": .optional(self.order),
            "deposit": .optional(self.deposit?.display),
            "refused": .optional(self.refused.map { .string($0.rawValue) }),
            "fault": .optional(self.fault.map { .string($0) }),
            "compartments": .array(self.view.compartments.map(\.display)),
            "service": .bool(self.view.needsService),
            "notice": .optional(self.notice?.display),
        ]
    }

    private var deposit: DepositFact? {
        if case .deposited(let deposit) = self.view.phase { deposit } else { nil }
    }

    private var settled: OrderFact? {
        if case .thanks(let order) = self.view.phase { order } else { nil }
    }

    private var refused: RefusedFact.Reason? {
        if case .refused(let reason) = self.view.phase { reason } else { nil }
    }

    private var fault: String? {
        if case .fault(let code) = self.view.phase { code } else { nil }
    }

    private var card: CardNumber? {
        self.settled?.card ?? self.deposit?.card ?? self.view.order?.card
    }

    private var order: JSONValue? {
        if let order = self.settled {
            return .sums(order.deposits, order.mass, order.value, order.co2e)
        }
        return self.view.order.map { .sums($0.deposits, $0.mass, $0.value, $0.co2e) }
    }
}

extension BinView.Phase {
    fileprivate var state: String {
        switch self {
        case .idle: "idle"
        case .greeting: "greeting"
        case .weighing: "weighing"
        case .deposited: "deposit"
        case .thanks: "thanks"
        case .refused: "refused"
        case .collecting: "collecting"
        case .fault: "fault"
        }
    }
}

extension JSONValue {
    fileprivate static func optional(_ value: JSONValue?) -> JSONValue { value ?? .null }

    fileprivate static func sums(
        _ deposits: Int64, _ mass: Grams, _ value: MicroYuan, _ co2e: MilligramsCO2e
    ) -> JSONValue {
        [
            "deposits": .integer(deposits), "mass": .integer(mass.value),
            "value": .integer(value.value), "points": .string(value.points),
            "co2e": .integer(co2e.value),
        ]
    }
}

extension DepositFact {
    fileprivate var display: JSONValue {
        [
            "compartment": .string(self.compartment.text),
            "material": .string(self.material.text),
            "mass": .integer(self.mass.value), "pieces": .integer(self.pieces),
            "value": .integer(self.value.value), "points": .string(self.value.points),
            "co2e": .integer(self.co2e.value),
            "price": .integer(self.rates.price.value), "each": .integer(self.rates.each.value),
            "flags": .array(self.flags.sorted().map { .string($0.rawValue) }),
        ]
    }
}

extension BinView.Compartment {
    fileprivate var display: JSONValue {
        [
            "name": .string(self.name.text), "material": .string(self.material.text),
            "mass": .optional(self.live.map { .integer($0.value) }),
            "stable": .bool(self.isStable), "full": .bool(self.isFull),
            "open": .bool(self.isUnlocked),
        ]
    }
}

extension Display.Notice {
    fileprivate var display: JSONValue {
        ["stage": .string(self.stage.rawValue), "zh": .string(self.zh), "en": .string(self.en)]
    }
}
