package import BinCore

/// Checks a journal's records one after the other against the laws of CONTRACT §3.
///
/// It sees only records: that nothing shown is lost (law 1) can't be seen in them.
package struct LawChecker: Hashable, Sendable {
    /// What the deposits of an order that isn't settled yet sum up to.
    package struct OpenOrder: Hashable, Sendable {
        package var card: CardNumber
        package var deposits: Int64 = 0
        package var mass = Grams.zero
        package var value = MicroYuan.zero
        package var co2e = MilligramsCO2e.zero
        package var masses: [Name: Grams] = [:]
        package var pieces: [Name: Int64] = [:]

        package init(card: CardNumber) { self.card = card }

        /// Adds a deposit; returns `false` if a sum exceeds 64 bits.
        package mutating func add(_ deposit: DepositFact) -> Bool {
            let value = self.value.value.addingReportingOverflow(deposit.value.value)
            let co2e = self.co2e.value.addingReportingOverflow(deposit.co2e.value)
            let pieces = self.pieces[deposit.compartment, default: 0]
                .addingReportingOverflow(deposit.pieces)
            guard !value.overflow, !co2e.overflow, !pieces.overflow else { return false }
            self.deposits += 1
            self.mass += deposit.mass
            self.value = MicroYuan(value.partialValue)
            self.co2e = MilligramsCO2e(co2e.partialValue)
            self.masses[deposit.compartment, default: .zero] += deposit.mass
            self.pieces[deposit.compartment] = pieces.partialValue
            return true
        }
    }

    /// The number of the last record that was checked.
    package private(set) var last: RecordNumber
    /// The `after` of each compartment's last weight-bearing record.
    package private(set) var levels: [Name: Grams]
    package private(set) var openOrders: [RecordNumber: OpenOrder]
    /// Whether a compartment without a level starts from 0. Not so after pruning.
    private let startsFromZero: Bool

    /// A journal from its first record.
    package init() {
        self.last = 0
        self.levels = [:]
        self.openOrders = [:]
        self.startsFromZero = true
    }

    /// A journal that goes on after record `last`.
    ///
    /// - Parameter startsFromZero: Whether a compartment that isn't in `levels` never had a record.
    package init(
        after last: RecordNumber, levels: [Name: Grams],
        openOrders: [RecordNumber: OpenOrder], startsFromZero: Bool
    ) {
        self.last = last
        self.levels = levels
        self.openOrders = openOrders
        self.startsFromZero = startsFromZero
    }

    /// Checks the next record.
    package mutating func check(_ record: Record) throws(LawViolation) {
        let seq = record.header.seq
        // 64 bits may come from outside: there is none after the last.
        let (next, ended) = self.last.addingReportingOverflow(1)
        guard !ended, seq == next else {
            throw LawViolation(
                seq: seq, law: .sequence, problem: "record \(self.last) came before it")
        }
        switch record.fact {
        case .opened(let fact): try self.open(fact, seq: seq)
        case .deposit(let fact): try self.deposit(fact, seq: seq)
        case .order(let fact): try self.settle(fact, seq: seq)
        case .collection(let fact):
            try self.move(fact.compartment, from: fact.before, to: fact.after, seq: seq)
        case .unattributed(let fact):
            try self.move(fact.compartment, from: fact.before, to: fact.after, seq: seq)
        case .boot, .clock, .refused, .bulletin, .config, .calibration, .fault, .cleared: break
        }
        self.last = seq
    }

    private mutating func open(
        _ fact: OpenedFact, seq: RecordNumber
    ) throws(LawViolation) {
        guard fact.order == seq else {
            throw LawViolation(
                seq: seq, law: .sequence, problem: "`order` is \(fact.order), not its own number")
        }
        self.openOrders[seq] = OpenOrder(card: fact.card)
    }

    private mutating func deposit(
        _ fact: DepositFact, seq: RecordNumber
    ) throws(LawViolation) {
        func breaks(_ law: LawViolation.Law, _ problem: String) -> LawViolation {
            LawViolation(seq: seq, law: law, problem: problem)
        }
        guard var order = self.openOrders[fact.order] else {
            throw breaks(.sequence, "order \(fact.order) isn't open")
        }
        guard order.card == fact.card else {
            throw breaks(.sequence, "order \(fact.order) was opened by another card")
        }
        let step = fact.division.value
        guard step > 0, fact.before.value % step == 0, fact.after.value % step == 0 else {
            throw breaks(.everyGram, "`before` and `after` must be whole divisions of \(step) g")
        }
        guard fact.rates.value(of: fact.mass, pieces: fact.pieces) == fact.value else {
            throw breaks(.everyCredit, "`value` isn't mass × price + pieces × each")
        }
        guard fact.rates.co2e(of: fact.mass) == fact.co2e else {
            throw breaks(.everyCredit, "`co2e` isn't mass × factor")
        }
        for flag in fact.flags.sorted() where !fact.rates.fit(flag) {
            throw breaks(.everyCredit, "`\(flag.rawValue)` earns nothing, and a rate isn't 0")
        }
        guard order.add(fact) else { throw breaks(.everyCredit, "the sum exceeds 64 bits") }
        guard order.masses[fact.compartment, default: .zero] >= .zero else {
            throw breaks(
                .everyGram, "order \(fact.order) took more out of \(fact.compartment) than in")
        }
        guard order.pieces[fact.compartment, default: 0] >= 0 else {
            throw breaks(
                .everyCredit,
                "order \(fact.order) took more pieces out of \(fact.compartment) than in")
        }
        try self.move(fact.compartment, from: fact.before, to: fact.after, seq: seq)
        self.openOrders[fact.order] = order
    }

    private mutating func settle(_ fact: OrderFact, seq: RecordNumber) throws(LawViolation) {
        guard let order = self.openOrders.removeValue(forKey: fact.order) else {
            throw LawViolation(
                seq: seq, law: .sequence, problem: "order \(fact.order) isn't open")
        }
        let agrees =
            order.card == fact.card && order.deposits == fact.deposits
            && order.mass == fact.mass && order.value == fact.value && order.co2e == fact.co2e
        guard agrees else {
            throw LawViolation(
                seq: seq, law: .everyCredit,
                problem: "the order isn't the sum of its \(order.deposits) deposits")
        }
    }

    private mutating func move(
        _ compartment: Name, from before: Grams, to after: Grams, seq: RecordNumber
    ) throws(LawViolation) {
        let level = self.levels[compartment] ?? (self.startsFromZero ? .zero : before)
        guard before == level else {
            throw LawViolation(
                seq: seq, law: .everyGram,
                problem:
                    "`before` of \(compartment) is \(before.value) g; the record before it left "
                    + "\(level.value) g")
        }
        self.levels[compartment] = after
    }
}

extension AppliedRates {
    /// Whether the rates that `flag` says nothing was earned at are 0 (CONTRACT §3).
    fileprivate func fit(_ flag: DepositFlag) -> Bool {
        let (noPrice, noFactor) = (self.price == .zero, self.factor == .zero)
        return switch flag {
        // Pieces are counted, not weighed: they earn below the scale's minimum too.
        case .belowMinimum: noPrice && noFactor
        case .overLimit: noPrice && self.each == .zero && noFactor
        case .noPrice: noPrice && self.each == .zero
        case .noFactor: noFactor
        case .unstable, .overload, .cardUnknown, .clockUnset, .recovered, .afterRemoval: true
        }
    }
}
