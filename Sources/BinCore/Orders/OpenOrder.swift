/// What a journal knows of the bin when the daemon starts.
package struct BinMemory: Hashable, Sendable {
    /// What a compartment's last records leave behind.
    package struct Compartment: Hashable, Sendable {
        /// The `after` of the last weight-bearing record; 0 before the first.
        package var level: Grams
        /// The scale's newest calibration.
        package var calibration: Calibration?
        /// The zero of its last calibration with a known mass: zero-setting stays near it.
        package var calibratedZero: Int64?

        package init(
            level: Grams = .zero, calibration: Calibration? = nil,
            calibratedZero: Int64? = nil
        ) {
            self.level = level
            self.calibration = calibration
            self.calibratedZero = calibratedZero
        }
    }

    /// Far more than a bin has parts; what is beyond it isn't remembered across a restart.
    package static let mostFaults = 64

    package var compartments: [Name: Compartment]
    /// What was taken out without being paid back, and not yet dropped again.
    package var removed = MissingMass()
    /// The order that was open when the daemon stopped.
    package var openOrder: OpenOrder?
    /// Whether weight that came while the daemon was away still belongs to that order.
    package var mayCredit: Bool
    /// As of the newest record that has it.
    package var legal: LegalMark?
    /// What is broken as far as the records tell, by source; at most `mostFaults`.
    package var openFaults: [String: FaultFact] = [:]
    /// The machine was off: an empty scale may set its zero.
    package var isSwitchedOn = false

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
    /// Taken out in this order beyond what it had put in, by compartment: what is dropped there
    /// next makes good for it and earns nothing.
    package private(set) var owed: [Name: Grams] = [:]
    /// What each compartment holds of this order, oldest first.
    private var layers: [Name: [Layer]] = [:]

    /// Why mass lies where it lies.
    package enum Ground: Hashable, Sendable {
        /// It was credited at its rates.
        case credited
        /// It earned nothing, as the order owes as much in another compartment: what is carried
        /// from one to the other is nobody's gain.
        case withheld
        /// It made good for what this order owed here: taken out again, it is owed again.
        case repayment
    }

    /// Mass that was dropped at the same rates, and can be taken out again at these.
    package struct Layer: Hashable, Sendable {
        package var mass: Grams
        package var pieces: Int64
        package var rates: AppliedRates
        package var ground: Ground
        /// How much of it made good for earlier removals, by anyone.
        package var madeGood: Grams

        /// The pieces that leave with so much of its mass: their share, rounded up, so that taking
        /// out nearly everything and dropping it again earns nothing.
        func pieces(in mass: Grams) -> Int64 {
            guard mass < self.mass else { return self.pieces }
            let share = Int128(self.pieces) * Int128(mass.value)
            return Int64((share + Int128(self.mass.value) - 1) / Int128(self.mass.value))
        }
    }

    package init(_ opened: OpenedFact) { self.opened = opened }

    /// Takes a deposit that is about to be recorded, or was.
    ///
    /// While something is owed, a drop is a repayment of at most that much, and while there is a
    /// shortfall it is withheld: the machine records what is dropped beyond either separately.
    ///
    /// - Parameter madeGood: How much of it makes good for earlier removals.
    /// - Returns: How much that was made good for is missing again.
    package mutating func add(_ deposit: DepositFact, madeGood: Grams) -> Grams {
        self.deposits += 1
        self.mass += deposit.mass
        self.value += deposit.value
        self.co2e += deposit.co2e
        if deposit.rates.price != .zero { self.credited += deposit.mass }
        if deposit.mass >= .zero {
            self.put(deposit, madeGood: madeGood)
            return .zero
        }
        let taken = self.takingOut(-deposit.mass, of: deposit.compartment).layers
        self.remove(-deposit.mass, from: deposit.compartment)
        for layer in taken where layer.ground == .repayment {
            self.owe(layer.mass, in: deposit.compartment)
        }
        return taken.reduce(Grams.zero) { $0 + $1.madeGood }
    }

    /// What was taken out that this order never put in.
    package mutating func owe(_ mass: Grams, in compartment: Name) {
        guard mass > .zero else { return }
        self.owed[compartment, default: .zero] += mass
    }

    /// By how much what is owed exceeds what was withheld for it: so much of the next drop earns
    /// nothing, wherever it falls.
    package var shortfall: Grams {
        let owed = self.owed.values.reduce(Grams.zero, +)
        let withheld = self.layers.values.joined().filter { $0.ground == .withheld }
        return max(.zero, owed - withheld.reduce(Grams.zero) { $0 + $1.mass })
    }

    private mutating func put(_ deposit: DepositFact, madeGood: Grams) {
        let owed = self.owed[deposit.compartment] ?? .zero
        let ground: Ground =
            if deposit.mass == .zero { .credited } else if owed > .zero { .repayment } else {
                self.shortfall > .zero ? .withheld : .credited
            }
        if ground == .repayment { self.owed[deposit.compartment] = owed - min(owed, deposit.mass) }
        self.layers[deposit.compartment, default: []].append(
            Layer(
                mass: deposit.mass, pieces: deposit.pieces, rates: deposit.rates,
                ground: ground, madeGood: madeGood))
    }

    private mutating func remove(_ mass: Grams, from compartment: Name) {
        var layers = self.layers[compartment] ?? []
        var rest = mass
        for index in self.leaving(compartment) where rest > .zero {
            let taken = min(rest, layers[index].mass)
            layers[index].pieces -= layers[index].pieces(in: taken)
            layers[index].mass -= taken
            layers[index].madeGood -= min(layers[index].madeGood, taken)
            rest -= taken
        }
        layers.removeAll { $0.mass == .zero }
        self.layers[compartment] = layers
    }

    /// The layers of a compartment in the order in which they are taken out: first what was
    /// credited, the newest first, then what was withheld, then what was repaid.
    private func leaving(_ compartment: Name) -> [Int] {
        let layers = self.layers[compartment] ?? []
        return [Ground.credited, .withheld, .repayment].flatMap { ground in
            layers.indices.reversed().filter { layers[$0].ground == ground }
        }
    }

    /// What a compartment holds of this order.
    package func held(in compartment: Name) -> (mass: Grams, pieces: Int64) {
        (self.layers[compartment] ?? []).reduce((Grams.zero, 0)) {
            ($0.0 + $1.mass, $0.1 + $1.pieces)
        }
    }

    /// What of this order must be taken back when `mass` leaves a compartment, in the order in
    /// which it leaves, and what of `mass` the order never put in.
    package func takingOut(
        _ mass: Grams, of compartment: Name
    ) -> (layers: [Layer], rest: Grams) {
        var rest = mass
        var taken: [Layer] = []
        let layers = self.layers[compartment] ?? []
        for layer in self.leaving(compartment).map({ layers[$0] })
        where rest > .zero && layer.mass > .zero {
            var part = layer
            part.mass = min(rest, layer.mass)
            part.madeGood = min(layer.madeGood, part.mass)
            part.pieces = layer.pieces(in: part.mass)
            rest -= part.mass
            taken.append(part)
        }
        return (taken, rest)
    }

    package func settled(_ closed: OrderFact.Closed) -> OrderFact {
        OrderFact(
            order: self.opened.order, card: self.opened.card, deposits: self.deposits,
            mass: self.mass, value: self.value, co2e: self.co2e, closed: closed)
    }
}
