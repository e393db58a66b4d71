/// What a resident may see of the bin at one moment: a projection of what is durable plus the live
/// weights.
package struct BinView: Hashable, Sendable {
    package enum Phase: Hashable, Sendable {
        case idle
        /// An order is open and nothing was dropped yet.
        case greeting
        /// An order is open; weight is moving or not yet recorded.
        case weighing
        /// An order is open and its last deposit was just recorded.
        case deposited(DepositFact)
        /// An order was just settled.
        case thanks(OrderFact)
        case refused(RefusedFact.Reason)
        /// A collector is at work.
        case collecting
        /// The bin can't take deposits now. A short code: `storage`, `scales` or `starting`.
        case fault(String)
    }

    /// The sums of the open order.
    package struct Order: Hashable, Sendable {
        package var card: CardNumber
        package var deposits: Int64
        package var mass: Grams
        package var value: MicroYuan
        package var co2e: MilligramsCO2e

        package init(
            card: CardNumber, deposits: Int64, mass: Grams, value: MicroYuan,
            co2e: MilligramsCO2e
        ) {
            self.card = card
            self.deposits = deposits
            self.mass = mass
            self.value = value
            self.co2e = co2e
        }
    }

    package struct Compartment: Hashable, Sendable {
        package var name: Name
        package var material: Name
        /// What lies in it beyond the last record, in whole divisions; `nil` without a reading.
        package var live: Grams?
        package var isStable: Bool
        /// What its fill sensor says. It is weighed and credited all the same.
        package var isFull: Bool
        /// Whether its lid is to be open now.
        package var isUnlocked: Bool
        /// What the switch at its lid says; `nil` without one, or before it was heard.
        package var isLidOpen: Bool?

        package init(
            name: Name, material: Name, live: Grams?, isStable: Bool, isFull: Bool = false,
            isUnlocked: Bool = false, isLidOpen: Bool? = nil
        ) {
            self.name = name
            self.material = material
            self.live = live
            self.isStable = isStable
            self.isFull = isFull
            self.isUnlocked = isUnlocked
            self.isLidOpen = isLidOpen
        }
    }

    /// A door with a switch.
    package struct Door: Hashable, Sendable {
        package var name: Name
        package var isOpen: Bool

        package init(name: Name, isOpen: Bool) {
            self.name = name
            self.isOpen = isOpen
        }
    }

    package var phase: Phase
    package var order: Order?
    /// In the order of their names.
    package var compartments: [Compartment]
    /// Those that were heard of, in the order of their names.
    package var doors: [Door]
    /// How often a card was accepted or refused, something recorded for a card, or an order settled
    /// since the daemon started: lights and buzzer tell of each.
    package var occasions: Int64
    /// A technician is to look at the storage. The bin works.
    package var needsService = false

    package init(
        phase: Phase, order: Order? = nil, compartments: [Compartment] = [], doors: [Door] = [],
        occasions: Int64 = 0
    ) {
        self.phase = phase
        self.order = order
        self.compartments = compartments
        self.doors = doors
        self.occasions = occasions
    }

    /// The same with nothing to be had: what is dropped now could not be remembered.
    package func outOfService(_ code: String) -> BinView {
        var view = self
        view.phase = .fault(code)
        for index in view.compartments.indices { view.compartments[index].isUnlocked = false }
        return view
    }
}
