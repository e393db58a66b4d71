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
            } else if self.isShortOfRoom {
                // Whoever drops something now is told that nothing is weighed, and the one before
                // earns none of it.
                self.settle(session, .nextCard, next: nil, on: page)
                self.open(presentation, on: &page)
            } else {
                self.open(presentation, on: &page)
            }
        case .settling(let session, let closed, let deadline, let next):
            // Tapping again while one's own order is being closed changes nothing.
            if session.order.opened.card == presentation.card, !session.isRecovered { return }
            guard self.mayWait(presentation, behind: next, on: &page) else { return }
            var (session, deadline) = (session, deadline)
            if session.isRecovered {
                // Scales that have only just started have the time that they need.
                let isOther = session.order.opened.card != presentation.card
                if isOther { self.bookCertain(for: &session, on: &page) }
            } else {
                deadline = min(deadline, page.now.advanced(byMs: BinRules.settleMs))
            }
            self.state = .settling(
                session, closed: closed, deadline: deadline, next: presentation)
        case .collecting(let card, _, _):
            let isOwn = card == presentation.card
            if !isOwn, self.refusal(of: presentation, at: page.now) != nil {
                self.open(presentation, on: &page)
                return
            }
            self.state = .leaving(
                card, deadline: page.now.advanced(byMs: BinRules.settleMs),
                next: isOwn ? nil : presentation)
        case .leaving(let card, let deadline, let next):
            guard card != presentation.card,
                self.mayWait(presentation, behind: next, on: &page)
            else { return }
            self.state = .leaving(card, deadline: deadline, next: presentation)
        }
    }

    /// Whether a card may wait for the one before it to be done. The first one waits; another is
    /// told that the bin is busy.
    private mutating func mayWait(
        _ presentation: Presentation, behind next: Presentation?, on page: inout Page
    ) -> Bool {
        var reason = self.refusal(of: presentation, at: page.now)
        if let next, reason == nil {
            if next.card == presentation.card { return false }
            reason = .busy
        }
        guard let reason else { return true }
        self.refuse(presentation.card, reason, on: &page)
        return false
    }

    private mutating func refuse(
        _ card: CardNumber, _ reason: RefusedFact.Reason, on page: inout Page
    ) {
        if self.refusals.take(at: page.now) {
            page.write(.refused(RefusedFact(card: card, reason: reason)))
        } else {
            self.unrecorded += 1
        }
        self.occasions += 1
        self.notice = Notice(
            phase: .refused(reason), until: page.now.advanced(byMs: BinRules.refusedMs))
    }

    /// Why a card can't be served now, or `nil` if it can.
    private func refusal(
        of presentation: Presentation, at now: BootInstant
    ) -> RefusedFact.Reason? {
        if self.isShortOfRoom { return .outOfService }
        switch presentation.role {
        case .blocked: return .blocked
        case .technician, .inspector: return .role
        case .unknown where !self.rates.policy.acceptsUnknownCards: return .unknownCard
        case .collector: return nil
        case .resident, .unknown:
            let canWeigh = self.compartments.values.contains {
                $0.scale.weight(at: now).canBeServed
            }
            guard canWeigh else { return .outOfService }
            return self.emptyOrders.isSpent(at: now) ? .busy : nil
        }
    }

    /// Serves a card, or refuses it; an order that is open stays as it is when it is refused.
    private mutating func open(_ presentation: Presentation, on page: inout Page) {
        if let reason = self.refusal(of: presentation, at: page.now) {
            self.refuse(presentation.card, reason, on: &page)
            return
        }
        self.bookUnattributed(evenIfRecent: true, on: &page)
        for name in self.compartments.keys { self.compartments[name]?.begin(at: page.now) }
        self.notice = nil
        self.occasions += 1
        if presentation.role == .collector {
            self.state = .collecting(
                presentation.card, since: page.now, lastActivity: page.now)
            return
        }
        for name in self.compartments.keys {
            self.compartments[name]?.forgetPieces()
            self.compartments[name]?.servicedUntil = nil
        }
        let opened = OpenedFact(
            order: page.seq, card: presentation.card, role: presentation.role,
            reader: presentation.reader)
        page.write(.opened(opened))
        _ = self.emptyOrders.take(at: page.now)
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
        var session = session
        session.lastActivity = page.now
        self.state = self.settling(session, closed, next: next, at: page.now)
    }

    /// A gain that isn't stable earns nothing. So while nobody waits, what certainly is more than
    /// before gets the time to come to rest that it has in an open order.
    private func mayRest(
        _ session: Session, _ closed: OrderFact.Closed, _ next: Presentation?, at now: BootInstant
    ) -> Bool {
        guard closed == .tap, next == nil, now.ms(since: session.lastActivity) < self.rules.idleMs
        else { return false }
        return self.compartments.keys.contains { self.isGaining($0, at: now) }
    }

    /// Whether a compartment moves, and certainly holds more than its record says.
    private func isGaining(_ name: Name, at now: BootInstant) -> Bool {
        guard let compartment = self.compartments[name], compartment.detached == nil,
            case .moving(_, let lowest, _) = compartment.scale.weight(at: now)
        else { return false }
        return compartment.balance.net(of: lowest) > .zero
    }

    mutating func followOpen(_ session: Session, on page: inout Page) {
        var session = session
        for name in self.names { self.book(name, for: &session, isLast: false, on: &page) }
        if self.names.contains(where: { self.isMoving($0, at: page.now) }) {
            session.lastActivity = page.now
            session.shown = nil
        }
        if self.hasChanged(&session, at: page.now) { session.lastActivity = page.now }
        let isIdle =
            page.now.ms(since: session.lastActivity) >= self.rules.idleMs
            || page.now.ms(since: session.since) >= BinRules.longestMs
        self.state =
            isIdle ? self.settling(session, .idle, next: nil, at: page.now) : .open(session)
        if isIdle { self.followSettling(on: &page) }
    }

    /// Whether a weight at rest changed by a division: someone pours, too slowly for the scale to
    /// call it motion.
    private func hasChanged(_ session: inout Session, at now: BootInstant) -> Bool {
        var hasChanged = false
        for (name, compartment) in self.compartments {
            guard case .stable(let mass) = compartment.scale.weight(at: now) else { continue }
            let least = compartment.rules.limits.division.milligrams
            if let last = session.noticed[name], (mass - last).magnitude < least { continue }
            if session.noticed.updateValue(mass, forKey: name) != nil { hasChanged = true }
        }
        return hasChanged
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
        // A silent scale has nothing to wait for, unless the daemon has only just started.
        let silentIsRest = !session.isRecovered
        if !self.isAtRest(silentIsRest, at: page.now) {
            guard page.now >= deadline else { return }
            if self.mayRest(session, closed, next, at: page.now) {
                self.state = self.settling(session, closed, next: next, at: page.now)
                return
            }
        }
        var (session, next) = (session, next)
        let credited = session.order.credited
        for name in self.names {
            self.book(name, for: &session, isLast: true, on: &page)
        }
        if next?.card == session.order.opened.card {
            next?.creditedToday += session.order.credited - credited
        }
        self.close(session.order, closed, isRecovered: session.isRecovered, on: &page)
        self.serve(next, on: &page)
    }

    /// Somebody else comes before an interrupted order is closed: what a scale at rest shows came
    /// before; what others will show may be theirs.
    private mutating func bookCertain(for session: inout Session, on page: inout Page) {
        for name in self.names {
            if case .stable? = self.compartments[name]?.scale.weight(at: page.now) {
                self.book(name, for: &session, isLast: true, on: &page)
            }
            _ = self.detach(name, for: session)
        }
    }

    /// The card that waited.
    mutating func serve(_ next: Presentation?, on page: inout Page) {
        if let next { self.open(next, on: &page) }
    }

    /// Whether every scale is at rest.
    func isAtRest(_ silentIsRest: Bool, at now: BootInstant) -> Bool {
        self.compartments.values.allSatisfy { compartment in
            switch compartment.scale.weight(at: now) {
            case .stable: true
            case .none: silentIsRest
            case .moving, .overload, .underload: false
            }
        }
    }

    private mutating func close(
        _ order: OpenOrder, _ closed: OrderFact.Closed, isRecovered: Bool, on page: inout Page
    ) {
        let fact = order.settled(closed)
        page.write(.order(fact))
        if fact.deposits > 0, !isRecovered { self.emptyOrders.giveBack() }
        self.state = .idle
        if !isRecovered {
            self.occasions += 1
            self.notice = Notice(
                phase: .thanks(fact), until: page.now.advanced(byMs: BinRules.thanksMs))
        }
    }

    /// The daemon stops: an order is closed with what is certain at this moment. One in which
    /// something is about to come to rest is left to the next start, as by a power cut.
    mutating func stop(on page: inout Page) {
        switch self.state {
        case .idle: break
        case .open(let session), .settling(let session, _, _, _):
            let isGaining = self.compartments.keys.contains { self.isGaining($0, at: page.now) }
            if session.isRecovered || isGaining { return }
            self.followSettling(session, .service, page.now, nil, on: &page)
        case .collecting(let card, _, _), .leaving(let card, _, _):
            self.followLeaving(card, page.now, nil, on: &page)
        }
    }
}

extension BinMachine.Compartment {
    /// Somebody comes: what it shows from now on is compared with what it shows now.
    fileprivate mutating func begin(at now: BootInstant) {
        self.suddenLoss.forget()
        guard case .stable(let mass) = self.scale.weight(at: now), !self.scale.isSteady else {
            return
        }
        self.balance.begin(at: mass)
    }
}
