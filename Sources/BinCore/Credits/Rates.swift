/// The prices of one `tariff` bulletin.
package struct Tariff: Hashable, Sendable {
    package var version: Int64
    package var effective: WallTime
    package var prices: [Name: PricePerTonne]
    package var each: [Name: PricePerPiece]

    package init(
        version: Int64, effective: WallTime, prices: [Name: PricePerTonne],
        each: [Name: PricePerPiece] = [:]
    ) {
        self.version = version
        self.effective = effective
        self.prices = prices
        self.each = each
    }
}

/// The factors of one `carbon` bulletin.
package struct CarbonSet: Hashable, Sendable {
    package var version: Int64
    package var effective: WallTime
    package var factors: [Name: CarbonFactor]

    package init(version: Int64, effective: WallTime, factors: [Name: CarbonFactor]) {
        self.version = version
        self.effective = effective
        self.factors = factors
    }
}

/// A set of rates that comes into force at a time.
package protocol DatedSet {
    var version: Int64 { get }
    var effective: WallTime { get }
}

extension Tariff: DatedSet {}
extension CarbonSet: DatedSet {}

/// The tariffs and carbon sets that a bin has adopted, and the policy.
package struct RateBook: Hashable, Sendable {
    package var tariffs: [Tariff]
    package var carbonSets: [CarbonSet]
    package var policy: Policy

    package init(
        tariffs: [Tariff] = [], carbonSets: [CarbonSet] = [], policy: Policy = .initial
    ) {
        self.tariffs = tariffs
        self.carbonSets = carbonSets
        self.policy = policy
    }

    package func tariff(at moment: Moment) -> Tariff? { Self.inForce(self.tariffs, at: moment) }
    package func carbonSet(at moment: Moment) -> CarbonSet? {
        Self.inForce(self.carbonSets, at: moment)
    }

    /// The newest version whose time has come. While nobody has set the clock, the newest one
    /// adopted, whatever the wall clock says (CONTRACT §5).
    private static func inForce<Item: DatedSet>(_ sets: [Item], at moment: Moment) -> Item? {
        let candidates = moment.clock == .unset ? sets : sets.filter { $0.effective <= moment.at }
        return candidates.max { $0.version < $1.version }
    }
}
