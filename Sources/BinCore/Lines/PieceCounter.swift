/// Counts what breaks a light beam on its way into a compartment.
///
/// A piece is counted when the beam is whole again after having been broken for at least the
/// debounce time and for less than `longestMs`. A beam that is broken for longer is blocked:
/// something hangs in it, or its wire is cut; that counts nothing until the beam was whole again.
package struct PieceCounter: Hashable, Sendable {
    package enum Notice: Hashable, Sendable {
        case piece
        case blocked
        /// The beam is whole after it was blocked.
        case whole
    }

    private let longestMs: Int64
    private var debounce: Debounce
    /// Since when the beam has been broken.
    private var brokenSince: BootInstant?
    private var isBlocked = false

    package init(_ settings: CounterSettings) {
        self.longestMs = Int64(settings.longestMs)
        self.debounce = Debounce(stableMs: Int64(settings.input.debounceMs))
    }

    /// Whether an edge has not settled yet.
    package var isPending: Bool { self.debounce.isPending }

    /// When to read the line and call `read`.
    package var deadline: BootInstant? {
        if let pending = self.debounce.deadline { return pending }
        return self.isBlocked ? nil : self.brokenSince?.advanced(byMs: self.longestMs)
    }

    package mutating func edge(_ isBroken: Bool, at instant: BootInstant) -> [Notice] {
        let settled = self.debounce.edge(isBroken, at: instant)
        return self.take(settled, at: instant)
    }

    package mutating func read(_ isBroken: Bool, at instant: BootInstant) -> [Notice] {
        let settled = self.debounce.read(isBroken, at: instant)
        return self.take(settled, at: instant)
    }

    /// Forgets what was under way: the line was lost.
    package mutating func reset() {
        self.debounce.reset()
        self.brokenSince = nil
        self.isBlocked = false
    }

    private mutating func take(_ settled: Debounce.Settled?, at now: BootInstant) -> [Notice] {
        var notices: [Notice] = []
        if let settled {
            if settled.isActive {
                self.brokenSince = settled.since
            } else {
                notices += self.end(at: settled.since)
            }
        }
        // A beam that has just become whole may yet turn out to be.
        if let since = self.brokenSince, !self.isBlocked, !self.debounce.isPending,
            now.ms(since: since) >= self.longestMs
        {
            self.isBlocked = true
            notices.append(.blocked)
        }
        return notices
    }

    /// The beam is whole since `instant`.
    private mutating func end(at instant: BootInstant) -> [Notice] {
        // Without a beginning it is the first level that was seen at all.
        guard let since = self.brokenSince else { return [] }
        let wasBlocked = self.isBlocked
        self.brokenSince = nil
        self.isBlocked = false
        if wasBlocked { return [.whole] }
        return instant.ms(since: since) < self.longestMs ? [.piece] : []
    }
}
