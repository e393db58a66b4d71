extension BinMachine {
    /// Weight that differs from the record by this much is no noise: someone is at the bin.
    func isMoving(_ name: Name, at now: BootInstant) -> Bool {
        guard let compartment = self.compartments[name] else { return false }
        let limits = compartment.rules.limits
        let least = max(limits.minimum, limits.division).milligrams
        return switch compartment.scale.weight(at: now) {
        case .moving(let live, _, _): (live - compartment.level.milligrams).magnitude >= least
        case .overload, .underload: true
        case .stable, .none: false
        }
    }

    /// Outside orders: what a stable weight differs by is recorded as nobody's.
    mutating func followIdle(on page: inout Page) {
        for name in self.names { self.followZero(of: name, on: &page) }
        self.bookUnattributed(evenIfRecent: false, on: &page)
    }

    mutating func bookUnattributed(evenIfRecent: Bool, on page: inout Page) {
        for name in self.names {
            guard let compartment = self.compartments[name] else { continue }
            guard case .stable(let mass) = compartment.scale.weight(at: page.now) else {
                // It was at rest: what moves now came after that.
                if evenIfRecent, let mass = compartment.putOff {
                    self.bookUnattributed(name, mass, on: &page)
                }
                continue
            }
            self.compartments[name]?.suddenLoss.rested(
                at: mass, page.now, division: compartment.rules.limits.division)
            // What came back is no loss.
            if compartment.balance.gap(of: mass) == .zero {
                self.compartments[name]?.suddenLoss.recorded()
            }
            let isRecent =
                compartment.lastUnattributed.map {
                    page.now.ms(since: $0) < BinRules.unattributedMs
                } ?? false
            let isDue = compartment.detached != nil || compartment.balance.gap(of: mass) != .zero
            if isRecent, isDue, !evenIfRecent {
                self.compartments[name]?.putOff = mass
            } else {
                self.bookUnattributed(name, mass, on: &page)
            }
        }
    }

    /// Records the difference between `mass` and the compartment's record as nobody's, and what
    /// lies below a division as drift.
    ///
    /// - Parameter mass: At rest; only a steady one is tared.
    mutating func bookUnattributed(
        _ name: Name, _ mass: Milligrams, on page: inout Page
    ) {
        guard var compartment = self.compartments[name] else { return }
        let delta = compartment.balance.gap(of: mass)
        let detached = compartment.detached
        compartment.detached = nil
        compartment.putOff = nil
        if delta < .zero, case .collected(let card)? = detached {
            self.collect(delta, by: card, from: &compartment, on: &page)
        } else if delta != .zero {
            let cause = compartment.cause(of: delta, detached, at: page.now)
            self.move(&compartment, by: delta, cause, on: &page)
            compartment.lastUnattributed = page.now
        }
        if delta != .zero || detached != nil { compartment.balance.disown(at: mass) }
        if compartment.scale.tare(at: page.now) != nil { compartment.balance.tare(at: mass) }
        self.compartments[name] = compartment
    }

    /// Credits an order with what a compartment gained, or takes back what it lost.
    ///
    /// - Parameter isLast: The order is being closed: what lies below the scale's minimum is
    ///   recorded too, and without a stable weight what is certain.
    mutating func book(
        _ name: Name, for session: inout Session, isLast: Bool, on page: inout Page
    ) {
        self.compartments[name]?.takeDueTare(at: page.now)
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
        case .moving(_, let lowest, let highest):
            guard isLast, self.detach(name, for: session) else { return }
            // What the lowest weight of the last second shows more is there, be it by a hand that
            // leans on the bin, and what the highest shows less is certainly gone. In between
            // nothing is certain.
            flags.insert(.unstable)
            mass = compartment.balance.net(of: lowest) > .zero ? lowest : highest
            let net = compartment.balance.net(of: mass)
            if mass == highest, net >= .zero { return }
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
        if delta > .zero, delta >= self.leastGain(of: compartment) || isLast {
            self.credit(delta, in: name, flags, to: &session, on: &page)
            session.lastActivity = page.now
        } else if delta < .zero, -delta >= compartment.rules.limits.minimum || isLast {
            self.takeBack(-delta, of: name, flags, from: &session, on: &page)
            session.lastActivity = page.now
        }
        self.bookDrift(of: name, at: mass, isLast: isLast, on: &page)
    }

    /// What a gain must come to before it is recorded while more may follow: many small drops are
    /// one deposit, whatever minimum the policy sets.
    private func leastGain(of compartment: Compartment) -> Grams {
        max(compartment.rules.limits.minimum, self.rates.policy.minimumMass)
    }

    /// Keeps the record within a division of the scale where the tare hides drift, and carries what
    /// an order leaves below a division, if the weight is steady enough to tell.
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
        switch (isLast, compartment.scale.isSteady) {
        case (true, true): compartment.balance.carry(at: mass)
        case (true, false): compartment.balance.begin(at: mass)
        case (false, _): break
        }
        self.compartments[name] = compartment
    }

    /// What a compartment's scale will say once it is at rest again belongs to nobody: it might be
    /// the next resident's. Returns whether it still belonged to this order.
    mutating func detach(_ name: Name, for session: Session) -> Bool {
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
        let unpaid = Deposit(
            change: .zero, pieces: 0, rates: rates.earningNothing,
            flags: flags.union([.afterRemoval]))
        // What is owed here is repaid, then what is owed elsewhere is withheld.
        var rest = gain
        let repaid = min(rest, session.order.owed[name] ?? .zero)
        rest -= self.write(unpaid, of: repaid, in: name, for: &session, on: &page)
        let withheld = min(rest, session.order.shortfall)
        rest -= self.write(unpaid, of: withheld, in: name, for: &session, on: &page)
        guard rest > .zero else {
            self.compartments[name]?.forgetPieces()
            return
        }
        if rest < self.leastGain(of: compartment) {
            flags.insert(.belowMinimum)
            rates = rates.payingPiecesOnly
        }
        // No weight may be paid by that was not at rest: a hand is never.
        //
        // Source: OIML R 76-1 4.4.2.
        if flags.contains(.unstable) { rates = rates.earningNothing }
        if let limit = self.rates.policy.dailyLimit,
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
        self.move(&compartment, by: -rest, .removal, on: &page)
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

    /// Writes a deposit of `mass`, unless that is 0. Returns `mass`.
    private mutating func write(
        _ deposit: Deposit, of mass: Grams, in name: Name, for session: inout Session,
        on page: inout Page
    ) -> Grams {
        guard mass > .zero else { return .zero }
        var deposit = deposit
        deposit.change = mass
        self.write(deposit, in: name, for: &session, on: &page)
        return mass
    }

    private mutating func write(
        _ deposit: Deposit, in name: Name, for session: inout Session, on page: inout Page
    ) {
        guard var compartment = self.compartments[name] else { return }
        var flags = deposit.flags
        let madeGood = self.removed.makeGood(max(.zero, deposit.change), into: name)
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
        self.removed.add(session.order.add(fact, madeGood: madeGood), from: name)
        self.compartments[name] = compartment
        session.shown = fact
    }

    /// Moves a level and says why. What was taken out unpaid may be dropped again, and is
    /// remembered for that.
    private mutating func move(
        _ compartment: inout Compartment, by delta: Grams, _ cause: UnattributedFact.Cause,
        on page: inout Page
    ) {
        let fact = UnattributedFact(
            compartment: compartment.rules.name, before: compartment.level,
            after: compartment.level + delta, cause: cause)
        page.write(.unattributed(fact))
        compartment.balance.move(by: delta)
        self.removed.add(fact.takenOut, from: fact.compartment)
    }
}

