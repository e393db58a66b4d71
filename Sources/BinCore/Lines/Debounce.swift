/// Decides when a switch that bounces has come to rest.
///
/// A level counts once it has lasted `stableMs`. Edges tell when it changes; as some may be missed,
/// the line is read again at `deadline`, and what is read then decides. However much a line
/// flutters, its last settled level stands until it is at rest.
package struct Debounce: Hashable, Sendable {
    /// A level that has lasted, and when it began.
    package struct Settled: Hashable, Sendable {
        package var isActive: Bool
        package var since: BootInstant

        package init(isActive: Bool, since: BootInstant) {
            self.isActive = isActive
            self.since = since
        }
    }

    private struct Candidate: Hashable, Sendable {
        var isActive: Bool
        var since: BootInstant
    }

    private let stableMs: Int64
    /// `nil` until the first level has lasted.
    package private(set) var isActive: Bool?
    private var candidate: Candidate?

    package init(stableMs: Int64) { self.stableMs = stableMs }

    /// Whether a change is under way.
    package var isPending: Bool { self.candidate != nil }

    /// When to read the line and call `read`; `nil` while nothing is pending.
    package var deadline: BootInstant? {
        self.candidate.map { $0.since.advanced(byMs: self.stableMs) }
    }

    /// The line changed to `isActive`. Returns what had settled before that, when the edge is told
    /// of later than the deadline.
    package mutating func edge(_ isActive: Bool, at instant: BootInstant) -> Settled? {
        let settled = self.settle(at: instant)
        // An edge to the level that is there already tells of one that was missed.
        let isBack = isActive == self.isActive && self.candidate == nil
        self.candidate = isBack ? nil : Candidate(isActive: isActive, since: instant)
        return settled
    }

    /// The line was read, at the deadline or because its level isn't known. Returns a change that
    /// has lasted.
    package mutating func read(_ isActive: Bool, at instant: BootInstant) -> Settled? {
        if let candidate, candidate.isActive == isActive { return self.settle(at: instant) }
        // What lasts as long again counts: noise may have hidden the edge.
        self.candidate =
            isActive == self.isActive ? nil : Candidate(isActive: isActive, since: instant)
        return nil
    }

    /// Forgets what is pending, and the level with it: the line was lost.
    package mutating func reset() {
        self.isActive = nil
        self.candidate = nil
    }

    private mutating func settle(at instant: BootInstant) -> Settled? {
        guard let candidate, instant.ms(since: candidate.since) >= self.stableMs else { return nil }
        self.candidate = nil
        guard candidate.isActive != self.isActive else { return nil }
        self.isActive = candidate.isActive
        return Settled(isActive: candidate.isActive, since: candidate.since)
    }
}
