extension BinMachine {
    /// Weight that differs from the record by this much is no noise: someone is at the bin.
    func isMoving(_ name: Name, at now: BootInstant) -> Bool {
        guard let compartment = self.compartments[name] else { return false }
        let limits = compartment.rules.limits
        let least = max(limits.minimum, limits.division).milligrams
        return switch compartment.weigher.weight(at: now) {
        case .moving(let live, _): (live - compartment.level.milligrams).magnitude >= least
        case .overload: true
        case .stable, .none: false
        }
    }

    /// Outside orders: what a stable weight differs by is recorded as nobody's.
    mutating func followIdle(on page: inout Page) {
        self.bookUnattributed(evenIfRecent: false, on: &page)
    }

    mutating func bookUnattributed(evenIfRecent: Bool, on page: inout Page) {
        for name in self.compartments.keys.sorted() {
            guard let compartment = self.compartments[name],
                case .stable(let mass) = compartment.weigher.weight(at: page.now)
            else { continue }
            if !evenIfRecent, let last = compartment.lastUnattributed,
                page.now.ms(since: last) < BinRules.unattributedMs
            {
                continue
            }
            self.bookUnattributed(name, mass, cause: nil, on: &page)
        }
    }

    /// Records the difference between `mass` and the compartment's record as nobody's.
    ///
    /// - Parameter cause: `nil` to tell drift, an unknown drop and a removal apart by size and
    ///   sign.
    private mutating func bookUnattributed(
        _ name: Name, _ mass: Milligrams, cause: UnattributedFact.Cause?, on page: inout Page
    ) {
        guard var compartment = self.compartments[name] else { return }
        let delta = compartment.change(to: mass)
        let cause = cause ?? compartment.detached
        compartment.detached = nil
        if delta != .zero {
            let limits = compartment.rules.limits
            let isDrift = max(delta, -delta) < max(limits.minimum, limits.division)
            let natural: UnattributedFact.Cause =
                isDrift ? .drift : delta > .zero ? .noCard : .removal
            let told = cause ?? natural
            page.write(compartment.unattributed(delta, told))
            if told == .removal { compartment.removed -= delta }
            compartment.lastUnattributed = page.now
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
        switch compartment.weigher.weight(at: page.now) {
        case .stable(let stable):
            if compartment.detached != nil {
                self.bookUnattributed(name, stable, cause: nil, on: &page)
                return
            }
            mass = stable
        case .moving(_, let lowest):
            guard isLast else { return }
            // The lowest weight of the last second is certainly there. What more there is will
            // belong to nobody: it might be the next resident's.
            self.compartments[name]?.detached = session.isRecovered ? .powerOff : .noCard
            guard compartment.detached == nil, lowest > compartment.level.milligrams else { return }
            flags.insert(.unstable)
            mass = lowest
        case .overload:
            guard isLast else { return }
            self.compartments[name]?.detached = session.isRecovered ? .powerOff : .noCard
            let most = compartment.rules.limits.capacity.milligrams
            guard compartment.detached == nil, most > compartment.level.milligrams else { return }
            flags.insert(.overload)
            mass = most
        case .none:
            if isLast {
                self.compartments[name]?.detached = session.isRecovered ? .powerOff : .noCard
            }
            return
        }
        let delta = compartment.change(to: mass)
        let least = compartment.rules.limits.minimum
        let isEnough = max(delta, -delta) >= least || isLast
        guard isEnough, delta != .zero || (isLast && compartment.pieces > 0) else { return }
        if delta >= .zero {
            self.credit(delta, in: name, flags, to: &session, on: &page)
        } else {
            self.takeBack(-delta, of: name, flags, from: &session, on: &page)
        }
        session.lastActivity = page.now
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
        let repaid = min(gain, session.owed[name] ?? .zero)
        if repaid > .zero {
            session.owed[name, default: .zero] -= repaid
            let repayment = Deposit(
                change: repaid, pieces: 0, rates: rates.earningNothing,
                flags: flags.union([.afterRemoval]))
            self.write(repayment, in: name, for: &session, on: &page)
        }
        let rest = gain - repaid
        guard rest > .zero || compartment.pieces > 0 else { return }
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
        let deposit = Deposit(
            change: rest, pieces: compartment.pieces, rates: rates, flags: flags)
        self.compartments[name]?.pieces = 0
        self.write(deposit, in: name, for: &session, on: &page)
    }

    /// Takes back what the order was credited with, newest first and at the rates it was credited
    /// at; what it never put in is a removal.
    private mutating func takeBack(
        _ loss: Grams, of name: Name, _ flags: Set<DepositFlag>, from session: inout Session,
        on page: inout Page
    ) {
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
        compartment.removed += rest
        self.compartments[name] = compartment
        session.owed[name, default: .zero] += rest
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
        if deposit.change > .zero, compartment.removed > .zero {
            flags.insert(.afterRemoval)
            compartment.removed -= min(compartment.removed, deposit.change)
        }
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
        compartment.level = fact.after
        self.compartments[name] = compartment
        session.order.add(fact)
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
            self.endCollection(by: card, on: &page)
        } else {
            self.state = .collecting(card, lastActivity: lastActivity)
        }
    }

    /// What still moves when a collector leaves belongs to nobody once it is at rest.
    mutating func endCollection(by card: CardNumber, on page: inout Page) {
        for name in self.compartments.keys.sorted() {
            self.collect(name, by: card, isLast: true, on: &page)
        }
        self.state = .idle
    }

    /// Records what a collector took out. Returns whether anything was recorded.
    @discardableResult
    private mutating func collect(
        _ name: Name, by card: CardNumber, isLast: Bool, on page: inout Page
    ) -> Bool {
        guard var compartment = self.compartments[name],
            case .stable(let mass) = compartment.weigher.weight(at: page.now)
        else { return false }
        let delta = compartment.change(to: mass)
        let limits = compartment.rules.limits
        guard delta != .zero, isLast || max(delta, -delta) >= limits.minimum else { return false }
        guard delta < .zero, compartment.detached == nil else {
            self.bookUnattributed(name, mass, cause: nil, on: &page)
            return true
        }
        page.write(
            .collection(
                CollectionFact(
                    card: card, compartment: name, before: compartment.level,
                    after: compartment.level + delta)))
        compartment.level += delta
        compartment.removed = .zero
        self.compartments[name] = compartment
        return true
    }
}

extension BinMachine.Compartment {
    /// How far `mass` is from the record, in whole divisions; zero below one division, which is
    /// carried to the next weighing.
    func change(to mass: Milligrams) -> Grams {
        let difference = mass - self.level.milligrams
        let division = self.rules.limits.division
        return difference.magnitude < division.milligrams
            ? .zero : difference.rounded(to: division)
    }

    /// Moves the level and says why.
    mutating func unattributed(_ delta: Grams, _ cause: UnattributedFact.Cause) -> Fact {
        let before = self.level
        self.level += delta
        return .unattributed(
            UnattributedFact(
                compartment: self.rules.name, before: before, after: self.level, cause: cause))
    }
}