extension BinMachine.Compartment {
    fileprivate mutating func takeDueTare(at now: BootInstant) {
        guard self.detached == nil, let mass = self.scale.tare(at: now) else { return }
        self.balance.tareIfDue(at: mass)
    }

    /// Why the indication differs from the record while no order is open.
    ///
    /// - Parameter detached: Why it belonged to nobody beforehand.
    mutating func cause(
        of delta: Grams, _ detached: BinMachine.Detachment?, at now: BootInstant
    ) -> UnattributedFact.Cause {
        defer { self.suddenLoss.recorded() }
        let limits = self.rules.limits
        let isSmall = max(delta, -delta) < max(limits.minimum, limits.division)
        let isService = self.servicedUntil.map { now < $0 } ?? false
        switch detached {
        case .powerOff: return .powerOff
        case .calibration: return .calibration
        // A removal would be charged to the order that is open by now.
        case .unsettled, .collected: return isSmall ? .drift : .noCard
        case nil where isService: return .calibration
        case nil:
            let isTaken = delta < .zero && self.suddenLoss.isSeen
            let isDrift =
                isSmall && !isTaken && self.recentDrift.takes(delta, limits: limits, at: now)
            return isDrift ? .drift : delta > .zero ? .noCard : .removal
        }
    }
}
