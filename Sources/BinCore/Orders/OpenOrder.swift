/// What a journal knows of the bin when the daemon starts.
package struct BinMemory: Hashable, Sendable {
    /// What a compartment's last records leave behind.
    package struct Compartment: Hashable, Sendable {
        /// The `after` of the last weight-bearing record; 0 before the first.
        package var level: Grams
        /// What was taken out without being paid back, and not yet dropped again.
        package var removed: Grams

        package init(level: Grams = .zero, removed: Grams = .zero) {
            self.level = level
            self.removed = removed
        }
    }

    package var compartments: [Name: Compartment]
    /// The order that was open when the daemon stopped.
    package var openOrder: OpenOrder?
    /// Whether weight that came while the daemon was away still belongs to that order.
    package var mayCredit: Bool

    package init(
        compartments: [Name: Compartment] = [:], openOrder: OpenOrder? = nil,
        mayCredit: Bool = false
    ) {
        self.compartments = compartments
        self.openOrder = openOrder
        self.mayCredit = mayCredit
    }
}

/// An order that isn't settled yet: its opening and its deposits.
package struct OpenOrder: Hashable, Sendable {
    package let opened: OpenedFact
    package private(set) var deposits: Int64 = 0
    package private(set) var mass = Grams.zero
    package private(set) var value = MicroYuan.zero
    package private(set) var co2e = MilligramsCO2e.zero
    /// What counts towards the card's daily limit.
    package private(set) var credited = Grams.zero
    /// What each compartment holds of this order, oldest first.
    private var layers: [Name: [Layer]] = [:]

    /// Mass that was credited at the same rates, and can be taken out again at these.
    package struct Layer: Hashable, Sendable {
        package var mass: Grams
        package var pieces: Int64
        package var rates: AppliedRates
    }

    package init(_ opened: OpenedFact) { self.opened = opened }

    /// Takes a deposit that is about to be recorded, or was.
    package mutating func add(_ deposit: DepositFact) {
        self.deposits += 1
        self.mass += deposit.mass
        self.value += deposit.value
        self.co2e += deposit.co2e
        if deposit.rates.price != .zero { self.credited += deposit.mass }
        var stack = self.layers[deposit.compartment] ?? []
        if deposit.mass >= .zero {
            stack.append(
                Layer(mass: deposit.mass, pieces: deposit.pieces, rates: deposit.rates))
        } else {
            var rest = -deposit.mass
            while rest > .zero, var top = stack.popLast() {
                let taken = min(rest, top.mass)
                top.mass -= taken
                rest -= taken
                if top.mass > .zero { stack.append(top) }
            }
        }
        self.layers[deposit.compartment] = stack
    }

    /// What of this order must be taken back, newest first, when `mass` leaves a compartment, and
    /// what of `mass` the order never put in.
    package func takingOut(_ mass: Grams, of compartment: Name) -> ([Layer], rest: Grams) {
        var rest = mass
        var taken: [Layer] = []
        for layer in (self.layers[compartment] ?? []).reversed()
        where rest > .zero && layer.mass > .zero {
            let part = min(rest, layer.mass)
            rest -= part
            // The pieces of a layer go with the last of its mass: half a layer has no whole pieces.
            let pieces = part == layer.mass ? layer.pieces : 0
            taken.append(Layer(mass: part, pieces: pieces, rates: layer.rates))
        }
        return (taken, rest)
    }

    package func settled(_ closed: OrderFact.Closed) -> OrderFact {
        OrderFact(
            order: self.opened.order, card: self.opened.card, deposits: self.deposits,
            mass: self.mass, value: self.value, co2e: self.co2e, closed: closed)
    }
}
