import BinCore
import CrashKit
import Records

/// What the bin's records say, record after record: checked against the laws, the tariffs that were
/// published, the true time, and what residents were shown.
struct Ledger {
    /// What the records say of one card.
    struct Card {
        var orders: Int64 = 0
        var deposits: Int64 = 0
        /// Grams of all deposits, and of those that were paid.
        var mass: Int64 = 0
        var paid: Int64 = 0
        var value: Int64 = 0
        var co2e: Int64 = 0
    }

    /// What was published, by version.
    struct Published {
        var tariffs: [Int64: (effective: WallTime, prices: [Name: Int64])] = [:]
        /// What a card may be paid for a day, grams.
        var limits: [Int64: Int64] = [:]
    }

    private static let stepMs: Int64 = 2

    var published = Published()
    private(set) var laws = LawChecker()
    private(set) var chain: Digest256
    private(set) var cards: [CardNumber: Card] = [:]
    private(set) var collections: Int64 = 0
    /// What collectors took out, grams.
    private(set) var collected: Int64 = 0
    /// The last record of each start of the machine that says how far its clock was off.
    private var clocks: [Int64: RecordNumber] = [:]
    private(set) var orders: Int64 = 0
    private(set) var deposits: Int64 = 0
    /// When each record was made in truth, in the story's time.
    private(set) var times: [Int64] = []
    /// The versions that the bin adopted.
    private var tariffs: [Int64] = []
    private var limit: Int64?
    /// What each card was paid on the day that is going on, by the clock's own word.
    private var today: (day: Int64, paid: [CardNumber: Int64]) = (0, [:])

    init(of device: DeviceID) { self.chain = HashChain.start(of: device) }

    var last: RecordNumber { self.laws.last }

    /// When record `seq` was made.
    func time(of seq: RecordNumber) -> Int64? {
        let index = Int(seq) - 1
        return self.times.indices.contains(index) ? self.times[index] : nil
    }

    /// Whether the journal itself tells how far the time of that record is off.
    func isCorrectable(_ header: RecordHeader) -> Bool {
        header.clock == .unset && header.seq < self.clocks[header.boot] ?? 0
    }

    /// Takes the next records.
    ///
    /// - Parameters:
    ///   - shown: What residents saw since the last call: all of it must be among them.
    ///   - starts: When each start of the machine began.
    mutating func take(
        _ bodies: [[UInt8]], shown: [YearWitness.Shown], starts: [Int64: Int64]
    ) throws {
        var wanted = Set(shown)
        for body in bodies {
            let record = try Record(bytes: body)
            try self.laws.check(record)
            self.chain = HashChain.link(self.chain, body)
            try self.note(record, starts)
            switch record.fact {
            case .deposit(let fact):
                try self.add(fact, record.header)
                wanted.remove(.deposit(fact))
            case .order(let fact):
                self.add(fact)
                wanted.remove(.order(fact))
            case .collection(let fact):
                self.collections += 1
                self.collected += fact.before.value - fact.after.value
            case .clock: self.clocks[record.header.boot] = record.header.seq
            case .bulletin(let fact): self.adopt(fact)
            case .boot, .opened, .refused, .unattributed, .config, .calibration, .fault,
                .cleared:
                break
            }
        }
        guard let lost = wanted.first else { return }
        throw Finding("was shown and is not recorded: \(lost)")
    }

    /// Each record stands where its own figures say in the true time.
    private mutating func note(_ record: Record, _ starts: [Int64: Int64]) throws {
        let header = record.header
        guard let start = starts[header.boot] else {
            throw Finding("record \(header.seq) belongs to start \(header.boot), which never was")
        }
        let time = start + header.up.milliseconds
        guard time >= self.times.last ?? 0 else {
            throw Finding("record \(header.seq) is earlier than the one before it")
        }
        let isRight =
            abs(header.at.millisecondsSince1970 - Truth.beginsMs - time) <= Self.stepMs
        guard header.clock != .synced || isRight else {
            throw Finding("record \(header.seq) is from \(header.at.rfc3339), which it wasn't")
        }
        self.times.append(time)
    }

    private mutating func add(_ fact: DepositFact, _ header: RecordHeader) throws {
        self.deposits += 1
        var card = self.cards[fact.card] ?? Card()
        card.deposits += 1
        card.mass += fact.mass.value
        if fact.rates.price != .zero {
            card.paid += fact.mass.value
            try self.checkRate(of: fact, header)
            try self.checkLimit(of: fact, header)
        }
        self.cards[fact.card] = card
    }

    /// What came in is paid by the tariff in force: the newest one adopted while nobody has set the
    /// clock, and otherwise the newest whose time has come.
    private func checkRate(of fact: DepositFact, _ header: RecordHeader) throws {
        guard fact.mass > .zero else { return }
        let candidates = self.tariffs.filter { version in
            header.clock == .unset
                || (self.published.tariffs[version]?.effective ?? .epoch) <= header.at
        }
        let version = candidates.max() ?? 0
        guard fact.rates.tariff == version,
            self.published.tariffs[version]?.prices[fact.material] == fact.rates.price.value
        else {
            throw Finding(
                "record \(header.seq) is paid by tariff \(fact.rates.tariff) at "
                    + "\(fact.rates.price.value), and \(version) is in force")
        }
    }

    /// Nobody is paid for more than the policy's limit on one day. A day on which the limit came
    /// into force, or the clock was set, is passed over.
    private mutating func checkLimit(of fact: DepositFact, _ header: RecordHeader) throws {
        guard let limit = self.limit, header.clock == .synced else { return }
        if self.today.day != header.at.day { self.today = (header.at.day, [:]) }
        self.today.paid[fact.card, default: 0] += fact.mass.value
        guard self.today.paid[fact.card] ?? 0 <= limit else {
            throw Finding(
                "record \(header.seq): \(fact.card) was paid for more than \(limit) g on one day")
        }
    }

    private mutating func add(_ fact: OrderFact) {
        self.orders += 1
        var card = self.cards[fact.card] ?? Card()
        card.orders += 1
        card.value += fact.value.value
        card.co2e += fact.co2e.value
        self.cards[fact.card] = card
    }

    private mutating func adopt(_ fact: BulletinFact) {
        switch fact.kind {
        case .tariff: self.tariffs.append(fact.version)
        case .policy: self.limit = self.published.limits[fact.version]
        case .carbon, .cards, .notices: break
        }
    }
}
