import BinCore
import Records
import Simulation
import Testing

/// A bin's machine on simulated load cells, in virtual time: `pet` on a transmitter with five
/// readings a second (30 kg, 5 g), `film` on an HX711 with ten conversions (30 kg, 10 g).
///
/// Every fact goes through the law checker, and the fold that a restart would start from.
struct PhysicsBench {
    private static let stepMs: Int64 = 100
    /// A transmitter delivers whole grams.
    private static let transmitterStep = Grams(1)
    private static let zeroCelsius = 20.0

    /// One compartment's scale and what truly acts on it.
    struct Place {
        let rules: BinRules.Compartment
        var cell: LoadCell
        /// What lies there.
        var load = Milligrams.zero
        /// What a hand presses with.
        var hand = Milligrams.zero
        /// Forces beyond the load at the last reading.
        fileprivate var last = Milligrams.zero
    }

    let pet: Name
    let film: Name
    let resident: CardNumber
    let neighbour: CardNumber
    let collector: CardNumber
    private let reader: Name
    let rules: BinRules
    private let rates: RateBook
    private var machine: BinMachine
    private(set) var places: [Name: Place]
    private(set) var nowMs: Int64 = 0
    private var random: SeededRandom
    private(set) var facts: [Fact] = []
    private(set) var laws = LawChecker()
    private(set) var fold = JournalFold()
    /// Around the bin.
    private(set) var celsius = Self.zeroCelsius
    private(set) var mostWarmth = 0.0
    var celsiusPerHour = 0.0

    init(seed: UInt64, idleMs: Int64 = 30_000) throws {
        self.pet = try name("pet")
        self.film = try name("film")
        self.reader = try name("front")
        self.resident = try card("uid:04A1B2C3")
        self.neighbour = try card("uid:04D4E5F6")
        self.collector = try card("uid:04C0FFEE")
        self.random = SeededRandom(seed: seed)
        let (bottle, foil) = (try name("pet-bottle"), try name("pe-film"))
        let compartments = [
            BinRules.Compartment(
                name: self.pet, material: bottle,
                limits: ScaleLimits(
                    capacity: Grams(30_000), division: Grams(5), minimum: Grams(20))),
            BinRules.Compartment(
                name: self.film, material: foil,
                limits: ScaleLimits(
                    capacity: Grams(30_000), division: Grams(10), minimum: Grams(40)),
                needsCalibration: true),
        ]
        self.rules = BinRules(compartments: compartments, idleMs: idleMs)
        self.rates = RateBook(tariffs: [
            Tariff(
                version: 1, effective: .epoch,
                prices: [bottle: PricePerTonne(2800), foil: PricePerTonne(900)])
        ])
        self.places = [:]
        for rules in compartments {
            var traits = LoadCellTraits()
            traits.noise = rules.needsCalibration ? 0.03 : 0.1
            self.places[rules.name] = Place(
                rules: rules,
                cell: LoadCell(
                    division: rules.limits.division, zeroCelsius: Self.zeroCelsius,
                    traits: traits))
        }
        self.machine = BinMachine(
            rules: self.rules, memory: BinMemory(), rates: self.rates, at: ms(0))
        try self.calibrate()
    }

    /// Calibrates the converter with 10 kg, and waits until the technician has left.
    private mutating func calibrate() throws {
        try self.wait(3_000)
        try self.calibrate(.zero)
        self.put(grams(10_000), self.film)
        try self.wait(3_000)
        try self.calibrate(.span(reference: Grams(10_000)))
        self.put(grams(-10_000), self.film)
        try self.wait(3_000)
        try self.pass(BinRules.serviceMs + 60_000)
    }

    mutating func calibrate(_ step: CalibrationStep) throws {
        let (_, facts) = try self.machine.calibrate(
            self.film, step, by: "technician", at: ms(self.nowMs))
        try self.record(facts)
    }

    private var moment: Moment {
        Moment(
            up: ms(self.nowMs),
            at: WallTime(millisecondsSince1970: 1_796_083_200_000 + self.nowMs), clock: .synced)
    }

    private mutating func send(_ event: BinMachine.Event) throws {
        try self.record(
            self.machine.handle(
                event, at: self.moment, nextSeq: RecordNumber(self.facts.count) + 1))
    }

    private mutating func record(_ facts: [Fact]) throws {
        for fact in facts {
            self.facts.append(fact)
            let header = RecordHeader(
                seq: RecordNumber(self.facts.count), boot: 1, moment: self.moment)
            let record = Record(header: header, fact: fact)
            try self.laws.check(record)
            self.fold.add(record)
        }
    }

    // MARK: What happens

    /// Lets time go by with every reading and conversion that is due.
    mutating func wait(_ duration: Int64) throws {
        let end = self.nowMs + duration
        while self.nowMs < end {
            self.advance(min(Self.stepMs, end - self.nowMs))
            try self.deliver(self.film)
            if self.nowMs / Self.stepMs % 2 == 0 { try self.deliver(self.pet) }
            try self.send(.tick)
        }
    }

