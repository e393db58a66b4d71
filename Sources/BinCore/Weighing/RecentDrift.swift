/// Tells drift from what is brought or carried away in small portions while no order is open.
///
/// Drift may be as much as the temperature and creep can explain: a division each half hour (OIML
/// R 76-1 allows a division for 5 °C), and on top of it less than the scale's minimum. What
/// exceeds that was done by someone: who drips material out below the minimum, to drop it again for
/// pay, is seen.
struct RecentDrift: Hashable, Sendable {
    /// In how long a division may be drift.
    private static let divisionMs: Int64 = 1_800_000
    /// After so many divisions' time nothing is left that could be explained.
    private static let forgetMs: Int64 = 1_000 * Self.divisionMs

    /// What isn't explained yet.
    private var sum = Grams.zero
    private var since: BootInstant?

    /// Takes a change, unless it makes the sum too large for drift. After that the sum stays at the
    /// bound: who goes on in small portions is seen at each of them.
    mutating func takes(_ delta: Grams, limits: ScaleLimits, at now: BootInstant) -> Bool {
        let elapsedMs = min(self.since.map { now.ms(since: $0) } ?? 0, Self.forgetMs)
        let explained = Grams(limits.division.value * elapsedMs / Self.divisionMs)
        let size = max(.zero, max(self.sum, -self.sum) - explained)
        self.sum = (self.sum < .zero ? -size : size) + delta
        self.since = now
        let bound = max(limits.minimum, limits.division)
        if max(self.sum, -self.sum) < bound { return true }
        self.sum = self.sum < .zero ? -bound : bound
        return false
    }
}
