package import BinCore

/// One card of a list: whose it is, and what its holder may do.
package struct RegisteredCard: Hashable, Sendable {
    package var card: CardNumber
    /// `nil` for staff, who gather nothing.
    package var account: AccountID?
    package var role: Role

    package init(card: CardNumber, account: AccountID?, role: Role) {
        self.card = card
        self.account = account
        self.role = role
    }
}

/// A registered card, and from which entry on that holds.
package struct Registration: Hashable, Sendable {
    package var card: RegisteredCard
    /// The id of the last entry that was in the book when the list came.
    package var afterEntry: Int64

    package init(card: RegisteredCard, afterEntry: Int64) {
        self.card = card
        self.afterEntry = afterEntry
    }
}

extension Registration {
    /// Whose entry number `entry` is.
    ///
    /// It goes to the account that the card had when it came. If the card had none, then to the
    /// first one that the card was given afterwards: an order with a card that no list holds stays
    /// claimable. A card that changes hands doesn't take earlier entries along.
    ///
    /// - Parameter history: The card's registrations, oldest first.
    package static func account(
        ofEntry entry: Int64, history: [Registration]
    ) -> AccountID? {
        if let inForce = history.last(where: { $0.afterEntry < entry }),
            let account = inForce.card.account
        {
            return account
        }
        return history.first { $0.afterEntry >= entry && $0.card.account != nil }?.card.account
    }
}