    /// Lets hours go by, with two seconds of readings in every five minutes.
    mutating func pass(_ duration: Int64) throws {
        let end = self.nowMs + duration
        while self.nowMs + 300_000 < end {
            self.advance(298_000)
            try self.wait(2_000)
        }
        try self.wait(min(12_000, end - self.nowMs))
        self.advance(max(0, end - self.nowMs - 2_000))
        try self.wait(2_000)
    }

    private mutating func advance(_ duration: Int64) {
        self.nowMs += duration
        self.celsius += self.celsiusPerHour * Double(duration) / 3_600_000
        self.mostWarmth = max(self.mostWarmth, abs(self.celsius - Self.zeroCelsius))
    }

    private mutating func deliver(_ name: Name) throws {
        guard var place = self.places[name] else { return }
        let force = place.load + place.hand
        let seen = place.cell.indicate(
            force, celsius: self.celsius, at: ms(self.nowMs), random: &self.random)
        self.places[name] = place
        if place.rules.needsCalibration {
            let noise = (self.random.gaussian() * 21.5).rounded()
            let counts = CellConverter.counts(of: seen, limits: place.rules.limits)
            try self.send(
                .converted(
                    compartment: name,
                    Conversion(counts: counts + Int64(noise), at: ms(self.nowMs))))
        } else {
            let mass = seen.rounded(to: Self.transmitterStep).milligrams
            try self.send(
                .reading(
                    compartment: name,
                    Reading(mass: mass, isStable: nil, condition: .normal, at: ms(self.nowMs))))
        }
    }

    /// Drops something, or takes it out: at most what is there. Returns what moved.
    @discardableResult
    mutating func put(_ mass: Milligrams, _ name: Name) -> Milligrams {
        guard let place = self.places[name] else { return .zero }
        let change = max(mass, .zero - place.load)
        self.places[name]?.load = place.load + change
        self.places[name]?.cell.strike(change, at: ms(self.nowMs))
        return change
    }

    /// Drops something and waits until it is weighed.
    mutating func drop(_ grams: Int64, _ name: Name) throws {
        self.put(Grams(grams).milligrams, name)
        try self.wait(3_000)
    }

    mutating func press(_ mass: Milligrams, _ name: Name) { self.places[name]?.hand = mass }
    mutating func slam(_ mass: Milligrams, _ name: Name) {
        self.places[name]?.cell.shock(mass, at: ms(self.nowMs))
    }
    /// Wind with a standard deviation in divisions; 0 is calm.
    mutating func blow(_ divisions: Double, _ name: Name) {
        self.places[name]?.cell.traits.wind = divisions
    }

    mutating func tap(_ card: CardNumber) throws {
        try self.send(
            .presented(
                card, role: card == self.collector ? .collector : .resident, reader: self.reader,
                creditedToday: .zero))
    }

    /// The daemon dies, and comes back from what is durable.
    mutating func restart(mayCredit: Bool) {
        var memory = self.fold.memory
        memory.mayCredit = mayCredit
        self.machine = BinMachine(
            rules: self.rules, memory: memory, rates: self.rates, at: ms(self.nowMs))
    }

    // MARK: What came of it

    var deposits: [DepositFact] {
        self.facts.compactMap { if case .deposit(let fact) = $0 { fact } else { nil } }
    }
    var orders: [OrderFact] {
        self.facts.compactMap { if case .order(let fact) = $0 { fact } else { nil } }
    }
    var unattributed: [UnattributedFact] {
        self.facts.compactMap { if case .unattributed(let fact) = $0 { fact } else { nil } }
    }
    var collections: [CollectionFact] {
        self.facts.compactMap { if case .collection(let fact) = $0 { fact } else { nil } }
    }

    /// The `after` of a compartment's last record.
    func level(_ name: Name) -> Grams { self.fold.memory.compartments[name]?.level ?? .zero }

    /// Σ mass − Σ removed + Σ unattributed.
    func sum(_ name: Name) -> Grams {
        self.facts.reduce(Grams.zero) { sum, fact in
            switch fact {
            case .deposit(let fact) where fact.compartment == name: sum + fact.mass
            case .collection(let fact) where fact.compartment == name: sum - fact.removed
            case .unattributed(let fact) where fact.compartment == name: sum + fact.delta
            default: sum
            }
        }
    }

    /// How far a scale may be from its load: what its zero drifts in the warmth that there was, and
    /// what it creeps.
    func allowance(_ name: Name) -> Milligrams {
        guard let place = self.places[name] else { return .zero }
        let division = Double(place.rules.limits.division.milligrams.value)
        let drift = self.mostWarmth * place.cell.traits.drift * division
        let creep = 30_000_000 * place.cell.traits.creep
        return Milligrams(Int64(drift + creep))
    }
}
