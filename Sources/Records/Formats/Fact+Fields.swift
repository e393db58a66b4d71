import BinCore

/// A fact's `kind` and its further fields, in the order in which they are written.
extension Fact {
    var kind: String {
        switch self {
        case .boot: "boot"
        case .clock: "clock"
        case .opened: "opened"
        case .deposit: "deposit"
        case .order: "order"
        case .refused: "refused"
        case .collection: "collection"
        case .unattributed: "unattributed"
        case .bulletin: "bulletin"
        case .config: "config"
        case .calibration: "calibration"
        case .fault: "fault"
        case .cleared: "cleared"
        }
    }

    var fields: [(String, JSONValue)] {
        switch self {
        case .boot(let fact): fact.fields
        case .clock(let fact):
            [("from", .string(fact.from.rfc3339)), ("to", .string(fact.to.rfc3339))]
        case .opened(let fact): fact.fields
        case .deposit(let fact): fact.fields
        case .order(let fact): fact.fields
        case .refused(let fact):
            [
                ("card", .string(fact.card.description)),
                ("reason", .string(fact.reason.rawValue)),
            ]
        case .collection(let fact): fact.fields
        case .unattributed(let fact): fact.fields
        case .bulletin(let fact): fact.fields
        case .config(let fact): fact.fields
        case .calibration(let fact): fact.fields
        case .fault(let fact), .cleared(let fact): fact.fields
        }
    }
}

extension BootFact {
    fileprivate var fields: [(String, JSONValue)] {
        [
            ("version", .string(self.version)), ("config", .string(self.config)),
            ("reason", .string(self.reason.rawValue)),
        ]
            + (self.legal.map {
                [("parameters", .string($0.parameters)), ("events", .integer($0.events))]
            } ?? [])
    }
}

extension OpenedFact {
    fileprivate var fields: [(String, JSONValue)] {
        [
            ("order", .integer(self.order)), ("card", .string(self.card.description)),
            ("role", .string(self.role.rawValue)), ("reader", .string(self.reader.text)),
        ]
    }
}

extension DepositFact {
    fileprivate var fields: [(String, JSONValue)] {
        [
            ("order", .integer(self.order)), ("card", .string(self.card.description)),
            ("compartment", .string(self.compartment.text)),
            ("material", .string(self.material.text)),
            ("before", .integer(self.before.value)), ("after", .integer(self.after.value)),
            ("mass", .integer(self.mass.value)), ("division", .integer(self.division.value)),
            ("pieces", .integer(self.pieces)), ("tariff", .integer(self.rates.tariff)),
            ("price", .integer(self.rates.price.value)),
            ("each", .integer(self.rates.each.value)), ("value", .integer(self.value.value)),
            ("carbon", .integer(self.rates.carbon)),
            ("factor", .integer(self.rates.factor.value)), ("co2e", .integer(self.co2e.value)),
            ("flags", .array(self.flags.sorted().map { .string($0.rawValue) })),
        ]
    }
}

extension OrderFact {
    fileprivate var fields: [(String, JSONValue)] {
        [
            ("order", .integer(self.order)), ("card", .string(self.card.description)),
            ("deposits", .integer(self.deposits)), ("mass", .integer(self.mass.value)),
            ("value", .integer(self.value.value)), ("co2e", .integer(self.co2e.value)),
            ("closed", .string(self.closed.rawValue)),
        ]
    }
}

extension CollectionFact {
    fileprivate var fields: [(String, JSONValue)] {
        [
            ("card", .string(self.card.description)),
            ("compartment", .string(self.compartment.text)),
            ("before", .integer(self.before.value)), ("after", .integer(self.after.value)),
            ("removed", .integer(self.removed.value)),
        ]
    }
}

extension UnattributedFact {
    fileprivate var fields: [(String, JSONValue)] {
        [
            ("compartment", .string(self.compartment.text)),
            ("before", .integer(self.before.value)), ("after", .integer(self.after.value)),
            ("delta", .integer(self.delta.value)), ("cause", .string(self.cause.rawValue)),
        ]
    }
}

extension BulletinFact {
    fileprivate var fields: [(String, JSONValue)] {
        [
            ("bulletin", .string(self.kind.rawValue)), ("version", .integer(self.version)),
            ("sha256", .string(self.sha256)),
        ]
    }
}

extension ConfigFact {
    fileprivate var fields: [(String, JSONValue)] {
        [
            ("sha256", .string(self.sha256)), ("by", .string(self.by)),
            ("action", .string(self.action.rawValue)),
        ]
    }
}

extension CalibrationFact {
    fileprivate var fields: [(String, JSONValue)] {
        [
            ("compartment", .string(self.compartment.text)), ("by", .string(self.by)),
            ("zero", .integer(self.zero)), ("span", .integer(self.span)),
            ("reference", .integer(self.reference.value)),
        ]
            + (self.converter.map { [("converter", .string($0))] } ?? [])
            + (self.seal.map {
                [("version", .string($0.version)), ("events", .integer($0.events))]
            } ?? [])
    }
}

extension FaultFact {
    /// The most bytes that are kept of each text. Three of them fit into a record even if every
    /// byte is escaped to six, so that no fault is too long to be recorded.
    private static let longestText = 200

    fileprivate var fields: [(String, JSONValue)] {
        [
            ("source", .string(self.source.beginning(upTo: Self.longestText))),
            ("code", .string(self.code.beginning(upTo: Self.longestText))),
            ("detail", .string(self.detail.beginning(upTo: Self.longestText))),
        ]
    }
}
