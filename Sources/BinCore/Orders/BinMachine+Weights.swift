extension BinMachine {
    /// Weight that differs from the record by this much is no noise: someone is at the bin.
    func isMoving(_ name: Name, at now: BootInstant) -> Bool {
        guard let compartment = self.compartments[name] else { return false }
        let limits = compartment.rules.limits
        let least = max(limits.minimum, limits.division).milligrams
        return switch compartment.scale.weight(at: now) {
        case .moving(let live, _): (live - compartment.level.milligrams).magnitude >= least
        case .overload, .underload: true
        case .stable, .none: false
        }
    }

    /// Outside orders: what a stable weight differs by is recorded as nobody's.
    mutating func followIdle(on page: inout Page) {
        for name in self.compartments.keys.sorted() { self.followZero(of: name, on: &page) }
        self.bookUnattributed(evenIfRecent: false, on: &page)
    }

    mutating func bookUnattributed(evenIfRecent: Bool, on page: inout Page) {
        for name in self.compartments.keys.sorted() {
            guard let compartment = self.compartments[name],
                case .stable(let mass) = compartment.scale.weight(at: page.now)
            else { continue }
            let isRecent =
                compartment.lastUnattributed.map {
                    page.now.ms(since: $0) < BinRules.unattributedMs
                } ?? false
            let isDue = compartment.detached != nil || compartment.balance.gap(of: mass) != .zero
            if isRecent, isDue, !evenIfRecent { continue }
            self.bookUnattributed(name, mass, on: &page)
        }
    }

    /// Records the difference between `mass` and the compartment's record as nobody's; what lies
    /// below a division is the tare of the next order.
    private mutating func bookUnattributed(
        _ name: Name, _ mass: Milligrams, on page: inout Page
    ) {
        guard var compartment = self.compartments[name] else { return }
        let delta = compartment.balance.gap(of: mass)
        let detached = compartment.detached
        compartment.detached = nil
        if delta != .zero {
            let cause = compartment.cause(of: delta, detached, at: page.now)
            page.write(compartment.unattributed(delta, cause))
            compartment.lastUnattributed = page.now
            compartment.balance.settle(at: mass)
        } else if detached != nil {
            compartment.balance.settle(at: mass)
        } else if compartment.scale.isSteady {
            compartment.balance.tare(at: mass)
        }
        self.compartments[name] = compartment
    }

    /// Credits an order with what a compartment gained, or takes back what it lost.
    ///
    /// - Parameter isLast: The order is being closed: what lies below the scale's minimum is
    ///   recorded too, and without a stable weight what is certain.
    mutating func book(
        _ name: Name, for session: inout Session, isLast: Bool, on page: inout Page
    ) {
        guard let compartment = self.compartments[name] else { return }
        var flags: Set<DepositFlag> = session.isRecovered ? [.recovered] : []
        let mass: Milligrams
        switch compartment.scale.weight(at: page.now) {
        case .stable(let stable):
            if compartment.detached != nil {
                self.bookUnattributed(name, stable, on: &page)
                return
            }
            self.compartments[name]?.forgetUnexplainedPieces(at: stable, page.now)
            mass = stable
        case .moving(_, let lowest):
            guard isLast, self.detach(name, for: session) else { return }
            // The lowest weight of the last second is certainly there; what has left is gone.
            flags.insert(.unstable)
            mass = lowest
        case .overload:
            guard isLast, self.detach(name, for: session) else { return }
            // Nothing above Max + 9 e is a weight: that something was dropped is all that is known.
            self.write(
                Deposit(
                    change: .zero, pieces: 0, rates: self.rates(for: name, page).earningNothing,
                    flags: flags.union([.overload])), in: name, for: &session, on: &page)
            return
        case .underload, .none:
            if isLast { _ = self.detach(name, for: session) }
            return
        }
        let delta = compartment.balance.net(of: mass)
        let least = compartment.rules.limits.minimum
        let isEnough = max(delta, -delta) >= least || isLast
        if isEnough, delta > .zero {
            self.credit(delta, in: name, flags, to: &session, on: &page)
            session.lastActivity = page.now
        } else if isEnough, delta < .zero {
            self.takeBack(-delta, of: name, flags, from: &session, on: &page)
            session.lastActivity = page.now
        }
        self.bookDrift(of: name, at: mass, isLast: isLast, on: &page)
    }

    /// Keeps the record within a division of the scale where the tare hides drift, and carries what
    /// an order leaves below a division.
    private mutating func bookDrift(
        of name: Name, at mass: Milligrams, isLast: Bool, on page: inout Page
    ) {
        guard var compartment = self.compartments[name], compartment.detached == nil,
            compartment.balance.net(of: mass) == .zero
        else { return }
        let excess = compartment.balance.gap(of: mass)
        if excess != .zero {
            let before = compartment.level
            compartment.balance.record(drift: excess)
            page.write(
                .unattributed(
                    UnattributedFact(
                        compartment: name, before: before, after: compartment.level,
                        cause: .drift)))
        }
        if isLast { compartment.balance.carry(at: mass) }
        self.compartments[name] = compartment
    }

    /// What a compartment's scale will say once it is at rest again belongs to nobody: it might be
    /// the next resident's. Returns whether it still belonged to this order.
    private mutating func detach(_ name: Name, for session: Session) -> Bool {
        guard var compartment = self.compartments[name], compartment.detached == nil else {
            return false
        }
        compartment.detached = session.isRecovered ? .powerOff : .unsettled
        self.compartments[name] = compartment
        return true
    }

    private func rates(for name: Name, _ page: Page) -> AppliedRates {
        guard let compartment = self.compartments[name] else {
            preconditionFailure("only compartments of this bin are asked for")
        }
        return self.rates.rates(for: compartment.rules.material, at: page.moment).0
    }

    private mutating func credit(
        _ gain: Grams, in name: Name, _ flags: Set<DepositFlag>, to session: inout Session,
        on page: inout Page
    ) {
        guard let compartment = self.compartments[name] else { return }
        var flags = flags
        if session.order.opened.role == .unknown { flags.insert(.cardUnknown) }
        var (rates, missing) = self.rates.rates(
            for: compartment.rules.material, at: page.moment)
        flags.formUnion(missing)
        let repaid = min(gain, session.order.owed[name] ?? .zero)
        if repaid > .zero {
            let repayment = Deposit(
                change: repaid, pieces: 0, rates: rates.earningNothing,
                flags: flags.union([.afterRemoval]))
            self.write(repayment, in: name, for: &session, on: &page)
        }
        let rest = gain - repaid
        guard rest > .zero else {
            self.compartments[name]?.forgetPieces()
            return
        }
        let policy = self.rates.policy
        if rest < max(compartment.rules.limits.minimum, policy.minimumMass) {
            flags.insert(.belowMinimum)
            rates = rates.payingPiecesOnly
        }
        if let limit = policy.dailyLimit,
            session.creditedToday + session.order.credited + rest > limit
        {
            flags.insert(.overLimit)
            rates = rates.earningNothing
        }
        let pieces =
            self.compartments[name]?.takePieces(in: rest, beside: session.order.held(in: name)) ?? 0
        let deposit = Deposit(change: rest, pieces: pieces, rates: rates, flags: flags)
        self.write(deposit, in: name, for: &session, on: &page)
    }

    /// Takes back what the order was credited with, newest first and at the rates it was credited
    /// at; what it never put in is a removal.
    private mutating func takeBack(
        _ loss: Grams, of name: Name, _ flags: Set<DepositFlag>, from session: inout Session,
        on page: inout Page
    ) {
        // A hand that takes something out breaks the beam, too.
        self.compartments[name]?.forgetPieces()
        let (layers, rest) = session.order.takingOut(loss, of: name)
        var flags = flags
        if session.order.opened.role == .unknown { flags.insert(.cardUnknown) }
        for layer in layers {
            let deposit = Deposit(
                change: -layer.mass, pieces: -layer.pieces, rates: layer.rates, flags: flags)
            self.write(deposit, in: name, for: &session, on: &page)
        }
        guard rest > .zero, var compartment = self.compartments[name] else { return }
        page.write(compartment.unattributed(-rest, .removal))
        self.compartments[name] = compartment
        session.order.owe(rest, in: name)
        session.shown = nil
    }

    /// A deposit before it has its place.
    private struct Deposit {
        var change: Grams
        var pieces: Int64
        var rates: AppliedRates
        var flags: Set<DepositFlag>
    }

    private mutating func write(
        _ deposit: Deposit, in name: Name, for session: inout Session, on page: inout Page
    ) {
        guard var compartment = self.compartments[name] else { return }
        var flags = deposit.flags
        let madeGood = min(compartment.removed, max(.zero, deposit.change))
        if madeGood > .zero { flags.insert(.afterRemoval) }
        // Rates and masses are bounded where they come in, so that neither product exceeds 64 bits.
        guard let value = deposit.rates.value(of: deposit.change, pieces: deposit.pieces),
            let co2e = deposit.rates.co2e(of: deposit.change)
        else { preconditionFailure("rates and masses are bounded") }
        let fact = DepositFact(
            order: session.order.opened.order, card: session.order.opened.card,
            compartment: name, material: compartment.rules.material, before: compartment.level,
            after: compartment.level + deposit.change,
            division: compartment.rules.limits.division, pieces: deposit.pieces,
            rates: deposit.rates, value: value, co2e: co2e, flags: flags)
        page.write(.deposit(fact))
        if !session.isRecovered { self.occasions += 1 }
        compartment.balance.move(by: deposit.change)
        compartment.removed += session.order.add(fact, madeGood: madeGood) - madeGood
        self.compartments[name] = compartment
        session.shown = fact
    }

    mutating func followCollecting(
        _ card: CardNumber, _ lastActivity: BootInstant, on page: inout Page
    ) {
        var lastActivity = lastActivity
        for name in self.compartments.keys.sorted() {
            if self.isMoving(name, at: page.now) { lastActivity = page.now }
            if self.collect(name, by: card, isLast: false, on: &page) { lastActivity = page.now }
        }
        if page.now.ms(since: lastActivity) >= self.rules.idleMs {
            self.state = .leaving(
                card, deadline: page.now.advanced(byMs: BinRules.settleMs), next: nil)
            self.followLeaving(
                card, page.now.advanced(byMs: BinRules.settleMs), nil, on: &page)
        } else {
            self.state = .collecting(card, lastActivity: lastActivity)
        }
    }

    /// Ends a collection once every scale is at rest, or at the deadline; what moves even then
    /// belongs to nobody.
    mutating func followLeaving(
        _ card: CardNumber, _ deadline: BootInstant, _ next: Presentation?, on page: inout Page
    ) {
        guard page.now >= deadline || self.isAtRest(true, at: page.now) else { return }
        for name in self.compartments.keys.sorted() {
            self.collect(name, by: card, isLast: true, on: &page)
            if self.isMoving(name, at: page.now), self.compartments[name]?.detached == nil {
                self.compartments[name]?.detached = .unsettled
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
        page.write(
            .collection(
                CollectionFact(
                    card: card, compartment: name, before: compartment.level,
                    after: compartment.level + delta)))
        compartment.balance.move(by: delta)
        compartment.balance.settle(at: mass)
        compartment.removed = .zero
        self.compartments[name] = compartment
        return true
    }
}

extension BinMachine.Compartment {
    /// Why the indication differs from the record while no order is open.
    ///
    /// - Parameter detached: Why it belonged to nobody beforehand.
    mutating func cause(
        of delta: Grams, _ detached: BinMachine.Detachment?, at now: BootInstant
    ) -> UnattributedFact.Cause {
        let limits = self.rules.limits
        let isSmall = max(delta, -delta) < max(limits.minimum, limits.division)
        let isService = self.servicedUntil.map { now < $0 } ?? false
        switch detached {
        case .powerOff: return .powerOff
        case .calibration: return .calibration
        // A removal would be charged to the order that is open by now.
        case .unsettled: return isSmall ? .drift : .noCard
        case nil where isService: return .calibration
        case nil:
            let isDrift = isSmall && self.recentDrift.takes(delta, limits: limits, at: now)
            return isDrift ? .drift : delta > .zero ? .noCard : .removal
        }
    }

    /// Moves the level and says why. What was taken out unpaid may be dropped again, and is
    /// remembered for that.
    mutating func unattributed(_ delta: Grams, _ cause: UnattributedFact.Cause) -> Fact {
        let fact = UnattributedFact(
            compartment: self.rules.name, before: self.level, after: self.level + delta,
            cause: cause)
        self.balance.move(by: delta)
        self.removed += fact.takenOut
        return .unattributed(fact)
    }
}
