package import BinCore

/// What the entries of an account come to.
package struct AccountSum: Hashable, Sendable {
    package var orders: Int64
    package var mass: Grams
    /// The balance, µCNY.
    package var value: MicroYuan
    package var co2e: MilligramsCO2e

    package static let zero = AccountSum(orders: 0, mass: .zero, value: .zero, co2e: .zero)

    package init(orders: Int64, mass: Grams, value: MicroYuan, co2e: MilligramsCO2e) {
        self.orders = orders
        self.mass = mass
        self.value = value
        self.co2e = co2e
    }

    /// Adds an order; returns `false`, and changes nothing, if a sum exceeds 64 bits.
    package mutating func add(_ order: OrderFact) -> Bool {
        let mass = self.mass.value.addingReportingOverflow(order.mass.value)
        let value = self.value.value.addingReportingOverflow(order.value.value)
        let co2e = self.co2e.value.addingReportingOverflow(order.co2e.value)
        guard !mass.overflow, !value.overflow, !co2e.overflow else { return false }
        self = AccountSum(
            orders: self.orders + 1, mass: Grams(mass.partialValue),
            value: MicroYuan(value.partialValue), co2e: MilligramsCO2e(co2e.partialValue))
        return true
    }
}

/// An account as it stands.
package struct AccountStanding: Hashable, Sendable {
    package var account: AccountID
    package var sum: AccountSum
    /// The cards that the registry gives to the account now.
    package var cards: [CardNumber]

    package init(account: AccountID, sum: AccountSum, cards: [CardNumber]) {
        self.account = account
        self.sum = sum
        self.cards = cards
    }
}
