/// A time in which nothing can be recorded, and so nothing decided.
///
/// | the outage is | an order, a collection | what was dropped meanwhile |
/// | --- | --- | --- |
/// | at most the idle time | goes on as if the time had stood still | is the order's |
/// | longer, or another card came | the order is closed, with what is certain | is nobody's |
extension BinMachine {
    /// Weighs without deciding anything: what the scales deliver while the medium refuses records.
    package mutating func observe(_ event: Event) {
        switch event {
        case .reading(let name, let reading): self.compartments[name]?.scale.take(reading)
        case .converted(let name, let conversion):
            self.compartments[name]?.scale.take(conversion)
        case .presented, .pieces, .contact, .filled, .tick, .stopping: break
        }
    }

    /// Takes over what parts told only once to a machine that went on with the same past: see
    /// `note(_:at:)`.
    ///
    /// - Parameter before: That past.
    package mutating func takeNotes(from other: BinMachine, since before: BinMachine) {
        self.contacts = other.contacts
        for (name, noted) in other.compartments {
            let pieces = noted.pieces - (before.compartments[name]?.pieces ?? 0)
            self.compartments[name]?.isFull = noted.isFull
            guard pieces > 0 else { continue }
            self.compartments[name]?.pieces += pieces
            self.compartments[name]?.lastPiece = noted.lastPiece
        }
    }

    /// Nothing could be decided from `start` to `now`: no time has gone by for whoever is at the
    /// bin, unless it was more than they may be idle.
    ///
    /// - Parameter other: A card that came meanwhile, and was told that nothing is taken.
    package mutating func resume(
        since start: BootInstant, at now: BootInstant, passing other: CardNumber? = nil
    ) {
        let ms = max(0, now.ms(since: start))
        let isOvertaken = other.map { $0 != self.attended && $0 != self.waiting } ?? false
        let isLong = ms > self.rules.idleMs || isOvertaken
        switch self.state {
        case .idle: break
        case .open(let session):
            self.state =
                isLong
                ? self.ending(session, .idle, at: now) : .open(session.moved(byMs: ms))
        case .settling(let session, let closed, let deadline, let next):
            self.state =
                isLong
                ? self.ending(session, closed, at: now)
                : .settling(
                    session.moved(byMs: ms), closed: closed, deadline: deadline.advanced(byMs: ms),
                    next: next)
        case .collecting(let card, let since, let lastActivity):
            self.state = .collecting(
                card, since: since.advanced(byMs: ms), lastActivity: lastActivity.advanced(byMs: ms)
            )
        case .leaving(let card, let deadline, let next):
            self.state = .leaving(
                card, deadline: deadline.advanced(byMs: ms), next: isLong ? nil : next)
        }
    }

    /// The order is closed at the next decision; what its scales show by then may be anybody's.
    private mutating func ending(
        _ session: Session, _ closed: OrderFact.Closed, at now: BootInstant
    ) -> State {
        for name in self.compartments.keys where self.compartments[name]?.detached == nil {
            self.compartments[name]?.detached = session.isRecovered ? .powerOff : .unsettled
        }
        return .settling(session, closed: closed, deadline: now, next: nil)
    }
}

extension BinMachine.Session {
    fileprivate func moved(byMs ms: Int64) -> Self {
        var session = self
        session.since = self.since.advanced(byMs: ms)
        session.lastActivity = self.lastActivity.advanced(byMs: ms)
        return session
    }
}
