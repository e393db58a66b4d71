import BinCore
import Records
import Testing

/// A bin with three compartments and two readers that writes lawful records at random.
struct RandomBin {
    private struct Open {
        var number: RecordNumber
        var card: CardNumber
        var deposits: [DepositFact] = []

        func mass(in compartment: Name) -> Grams {
            self.deposits.filter { $0.compartment == compartment }
                .reduce(.zero) { $0 + $1.mass }
        }
    }

    private var random: FixedSequence
    private var seq: RecordNumber = 0
    private var levels: [Grams] = [.zero, .zero, .zero]
    private var open: [Open?] = [nil, nil]
    private let compartments: [Name]
    private let cards: [CardNumber]
    private let divisions = [Grams(1), Grams(5), Grams(20)]

    init(seed: UInt64) throws {
        self.random = FixedSequence(state: seed)
        self.compartments = try ["pet", "film", "can"].map { try #require(Name($0)) }
        self.cards = try ["w26:00A1B2", "uid:04A1B2C3D4E5F6"].map {
            try #require(CardNumber($0))
        }
    }

    mutating func next() -> Record {
        self.seq += 1
        let moment = Moment(
            up: BootInstant(milliseconds: self.seq * 500),
            at: WallTime(millisecondsSince1970: self.seq * 500), clock: .synced)
        return Record(
            header: RecordHeader(seq: self.seq, boot: 1, moment: moment), fact: self.fact())
    }

    private mutating func fact() -> Fact {
        let reader = Int.random(in: 0..<2, using: &self.random)
        let index = Int.random(in: 0..<3, using: &self.random)
        switch (Int.random(in: 0..<10, using: &self.random), self.open[reader]) {
        case (0, let order?):
            self.open[reader] = nil
            return .order(self.sum(of: order))
        case (1...6, nil):
            self.open[reader] = Open(number: self.seq, card: self.cards[reader])
            return .opened(
                OpenedFact(
                    order: self.seq, card: self.cards[reader], role: .resident,
                    reader: self.compartments[0]))
        case (1...6, var order?):
            let deposit = self.deposit(index, of: order)
            order.deposits.append(deposit)
            self.open[reader] = order
            return .deposit(deposit)
        case (7, _):
            let before = self.levels[index]
            self.levels[index] = .zero
            return .collection(
                CollectionFact(
                    card: self.cards[1], compartment: self.compartments[index], before: before,
                    after: .zero))
        default:
            let before = self.levels[index]
            self.levels[index] += self.step(index, in: -20...20)
            return .unattributed(
                UnattributedFact(
                    compartment: self.compartments[index], before: before,
                    after: self.levels[index], cause: .drift))
        }
    }

    private mutating func step(_ index: Int, in range: ClosedRange<Int64>) -> Grams {
        Grams(Int64.random(in: range, using: &self.random) * self.divisions[index].value)
    }

    private mutating func deposit(_ index: Int, of order: Open) -> DepositFact {
        let compartment = self.compartments[index]
        let least = order.mass(in: compartment).value / self.divisions[index].value
        let before = self.levels[index]
        self.levels[index] += self.step(index, in: -least...200)
        let rates = AppliedRates(
            tariff: 1, price: PricePerTonne(Int64.random(in: 0...9_000, using: &self.random)),
            each: PricePerPiece(40_000), carbon: 1,
            factor: CarbonFactor(Int64.random(in: 0...2_000, using: &self.random)))
        let pieces = Int64.random(in: 0...3, using: &self.random)
        let mass = self.levels[index] - before
        return DepositFact(
            order: order.number, card: order.card, compartment: compartment,
            material: compartment, before: before, after: self.levels[index],
            division: self.divisions[index], pieces: pieces, rates: rates,
            value: rates.value(of: mass, pieces: pieces) ?? .zero,
            co2e: rates.co2e(of: mass) ?? .zero, flags: [])
    }

    private func sum(of order: Open) -> OrderFact {
        OrderFact(
            order: order.number, card: order.card, deposits: Int64(order.deposits.count),
            mass: order.deposits.reduce(.zero) { $0 + $1.mass },
            value: order.deposits.reduce(.zero) { $0 + $1.value },
            co2e: order.deposits.reduce(.zero) { $0 + $1.co2e }, closed: .tap)
    }
}
