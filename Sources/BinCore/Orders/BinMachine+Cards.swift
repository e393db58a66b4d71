extension BinMachine {
    /// A card came. A card that lies on the reader, or is read twice, is one tap.
    mutating func present(_ presentation: Presentation, on page: inout Page) {
        let last = self.lastPresented
        self.lastPresented = Presented(card: presentation.card, at: page.now)
        if let last, last.card == presentation.card,
            page.now.ms(since: last.at) < BinRules.repeatMs
        {
            return
        }
        switch self.state {
        case .idle: self.open(presentation, on: &page)
        case .open(let session):
            if session.order.opened.card == presentation.card {
                self.settle(session, .tap, next: nil, on: page)
            } else if self.refusal(of: presentation, at: page.now) == nil {
                self.settle(session, .nextCard, next: presentation, on: page)
            } else {
                self.open(presentation, on: &page)
            }
        case .settling(let session, let closed, let deadline, _):
            // The card of the order that is being closed changes nothing; any other one waits.
            let isOwn = session.order.opened.card == presentation.card && !session.isRecovered
            self.state = .settling(
                session, closed: closed, deadline: deadline, next: isOwn ? nil : presentation)
        case .collecting(let card, _):
            self.endCollection(by: card, on: &page)
            if card != presentation.card { self.open(presentation, on: &page) }
        }
    }

    /// Why a card can't be served now, or `nil` if it can.
    private func refusal(
        of presentation: Presentation, at now: BootInstant
    ) -> RefusedFact.Reason? {
        switch presentation.role {
        case .blocked: return .blocked
        case .technician, .inspector: return .role
        case .unknown where !self.rates.policy.acceptsUnknownCards: return .unknownCard
        case .collector: return nil
        case .resident, .unknown:
            let canWeigh = self.compartments.values.contains { $0.weigher.weight(at: now) != .none }
            return canWeigh ? nil : .outOfService
        }
    }

    /// Serves a card, or refuses it; an order that is open stays as it is when it is refused.
    private mutating func open(_ presentation: Presentation, on page: inout Page) {
        if let reason = self.refusal(of: presentation, at: page.now) {
            page.write(.refused(RefusedFact(card: presentation.card, reason: reason)))
            self.notice = Notice(
                phase: .refused(reason), until: page.now.advanced(byMs: BinRules.refusedMs))
            return
        }
        self.bookUnattributed(evenIfRecent: true, on: &page)
        self.notice = nil
        if presentation.role == .collector {
            self.state = .collecting(presentation.card, lastActivity: page.now)
            return
        }
        for name in self.compartments.keys { self.compartments[name]?.pieces = 0 }
        let opened = OpenedFact(
            order: page.seq, card: presentation.card, role: presentation.role,
            reader: presentation.reader)
        page.write(.opened(opened))
        self.state = .open(
            Session(
                order: OpenOrder(opened), since: page.now, lastActivity: page.now,
                creditedToday: presentation.creditedToday))
    }

    /// Begins to close an order: what was dropped and still moves is waited for.
    func settling(
        _ session: Session, _ closed: OrderFact.Closed, next: Presentation?, at now: BootInstant
    ) -> State {
        .settling(
            session, closed: closed, deadline: now.advanced(byMs: BinRules.settleMs), next: next)
    }

    private mutating func settle(
        _ session: Session, _ closed: OrderFact.Closed, next: Presentation?, on page: Page
    ) {
        self.state = self.settling(session, closed, next: next, at: page.now)
    }

    mutating func followOpen(_ session: Session, on page: inout Page) {
        var session = session
        let names = self.compartments.keys.sorted()
        for name in names { self.book(name, for: &session, isLast: false, on: &page) }
        if names.contains(where: { self.isMoving($0, at: page.now) }) {
            session.lastActivity = page.now
            session.shown = nil
        }
        let isIdle =
            page.now.ms(since: session.lastActivity) >= self.rules.idleMs
            || page.now.ms(since: session.since) >= BinRules.longestMs
        self.state =
            isIdle ? self.settling(session, .idle, next: nil, at: page.now) : .open(session)
        if isIdle { self.followSettling(on: &page) }
    }

    private mutating func followSettling(on page: inout Page) {
        guard case .settling(let session, let closed, let deadline, let next) = self.state else {
            return
        }
        self.followSettling(session, closed, deadline, next, on: &page)
    }

    /// Closes the order once every scale is at rest, or at the deadline with what is certain then.
    mutating func followSettling(
        _ session: Session, _ closed: OrderFact.Closed, _ deadline: BootInstant,
        _ next: Presentation?, on page: inout Page
    ) {
        let isDue = page.now >= deadline
        let atRest = self.compartments.values.allSatisfy {
            if case .stable = $0.weigher.weight(at: page.now) { true } else { false }
        }
        guard isDue || atRest else { return }
        var session = session
        for name in self.compartments.keys.sorted() {
            self.book(name, for: &session, isLast: true, on: &page)
        }
        self.close(session.order, closed, isRecovered: session.isRecovered, on: &page)
        if let next { self.open(next, on: &page) }
    }

    private mutating func close(
        _ order: OpenOrder, _ closed: OrderFact.Closed, isRecovered: Bool, on page: inout Page
    ) {
        let fact = order.settled(closed)
        page.write(.order(fact))
        self.state = .idle
        if !isRecovered {
            self.notice = Notice(
                phase: .thanks(fact), until: page.now.advanced(byMs: BinRules.thanksMs))
        }
    }

    /// The daemon stops: an order is closed with what is certain at this moment.
    mutating func stop(on page: inout Page) {
        switch self.state {
        case .idle: break
        case .open(let session), .settling(let session, _, _, _):
            if session.isRecovered { return }  // the next start has more to go on than this moment
            self.followSettling(session, .service, page.now, nil, on: &page)
        case .collecting(let card, _): self.endCollection(by: card, on: &page)
        }
    }
}
