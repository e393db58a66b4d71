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

        package init(name: Name, material: Name, live: Grams?, isStable: Bool) {
            self.name = name
            self.material = material
            self.live = live
            self.isStable = isStable
        }
    }

    package var phase: Phase
    package var order: Order?
    /// In the order of their names.
    package var compartments: [Compartment]

    package init(phase: Phase, order: Order? = nil, compartments: [Compartment] = []) {
        self.phase = phase
        self.order = order
        self.compartments = compartments
    }
}
