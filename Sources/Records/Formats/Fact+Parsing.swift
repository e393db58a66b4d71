import BinCore

extension Fact {
    /// Reads a fact by the record's `kind`.
    ///
    /// A figure that another one determines (`mass`, `removed`, `delta`) must be there and agree:
    /// what disagrees is reported by its name.
    init(_ fields: RecordFields) throws(RecordError) {
        let kind = try fields.string("kind")
        switch kind {
        case "boot": self = .boot(try BootFact(fields))
        case "clock":
            self = .clock(ClockFact(from: try fields.time("from"), to: try fields.time("to")))
        case "opened": self = .opened(try OpenedFact(fields))
        case "deposit": self = .deposit(try DepositFact(fields))
        case "order": self = .order(try OrderFact(fields))
        case "refused":
            self = .refused(
                RefusedFact(card: try fields.card("card"), reason: try fields.choice("reason")))
        case "collection": self = .collection(try CollectionFact(fields))
        case "unattributed": self = .unattributed(try UnattributedFact(fields))
        case "bulletin": self = .bulletin(try BulletinFact(fields))
        case "config": self = .config(try ConfigFact(fields))
        case "calibration": self = .calibration(try CalibrationFact(fields))
        case "fault": self = .fault(try FaultFact(fields))
        case "cleared": self = .cleared(try FaultFact(fields))
        default: throw .kind(kind)
        }
    }
}

extension BootFact {
    fileprivate init(_ fields: RecordFields) throws(RecordError) {
        self.init(
            version: try fields.string("version"), config: try fields.string("config"),
            reason: try fields.choice("reason"))
        if fields.object["parameters"] != nil {
            self.legal = LegalMark(
                parameters: try fields.string("parameters"),
                software: Steelyard.software(in: self.version),
                events: try fields.integer("events", in: 0...Int64.max - 1))
        }
    }
}

extension OpenedFact {
    fileprivate init(_ fields: RecordFields) throws(RecordError) {
        self.init(
            order: try fields.integer("order", in: 1...Int64.max), card: try fields.card("card"),
            role: try fields.choice("role"), reader: try fields.name("reader"))
    }
}

extension DepositFact {
    fileprivate init(_ fields: RecordFields) throws(RecordError) {
        let rates = AppliedRates(
            tariff: try fields.integer("tariff", in: 0...Int64.max),
            price: PricePerTonne(try fields.integer("price", in: PricePerTonne.allowed)),
            each: PricePerPiece(try fields.integer("each", in: PricePerPiece.allowed)),
            carbon: try fields.integer("carbon", in: 0...Int64.max),
            factor: CarbonFactor(try fields.integer("factor", in: CarbonFactor.allowed)))
        self.init(
            order: try fields.integer("order", in: 1...Int64.max), card: try fields.card("card"),
            compartment: try fields.name("compartment"), material: try fields.name("material"),
            before: try fields.grams("before"), after: try fields.grams("after"),
            division: Grams(try fields.integer("division", in: 1...1_000_000)),
            pieces: try fields.integer("pieces", in: -1_000_000...1_000_000), rates: rates,
            value: MicroYuan(try fields.integer("value")),
            co2e: MilligramsCO2e(try fields.integer("co2e")), flags: try fields.choices("flags"))
        guard try fields.grams("mass") == self.mass else { throw .field("mass") }
    }
}

extension OrderFact {
    fileprivate init(_ fields: RecordFields) throws(RecordError) {
        self.init(
            order: try fields.integer("order", in: 1...Int64.max), card: try fields.card("card"),
            deposits: try fields.integer("deposits", in: 0...Int64.max),
            mass: try fields.grams("mass"), value: MicroYuan(try fields.integer("value")),
            co2e: MilligramsCO2e(try fields.integer("co2e")), closed: try fields.choice("closed"))
    }
}

extension CollectionFact {
    fileprivate init(_ fields: RecordFields) throws(RecordError) {
        self.init(
            card: try fields.card("card"), compartment: try fields.name("compartment"),
            before: try fields.grams("before"), after: try fields.grams("after"))
        guard try fields.grams("removed") == self.removed else { throw .field("removed") }
    }
}

extension UnattributedFact {
    fileprivate init(_ fields: RecordFields) throws(RecordError) {
        self.init(
            compartment: try fields.name("compartment"), before: try fields.grams("before"),
            after: try fields.grams("after"), cause: try fields.choice("cause"))
        guard try fields.grams("delta") == self.delta else { throw .field("delta") }
    }
}

extension BulletinFact {
    fileprivate init(_ fields: RecordFields) throws(RecordError) {
        self.init(
            kind: try fields.choice("bulletin"),
            version: try fields.integer("version", in: 1...Int64.max),
            sha256: try fields.string("sha256"))
    }
}

extension ConfigFact {
    fileprivate init(_ fields: RecordFields) throws(RecordError) {
        self.init(
            sha256: try fields.string("sha256"), by: try fields.string("by"),
            action: try fields.choice("action"))
    }
}

extension CalibrationFact {
    fileprivate init(_ fields: RecordFields) throws(RecordError) {
        self.init(
            compartment: try fields.name("compartment"), by: try fields.string("by"),
            zero: try fields.integer("zero"), span: try fields.integer("span"),
            reference: try fields.grams("reference"))
        if fields.object["converter"] != nil { self.converter = try fields.string("converter") }
        if fields.object["version"] != nil {
            self.seal = Seal(
                version: try fields.string("version"),
                events: try fields.integer("events", in: 1...Int64.max - 1))
        }
    }
}

extension FaultFact {
    fileprivate init(_ fields: RecordFields) throws(RecordError) {
        self.init(
            source: try fields.string("source"), code: try fields.string("code"),
            detail: try fields.string("detail"))
    }
}
