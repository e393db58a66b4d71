/// Tells what was taken out from what dries or drifts away: it is gone between two weights at rest
/// that follow on each other, and not over hours.
///
/// | from rest to rest, division 5 g | taken out |
/// | --- | --- |
/// | −9 g | no |
/// | −10 g in 3 s | yes |
/// | −10 g in a minute | no |
///
/// What is less than the scale's minimum counts too: several such portions are a bottle that is
/// dropped for pay again.
struct SuddenLoss: Hashable, Sendable {
    /// Less may be noise, or a foot of the bin that settles. Our own choice.
    private static let leastDivisions: Int64 = 2
    /// A hand takes no longer, and drift makes a division in half an hour at most (`RecentDrift`).
    private static let longestMs: Int64 = 10_000

    private var mass: Milligrams?
    private var at = BootInstant(milliseconds: 0)
    private(set) var isSeen = false

    /// Takes a weight at rest.
    mutating func rested(at mass: Milligrams, _ now: BootInstant, division: Grams) {
        if let last = self.mass, now.ms(since: self.at) <= Self.longestMs,
            (last - mass).value >= Self.leastDivisions * division.milligrams.value
        {
            self.isSeen = true
        }
        self.mass = mass
        self.at = now
    }

    /// What was seen is in a record, or isn't nobody's.
    mutating func forget() { self = SuddenLoss() }

    /// What was seen is in a record; the weight at rest stays known.
    mutating func recorded() { self.isSeen = false }
}
