/// What collectors take out.
extension BinMachine {
    mutating func followCollecting(
        _ card: CardNumber, _ since: BootInstant, _ lastActivity: BootInstant,
        on page: inout Page
    ) {
        var lastActivity = lastActivity
        for name in self.names {
            if self.isMoving(name, at: page.now) { lastActivity = page.now }
            if self.collect(name, by: card, isLast: false, on: &page) { lastActivity = page.now }
        }
        let isOver =
            page.now.ms(since: lastActivity) >= self.rules.idleMs
            || page.now.ms(since: since) >= BinRules.longestMs
        if isOver {
            self.state = .leaving(
                card, deadline: page.now.advanced(byMs: BinRules.settleMs), next: nil)
            self.followLeaving(
                card, page.now.advanced(byMs: BinRules.settleMs), nil, on: &page)
        } else {
            self.state = .collecting(card, since: since, lastActivity: lastActivity)
        }
    }

    /// Ends a collection once every scale is at rest, or at the deadline; what a scale that moves
    /// even then turns out to have lost was collected.
    mutating func followLeaving(
        _ card: CardNumber, _ deadline: BootInstant, _ next: Presentation?, on page: inout Page
    ) {
        guard page.now >= deadline || self.isAtRest(true, at: page.now) else { return }
        for name in self.names {
            self.collect(name, by: card, isLast: true, on: &page)
            if self.isMoving(name, at: page.now), self.compartments[name]?.detached == nil {
                self.compartments[name]?.detached = .collected(card)
            }
        }
        self.state = .idle
        self.serve(next, on: &page)
    }

    /// Records what a collector took out. Returns whether anything was recorded.
    @discardableResult
    private mutating func collect(
        _ name: Name, by card: CardNumber, isLast: Bool, on page: inout Page
    ) -> Bool {
        guard var compartment = self.compartments[name],
            case .stable(let mass) = compartment.scale.weight(at: page.now)
        else { return false }
        let delta = compartment.balance.gap(of: mass)
        let limits = compartment.rules.limits
        guard delta != .zero, isLast || max(delta, -delta) >= limits.minimum else { return false }
        guard delta < .zero, compartment.detached == nil else {
            self.bookUnattributed(name, mass, on: &page)
            return true
        }
        self.occasions += 1
        self.collect(delta, by: card, from: &compartment, on: &page)
        compartment.balance.disown(at: mass)
        self.compartments[name] = compartment
        return true
    }

    /// Records what a scale at rest lost to a collector.
    mutating func collect(
        _ delta: Grams, by card: CardNumber, from compartment: inout Compartment,
        on page: inout Page
    ) {
        let name = compartment.rules.name
        page.write(
            .collection(
                CollectionFact(
                    card: card, compartment: name, before: compartment.level,
                    after: compartment.level + delta)))
        compartment.balance.move(by: delta)
    }
}
