/// What happened, before it has a place in the journal. One case per record kind of CONTRACT §3.
package enum Fact: Hashable, Sendable {
    case boot(BootFact)
    case clock(ClockFact)
    case opened(OpenedFact)
    case deposit(DepositFact)
    case order(OrderFact)
    case refused(RefusedFact)
    case collection(CollectionFact)
    case unattributed(UnattributedFact)
    case bulletin(BulletinFact)
    case config(ConfigFact)
    case calibration(CalibrationFact)
    case fault(FaultFact)
    case cleared(FaultFact)
}

/// A record's place in the journal, counted from 1 without gaps.
package typealias RecordNumber = Int64

/// The daemon started.
package struct BootFact: Hashable, Sendable {
    package enum Reason: String, CaseIterable, Sendable { case power, restart, watchdog }

    package var version: String
    /// SHA-256 of the active configuration, lower-case hexadecimal.
    package var config: String
    package var reason: Reason
    /// What the bin's legally relevant parameters are; `nil` in records of old.
    package var legal: LegalMark?

    package init(version: String, config: String, reason: Reason, legal: LegalMark? = nil) {
        self.version = version
        self.config = config
        self.reason = reason
        self.legal = legal
    }
}

/// Wall time was set, or stepped by over one second.
package struct ClockFact: Hashable, Sendable {
    package var from: WallTime
    package var to: WallTime

    package init(from: WallTime, to: WallTime) {
        self.from = from
        self.to = to
    }
}

/// A card opened an order. The order's number is this record's own sequence number.
package struct OpenedFact: Hashable, Sendable {
    package var order: RecordNumber
    package var card: CardNumber
    package var role: Role
    package var reader: Name

    package init(order: RecordNumber, card: CardNumber, role: Role, reader: Name) {
        self.order = order
        self.card = card
        self.role = role
        self.reader = reader
    }
}

/// What is to be known about a deposit besides its figures.
package enum DepositFlag: String, CaseIterable, Comparable, Sendable {
    case belowMinimum = "below-minimum"
    case unstable
    case overload
    case cardUnknown = "card-unknown"
    case clockUnset = "clock-unset"
    case recovered
    case afterRemoval = "after-removal"
    case noPrice = "no-price"
    case noFactor = "no-factor"
    case overLimit = "over-limit"

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// One weighed drop, or with negative mass something taken out again.
package struct DepositFact: Hashable, Sendable {
    package var order: RecordNumber
    package var card: CardNumber
    package var compartment: Name
    package var material: Name
    package var before: Grams
    package var after: Grams
    package var division: Grams
    package var pieces: Int64
    package var rates: AppliedRates
    package var value: MicroYuan
    package var co2e: MilligramsCO2e
    package var flags: Set<DepositFlag>

    package var mass: Grams { self.after - self.before }

    package init(
        order: RecordNumber, card: CardNumber, compartment: Name, material: Name, before: Grams,
        after: Grams, division: Grams, pieces: Int64, rates: AppliedRates, value: MicroYuan,
        co2e: MilligramsCO2e, flags: Set<DepositFlag>
    ) {
        self.order = order
        self.card = card
        self.compartment = compartment
        self.material = material
        self.before = before
        self.after = after
        self.division = division
        self.pieces = pieces
        self.rates = rates
        self.value = value
        self.co2e = co2e
        self.flags = flags
    }
}

/// An order was settled: the sum of its deposits.
package struct OrderFact: Hashable, Sendable {
    package enum Closed: String, CaseIterable, Sendable {
        case tap, idle, power, service
        case nextCard = "next-card"
    }

    package var order: RecordNumber
    package var card: CardNumber
    package var deposits: Int64
    package var mass: Grams
    package var value: MicroYuan
    package var co2e: MilligramsCO2e
    package var closed: Closed

    package init(
        order: RecordNumber, card: CardNumber, deposits: Int64, mass: Grams, value: MicroYuan,
        co2e: MilligramsCO2e, closed: Closed
    ) {
        self.order = order
        self.card = card
        self.deposits = deposits
        self.mass = mass
        self.value = value
        self.co2e = co2e
        self.closed = closed
    }
}

/// A card was not accepted.
package struct RefusedFact: Hashable, Sendable {
    package enum Reason: String, CaseIterable, Sendable {
        /// The card's role is `blocked`.
        case blocked
        /// No list holds the card, and the policy refuses such cards.
        case unknownCard = "unknown-card"
        /// The card's role opens no order at a bin.
        case role
        /// No scale delivers a weight.
        case outOfService = "out-of-service"
        /// Another card waits already for the order before it to be settled.
        case busy
    }

    package var card: CardNumber
    package var reason: Reason

    package init(card: CardNumber, reason: Reason) {
        self.card = card
        self.reason = reason
    }
}

/// A collector emptied a compartment.
package struct CollectionFact: Hashable, Sendable {
    package var card: CardNumber
    package var compartment: Name
    package var before: Grams
    package var after: Grams

    package var removed: Grams { self.before - self.after }

    package init(card: CardNumber, compartment: Name, before: Grams, after: Grams) {
        self.card = card
        self.compartment = compartment
        self.before = before
        self.after = after
    }
}

/// Weight changed outside any deposit or collection.
package struct UnattributedFact: Hashable, Sendable {
    package enum Cause: String, CaseIterable, Sendable {
        case drift, removal, calibration
        case noCard = "no-card"
        case powerOff = "power-off"
    }

    package var compartment: Name
    package var before: Grams
    package var after: Grams
    package var cause: Cause

    package var delta: Grams { self.after - self.before }

    /// What somebody took out and may drop again: any loss but drift and calibration.
    package var takenOut: Grams {
        switch self.cause {
        case .drift, .calibration: .zero
        case .removal, .noCard, .powerOff: max(.zero, -self.delta)
        }
    }

    package init(compartment: Name, before: Grams, after: Grams, cause: Cause) {
        self.compartment = compartment
        self.before = before
        self.after = after
        self.cause = cause
    }
}
