import BinCore
import Console
import Records

/// What a busy bin remembers of resident after resident: an order of three deposits each.
struct Visits {
    static let device = "bench-1"
    static let commitsPerOrder = 5

    private let card: CardNumber
    private let reader: Name
    private let compartment: Name
    private let material: Name
    private let rates = AppliedRates(
        tariff: 7, price: PricePerTonne(2800), each: .zero, carbon: 3,
        factor: CarbonFactor(1533))
    private var level = Grams.zero

    init() throws(Failure) {
        guard let card = CardNumber("w34:00A1B2C3"), let reader = Name("front"),
            let compartment = Name("pet"), let material = Name("pet-bottle")
        else { throw Failure("the benchmark's own names are wrong", .internalError) }
        self.card = card
        self.reader = reader
        self.compartment = compartment
        self.material = material
    }

    /// The facts of the next order, each of which is committed by itself.
    mutating func next(opening order: RecordNumber) -> [Fact] {
        let deposits = [Grams(40), Grams(125), Grams(335)].map { self.deposit($0, in: order) }
        let opened = OpenedFact(
            order: order, card: self.card, role: .resident, reader: self.reader)
        let sum = OrderFact(
            order: order, card: self.card, deposits: Int64(deposits.count),
            mass: deposits.reduce(.zero) { $0 + $1.mass },
            value: deposits.reduce(.zero) { $0 + $1.value },
            co2e: deposits.reduce(.zero) { $0 + $1.co2e }, closed: .tap)
        return [.opened(opened)] + deposits.map { .deposit($0) } + [.order(sum)]
    }

    private mutating func deposit(_ mass: Grams, in order: RecordNumber) -> DepositFact {
        let before = self.level
        self.level += mass
        return DepositFact(
            order: order, card: self.card, compartment: self.compartment, material: self.material,
            before: before, after: self.level, division: Grams(5), pieces: 0, rates: self.rates,
            value: MicroYuan(mass.value * self.rates.price.value),
            co2e: MilligramsCO2e(mass.value * self.rates.factor.value), flags: [])
    }
}
