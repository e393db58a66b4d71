/// What the record says lies on a scale, against what the scale shows: tare, then net.
///
/// indication = `level` + `carried` + `drift`, where
/// - `level` is recorded, in whole divisions;
/// - `carried` was put in or taken out, and waits for the next weighing to make a division;
/// - `drift` is nobody's: creep, temperature, dirt. A bin that stays loaded for days is tared again
///   and again while nobody is at it (`tare(at:)`), and right before each order. Where the weight
///   isn't steady enough for a tare then, an order begins from the weight as it would be stored
///   (`begin(at:)`), and its first deposit is the difference of two weights that were.
///
/// With a division of 5 g, a level of 1,000 g and nothing carried:
///
/// | what happens | indication | drift | net |
/// | --- | ---: | ---: | ---: |
/// | an order begins | 1,003.0 g | 3 g | 0 g |
/// | 52 g are dropped | 1,055.0 g | 3 g | 50 g, carries 2 g |
/// | without the tare | 1,055.0 g | | 55 g |
package struct Balance: Hashable, Sendable {
    package let division: Grams
    /// The `after` of the last weight-bearing record.
    package private(set) var level: Grams
    package private(set) var carried = Milligrams.zero
    package private(set) var drift = Milligrams.zero
    /// The level when `begin(at:)` took a reference that wasn't steady enough for a tare, or when
    /// nothing was known but that; `nil` once there was a tare.
    private var roughSince: Grams?

    /// - Parameter division: At least 1 g.
    package init(division: Grams, level: Grams) {
        self.division = division
        self.level = level
        self.roughSince = level
    }

    /// What came since the tare, with what was carried, in whole divisions; zero below one. A level
    /// off the grid of divisions is brought back to it.
    package func net(of mass: Milligrams) -> Grams { self.divisions(mass - self.drift) }

    /// The same before it is rounded.
    package func exactNet(of mass: Milligrams) -> Milligrams {
        mass - self.drift - self.level.milligrams
    }

    /// How far the indication is from the record, whoever's it is, in whole divisions; zero below
    /// one.
    package func gap(of mass: Milligrams) -> Grams { self.divisions(mass) }

    private func divisions(_ mass: Milligrams) -> Grams {
        if self.level.value % self.division.value != 0 {
            return mass.rounded(to: self.division) - self.level
        }
        let difference = mass - self.level.milligrams
        return difference.magnitude < self.division.milligrams
            ? .zero : difference.rounded(to: self.division)
    }

    /// A record moved the level.
    package mutating func move(by delta: Grams) { self.level += delta }

    /// What the scale shows beyond the record and what is carried is drift.
    ///
    /// - Parameter mass: Steady to a quarter of a division.
    package mutating func tare(at mass: Milligrams) {
        self.drift = mass - self.level.milligrams - self.carried
        self.roughSince = nil
    }

    /// The same without a steady weight.
    ///
    /// - Parameter mass: At rest.
    package mutating func begin(at mass: Milligrams) {
        self.tare(at: mass)
        self.roughSince = self.level
    }

    /// Whether the reference wasn't steady, and nothing was recorded since.
    package var isTareDue: Bool { self.roughSince == self.level }

    /// Takes the tare that is due, if it lies within a quarter of a division of the reference:
    /// further away somebody may have dropped something.
    ///
    /// - Parameter mass: Steady to a quarter of a division.
    package mutating func tareIfDue(at mass: Milligrams) {
        let away = self.exactNet(of: mass) - self.carried
        guard self.isTareDue, away.magnitude.value * 4 <= self.division.milligrams.value else {
            return
        }
        self.tare(at: mass)
    }

    /// What isn't recorded of what it shows is nobody's.
    ///
    /// - Parameter mass: At rest.
    package mutating func disown(at mass: Milligrams) {
        self.carried = .zero
        self.begin(at: mass)
    }

    /// An order ends: what it left below a division is carried. Beside a reference that wasn't
    /// steady nobody knows how much of it was left: it stays drift.
    ///
    /// - Parameter mass: Steady to a quarter of a division.
    package mutating func carry(at mass: Milligrams) {
        guard self.roughSince == nil else { return self.begin(at: mass) }
        self.carried = self.exactNet(of: mass)
    }

    /// Drift became a record: the level moves, and what counts as drift with it.
    package mutating func record(drift delta: Grams) {
        self.level += delta
        self.drift = self.drift - delta.milligrams
    }
}
