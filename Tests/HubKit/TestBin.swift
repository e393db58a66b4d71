package import BinCore
package import Records

/// A bin that writes true records: chained, lawful and signed.
package struct TestBin {
    /// What one deposit of a visit puts in, grams.
    package typealias Drop = (compartment: String, grams: Int64)

    package static let division = Grams(5)
    /// CNY per tonne.
    package static let price: Int64 = 2800
    /// kg CO2e per tonne.
    package static let factor: Int64 = 1500

    package let device: DeviceID
    package let key: SigningKey
    package private(set) var records: [[UInt8]] = []
    package private(set) var chains: [Digest256]
    private var levels: [Name: Grams] = [:]
    /// Which start of the machine it is.
    package var boot: Int64 = 1
    package var clock = ClockState.synced
    /// How far the wall clock is behind the truth.
    package var behindMs: Int64 = 0

    /// - Parameter seed: Fills the signing key.
    package init(_ device: String, seed: UInt8 = 1) throws {
        self.device = try found(DeviceID(device))
        self.key = try found(SigningKey(seed: [UInt8](repeating: seed, count: 32)))
        self.chains = [HashChain.start(of: self.device)]
    }

    package var last: RecordNumber { RecordNumber(self.records.count) }

    /// When a record is written: one a second from 2026-12-01T08:00:00Z on.
    package static func time(of seq: RecordNumber) -> WallTime {
        WallTime(millisecondsSince1970: 1_796_112_000_000 + seq * 1000)
    }

    /// The wall clock steps to the truth.
    package mutating func setClock(_ clock: ClockState = .synced) throws {
        let from = WallTime(
            millisecondsSince1970: Self.time(of: self.last + 1).millisecondsSince1970
                - self.behindMs)
        (self.clock, self.behindMs) = (clock, 0)
        try self.append(.clock(ClockFact(from: from, to: Self.time(of: self.last + 1))))
    }

    /// Commits whatever it is given, lawful or not.
    @discardableResult
    package mutating func append(_ fact: Fact) throws -> RecordNumber {
        let seq = self.last + 1
        let at = WallTime(
            millisecondsSince1970: Self.time(of: seq).millisecondsSince1970 - self.behindMs)
        let moment = Moment(up: BootInstant(milliseconds: seq * 1000), at: at, clock: self.clock)
        let header = RecordHeader(seq: seq, boot: self.boot, moment: moment)
        try self.append(bytes: Record(header: header, fact: fact).encoded())
        return seq
    }

    package mutating func append(bytes: [UInt8]) throws {
        self.chains.append(HashChain.link(try found(self.chains.last), bytes))
        self.records.append(bytes)
    }

    /// A whole visit: `opened`, a `deposit` for each drop, and unless it stays open the `order`.
    package mutating func visit(
        _ card: String, _ drops: [Drop], price: Int64 = Self.price, settles: Bool = true
    ) throws {
        let card = try found(CardNumber(card))
        let order = self.last + 1
        let reader = try found(Name("front"))
        try self.append(
            .opened(OpenedFact(order: order, card: card, role: .resident, reader: reader)))
        var sum = OrderFact(
            order: order, card: card, deposits: 0, mass: .zero, value: .zero, co2e: .zero,
            closed: .tap)
        for drop in drops {
            let deposit = try self.deposit(drop, order: order, card: card, price: price)
            try self.append(.deposit(deposit))
            sum.deposits += 1
            sum.mass += deposit.mass
            sum.value += deposit.value
            sum.co2e += deposit.co2e
        }
        if settles { try self.append(.order(sum)) }
    }

    private mutating func deposit(
        _ drop: Drop, order: RecordNumber, card: CardNumber, price: Int64
    ) throws -> DepositFact {
        let compartment = try found(Name(drop.compartment))
        let before = self.levels[compartment, default: .zero]
        let after = before + Grams(drop.grams)
        self.levels[compartment] = after
        let rates = AppliedRates(
            tariff: 1, price: PricePerTonne(price), each: .zero, carbon: 1,
            factor: CarbonFactor(Self.factor))
        return DepositFact(
            order: order, card: card, compartment: compartment, material: compartment,
            before: before, after: after, division: Self.division, pieces: 0, rates: rates,
            value: MicroYuan(drop.grams * price), co2e: MilligramsCO2e(drop.grams * Self.factor),
            flags: [])
    }

    /// The records `first` to `last` as they travel.
    package func batch(_ range: ClosedRange<RecordNumber>) throws -> Batch {
        try Batch(
            device: self.device, first: range.lowerBound,
            prev: self.chains[Int(range.lowerBound) - 1],
            records: Array(self.records[(Int(range.lowerBound) - 1)..<Int(range.upperBound)]),
            signedBy: self.key)
    }

    package func bytes(_ range: ClosedRange<RecordNumber>) throws -> [UInt8] {
        try self.batch(range).bytes
    }
}

/// A value that a test is sure of was missing.
package struct NotFound: Error {}

package func found<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw NotFound() }
    return value
}
