/// How often something may be done: some at once, and one more in every so many milliseconds.
///
/// With `most` 3 and `everyMs` 10,000:
///
/// | at | asked | allowed |
/// | --- | --- | --- |
/// | 0 s | 4 times | 3 |
/// | 10 s | twice | 1 |
/// | 60 s | 4 times | 3 |
package struct Allowance: Hashable, Sendable {
    package let most: Int64
    package let everyMs: Int64
    private var used: Int64 = 0
    /// Since when the oldest use counts.
    private var since = BootInstant(milliseconds: 0)

    /// - Parameter most: At least 1.
    package init(most: Int64, everyMs: Int64) {
        self.most = most
        self.everyMs = everyMs
    }

    private func used(at now: BootInstant) -> Int64 {
        max(0, self.used - max(0, now.ms(since: self.since)) / self.everyMs)
    }

    package func isSpent(at now: BootInstant) -> Bool { self.used(at: now) >= self.most }

    /// Takes one if it is allowed.
    package mutating func take(at now: BootInstant) -> Bool {
        let used = self.used(at: now)
        guard used < self.most else { return false }
        self.since =
            used == 0
            ? now : self.since.advanced(byMs: (self.used - used) * self.everyMs)
        self.used = used + 1
        return true
    }

    /// The last one doesn't count.
    package mutating func giveBack() { self.used = max(0, self.used - 1) }
}
