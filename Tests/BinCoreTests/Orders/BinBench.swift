import BinCore
import Records
import Testing

func name(_ text: String) throws -> Name { try #require(Name(text)) }
func card(_ text: String) throws -> CardNumber { try #require(CardNumber(text)) }

/// A bin in virtual time: scales that say what lies on them, cards, and the machine between them.
///
/// Every fact goes through the law checker, and the fold that a restart would start from.
struct BinBench {
    static let readingEveryMs: Int64 = 200

    let rules: BinRules
    let pet: Name
    let film: Name
    let reader: Name
    let resident: CardNumber
    let neighbour: CardNumber
    var rates = RateBook()
    var clock = ClockState.synced
    private(set) var machine: BinMachine
    private(set) var nowMs: Int64 = 10_000
    private(set) var facts: [Fact] = []
    private(set) var laws = LawChecker()
    private(set) var fold = JournalFold()
    /// What lies in each compartment, milligrams.
    var loads: [Name: Int64] = [:]
    /// What each scale shows beyond its load, milligrams, and by how much that grows in a minute.
    var drift: [Name: Int64] = [:]
    var driftPerMinute: [Name: Int64] = [:]
    /// Scales that don't answer.
    var silent: Set<Name> = []
    /// Added to each reading in turn, milligrams: a scale in motion.
    var shaking: [Name: [Int64]] = [:]
    private var turn = 0

    /// What `pet`'s converter delivers for a mass in grams, if it is on one.
    private let converter: ((Int64) -> Int64)?

    init(
        division: Int64 = 5, minimum: Int64 = 20, idleMs: Int64 = 30_000,
        converter: ((Int64) -> Int64)? = nil
    ) throws {
        self.converter = converter
        self.pet = try name("pet")
        self.film = try name("film")
        self.reader = try name("front")
        self.resident = try card("uid:04A1B2C3")
        self.neighbour = try card("uid:04D4E5F6")
        let limits = ScaleLimits(
            capacity: Grams(30_000), division: Grams(division), minimum: Grams(minimum))
        self.rules = BinRules(
            compartments: [
                BinRules.Compartment(
                    name: self.pet, material: try name("pet-bottle"), limits: limits,
                    needsCalibration: converter != nil),
                BinRules.Compartment(
                    name: self.film, material: try name("pe-film"), limits: limits),
            ], idleMs: idleMs)
        self.rates.tariffs = [
            Tariff(
                version: 7, effective: .epoch,
                prices: [
                    try name("pet-bottle"): PricePerTonne(2800),
                    try name("pe-film"): PricePerTonne(900),
                ])
        ]
        self.rates.carbonSets = [
            CarbonSet(
                version: 3, effective: .epoch,
                factors: [try name("pet-bottle"): CarbonFactor(1164)])
        ]
        self.loads = [self.pet: 0, self.film: 0]
        self.machine = BinMachine(
            rules: self.rules, memory: BinMemory(), rates: self.rates,
            at: BootInstant(milliseconds: self.nowMs))
    }

    var now: BootInstant { BootInstant(milliseconds: self.nowMs) }
    var moment: Moment {
        Moment(
            up: self.now,
            at: WallTime(millisecondsSince1970: 1_790_000_000_000 + self.nowMs),
            clock: self.clock)
    }
    var view: BinView { self.machine.view(at: self.now) }
    var scaleFaults: [FaultFact] { self.machine.scaleFaults }

    /// Hands an event to the machine, and what it writes to the laws.
    mutating func send(_ event: BinMachine.Event) throws {
        try self.record(
            self.machine.handle(
                event, at: self.moment, nextSeq: RecordNumber(self.facts.count) + 1))
    }

    /// A step of a technician's calibration.
    mutating func calibrate(_ compartment: Name, _ step: CalibrationStep) throws {
        let (_, facts) = try self.machine.calibrate(
            compartment, step, by: "technician", at: self.now)
        try self.record(facts)
    }

    /// Calibrates `pet` with 10 kg, takes these out, and waits until its scale is in service.
    mutating func calibrate() throws {
        try self.settle()
        try self.calibrate(self.pet, .zero)
        self.put(10_000, self.pet)
        try self.settle()
        try self.calibrate(self.pet, .span(reference: Grams(10_000)))
        self.put(-10_000, self.pet)
        try self.wait(20_000)
        self.pause(BinRules.serviceMs)
        try self.settle()
    }

    /// Lets time go by without a reading.
    mutating func pause(_ ms: Int64) { self.nowMs += ms }

    private mutating func record(_ facts: [Fact]) throws {
        for fact in facts {
            self.facts.append(fact)
            let header = RecordHeader(
                seq: RecordNumber(self.facts.count), boot: 1, moment: self.moment)
            let record = Record(header: header, fact: fact)
            try self.laws.check(try Record(bytes: try record.encoded()))
            self.fold.add(record)
        }
    }

    /// Lets time go by, with a reading of each scale that answers every 200 ms.
    mutating func wait(_ ms: Int64) throws {
        let end = self.nowMs + ms
        while self.nowMs < end {
            let stepMs = min(Self.readingEveryMs, end - self.nowMs)
            self.nowMs += stepMs
            for (name, rate) in self.driftPerMinute {
                let before = self.nowMs - stepMs
                self.drift[name, default: 0] +=
                    rate * self.nowMs / 60_000 - rate * before / 60_000
            }
            self.turn += 1
            for name in [self.film, self.pet] where !self.silent.contains(name) {
                let moves = self.shaking[name] ?? [0]
                let mass = self.shown(name) + moves[self.turn % moves.count]
                if name == self.pet, let converter = self.converter {
                    let counts = converter(mass / 1000)
                    try self.send(
                        .converted(
                            compartment: name, Conversion(counts: counts, at: self.now)))
                    continue
                }
                let reading = Reading(
                    mass: Milligrams(mass), isStable: nil, condition: .normal, at: self.now)
                try self.send(.reading(compartment: name, reading))
            }
            try self.send(.tick)
        }
    }

    /// What a scale at rest shows, milligrams.
    func shown(_ name: Name) -> Int64 { (self.loads[name] ?? 0) + (self.drift[name] ?? 0) }

    /// The `after` of a compartment's last record, grams.
    func level(_ name: Name) -> Int64 {
        (self.fold.memory.compartments[name]?.level ?? .zero).value
    }

    /// Long enough for any weight to be stable.
    mutating func settle() throws { try self.wait(2_000) }

    mutating func put(_ grams: Int64, _ compartment: Name) {
        self.loads[compartment, default: 0] += grams * 1000
    }

    mutating func tap(_ card: CardNumber, role: Role = .resident, today: Int64 = 0) throws {
        try self.send(
            .presented(card, role: role, reader: self.reader, creditedToday: Grams(today)))
    }

    /// Puts something in and waits until it is weighed.
    mutating func drop(_ grams: Int64, _ compartment: Name) throws {
        self.put(grams, compartment)
        try self.settle()
    }

    /// The daemon dies, and comes back from what is durable.
    mutating func restart(
        mayCredit: Bool, afterMs: Int64 = 0, rules: BinRules? = nil, isSwitchedOn: Bool = false
    ) {
        self.nowMs += afterMs
        var memory = self.fold.memory
        memory.mayCredit = mayCredit
        memory.isSwitchedOn = isSwitchedOn
        self.machine = BinMachine(
            rules: rules ?? self.rules, memory: memory, rates: self.rates, at: self.now)
    }

    /// What the journal says after a restart, see `BinMachine.recall(creditedToday:)`.
    mutating func recall(creditedToday grams: Int64) {
        self.machine.recall(creditedToday: Grams(grams))
    }

    mutating func use(_ rates: RateBook) {
        self.rates = rates
        self.machine.rates = rates
    }

    var deposits: [DepositFact] {
        self.facts.compactMap { if case .deposit(let fact) = $0 { fact } else { nil } }
    }
    var orders: [OrderFact] {
        self.facts.compactMap { if case .order(let fact) = $0 { fact } else { nil } }
    }
    var unattributed: [UnattributedFact] {
        self.facts.compactMap { if case .unattributed(let fact) = $0 { fact } else { nil } }
    }
    var refused: [RefusedFact.Reason] {
        self.facts.compactMap { if case .refused(let fact) = $0 { fact.reason } else { nil } }
    }
    var calibrations: [CalibrationFact] {
        self.facts.compactMap { if case .calibration(let fact) = $0 { fact } else { nil } }
    }
    var collections: [CollectionFact] {
        self.facts.compactMap { if case .collection(let fact) = $0 { fact } else { nil } }
    }
}
