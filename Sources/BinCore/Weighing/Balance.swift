/// What the record says lies on a scale, against what the scale shows: tare, then net.
///
/// indication = `level` + `carried` + `drift`, where
/// - `level` is recorded, in whole divisions;
/// - `carried` was put in or taken out, and waits for the next weighing to make a division;
/// - `drift` is nobody's: creep, temperature, dirt. It becomes what a steady weight shows with
///   `tare(at:)` only, so that a bin that stays loaded for days is tared right before each order;
///   without one it moves by whole divisions, with what is recorded.
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
    /// Something that is nobody's was recorded since the tare, and nothing else: what lies below a
    /// division is nobody's too.
    package private(set) var isTareDue = true

    /// - Parameter division: At least 1 g.
    package init(division: Grams, level: Grams) {
        self.division = division
        self.level = level
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
    package mutating func move(by delta: Grams) {
        self.level += delta
        self.isTareDue = false
    }

    /// Nobody is at the scale: what it shows beyond the record and what is carried is drift.
    ///
    /// - Parameter mass: Steady to a quarter of a division.
    package mutating func tare(at mass: Milligrams) {
        self.drift = mass - self.level.milligrams - self.carried
        self.isTareDue = false
    }

    /// The record moved to a weight at rest by what is nobody's, as is what lies below a division:
    /// the next tare takes it for drift. Until then nothing is due.
    package mutating func disown(at mass: Milligrams) {
        self.carried = .zero
        self.drift = self.drift + self.net(of: mass).milligrams
        self.isTareDue = true
    }

    /// An order ends: what it left below a division is carried.
    package mutating func carry(at mass: Milligrams) {
        guard !self.isTareDue else { return }
        self.carried = self.exactNet(of: mass)
    }

    /// Drift became a record: the level moves, and what counts as drift with it.
    package mutating func record(drift delta: Grams) {
        self.level += delta
        self.drift = self.drift - delta.milligrams
    }
}
