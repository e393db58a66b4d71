package import BinCore

/// What a journal's records add up to: the memory that the machine starts from.
package struct JournalFold: Hashable, Sendable {
    package private(set) var memory: BinMemory
    /// Where the open order's last record stands in time.
    package private(set) var lastOrderHeader: RecordHeader?

    package init(_ memory: BinMemory = BinMemory()) { self.memory = memory }

    package mutating func add(_ record: Record) {
        switch record.fact {
        case .opened(let fact):
            self.memory.openOrder = OpenOrder(fact)
            self.lastOrderHeader = record.header
        case .deposit(let fact):
            self.lastOrderHeader = record.header
            let isAfter = fact.flags.contains(.afterRemoval)
            let madeGood = self.memory.removed.makeGood(
                isAfter ? max(.zero, fact.mass) : .zero, into: fact.compartment)
            let missing = self.memory.openOrder?.add(fact, madeGood: madeGood) ?? .zero
            self.memory.removed.add(missing, from: fact.compartment)
            self.change(fact.compartment) { $0.level = fact.after }
        case .order:
            self.memory.openOrder = nil
            self.lastOrderHeader = nil
        case .collection(let fact):
            self.change(fact.compartment) { $0.level = fact.after }
        case .unattributed(let fact):
            self.change(fact.compartment) { $0.level = fact.after }
            self.memory.removed.add(fact.takenOut, from: fact.compartment)
            if fact.cause == .removal {
                self.memory.openOrder?.owe(-fact.delta, in: fact.compartment)
            }
        case .calibration(let fact):
            let new = Calibration(fact)
            self.change(fact.compartment) { compartment in
                // Only a known mass changes span or reference; a zero alone stays near the old one.
                let isZeroOnly =
                    compartment.calibration?.span == new?.span
                    && compartment.calibration?.reference == new?.reference
                    && compartment.calibration?.fits(new?.converter) ?? true
                if !isZeroOnly { compartment.calibratedZero = new?.zero }
                compartment.calibration = new
            }
            if let seal = fact.seal { self.memory.legal?.events = seal.events }
        case .boot(let fact): self.memory.legal = fact.legal ?? self.memory.legal
        case .fault(let fault): self.open(fault)
        case .cleared(let fault): self.memory.openFaults[fault.source] = nil
        case .clock, .refused, .bulletin, .config: break
        }
    }

    /// What was lost doesn't come back: that is no state of a part.
    private mutating func open(_ fault: FaultFact) {
        let isKnown = self.memory.openFaults[fault.source] != nil
        guard fault.code != "lost",
            isKnown || self.memory.openFaults.count < BinMemory.mostFaults
        else { return }
        self.memory.openFaults[fault.source] = fault
    }

    private mutating func change(
        _ name: Name, _ change: (inout BinMemory.Compartment) -> Void
    ) {
        change(&self.memory.compartments[name, default: BinMemory.Compartment()])
    }
}

extension BinMemory {
    /// The compartments as JSON, for a summary that spares a start reading the whole journal.
    package var summary: JSONValue {
        let members = self.compartments.sorted { $0.key < $1.key }.map { name, compartment in
            var value = JSONObject([
                ("level", .integer(compartment.level.value)),
                ("removed", .integer(self.removed[name].value)),
            ])
            if let calibration = compartment.calibration {
                value["calibration"] = .object(calibration.summary)
            }
            if let zero = compartment.calibratedZero { value["calibrated-zero"] = .integer(zero) }
            return (name.text, JSONValue.object(value))
        }
        var summary = JSONObject(members)
        if let legal = self.legal {
            var mark = JSONObject([
                ("parameters", .string(legal.parameters)), ("events", .integer(legal.events)),
            ])
            if let software = legal.software { mark["software"] = .string(software) }
            summary[Self.legalKey] = .object(mark)
        }
        if !self.openFaults.isEmpty {
            let faults = self.openFaults.sorted { $0.key < $1.key }.map { source, fault in
                let words = [("code", fault.code), ("detail", fault.detail)]
                return (source, JSONValue.object(JSONObject(words.map { ($0, .string($1)) })))
            }
            summary[Self.faultsKey] = .object(JSONObject(faults))
        }
        return .object(summary)
    }

    /// No compartment can have these names.
    private static let legalKey = "#legal"
    private static let faultsKey = "#faults"

    /// Reads what `summary` wrote; `nil` if it is anything else.
    package init?(summary: JSONValue) {
        guard let object = summary.object else { return nil }
        self.init()
        for member in object.members {
            if member.key == Self.legalKey {
                guard let parameters = member.value.object?["parameters"]?.string,
                    let events = member.value.object?["events"]?.integer
                else { return nil }
                self.legal = LegalMark(
                    parameters: parameters, software: member.value.object?["software"]?.string,
                    events: events)
                continue
            }
            if member.key == Self.faultsKey {
                guard let faults = Self.faults(member.value) else { return nil }
                self.openFaults = faults
                continue
            }
            guard let name = Name(member.key), let level = member.value.object?["level"]?.integer,
                let removed = member.value.object?["removed"]?.integer
            else { return nil }
            var compartment = Compartment(level: Grams(level))
            self.removed.add(Grams(removed), from: name)
            if let value = member.value.object?["calibration"] {
                guard let calibration = Calibration(summary: value) else { return nil }
                compartment.calibration = calibration
            }
            compartment.calibratedZero = member.value.object?["calibrated-zero"]?.integer
            self.compartments[name] = compartment
        }
    }
}

extension BinMemory {
    private static func faults(_ value: JSONValue) -> [String: FaultFact]? {
        guard let members = value.object?.members else { return nil }
        var faults: [String: FaultFact] = [:]
        for member in members {
            guard let code = member.value.object?["code"]?.string,
                let detail = member.value.object?["detail"]?.string
            else { return nil }
            faults[member.key] = FaultFact(source: member.key, code: code, detail: detail)
        }
        return faults
    }
}

extension Calibration {
    /// The line that a record holds; `nil` if its figures are no line.
    fileprivate init?(_ fact: CalibrationFact) {
        self.init(
            zero: fact.zero, span: fact.span, reference: fact.reference,
            converter: fact.converter)
    }

    fileprivate var summary: JSONObject {
        var object = JSONObject([
            ("zero", .integer(self.zero)), ("span", .integer(self.span)),
            ("reference", .integer(self.reference.value)),
        ])
        if let converter = self.converter { object["converter"] = .string(converter) }
        return object
    }

    fileprivate init?(summary: JSONValue) {
        guard let object = summary.object, let zero = object["zero"]?.integer,
            let span = object["span"]?.integer, let reference = object["reference"]?.integer
        else { return nil }
        self.init(
            zero: zero, span: span, reference: Grams(reference),
            converter: object["converter"]?.string)
    }
}
