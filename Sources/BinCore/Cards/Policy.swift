/// The rules of a `policy` bulletin that a bin applies by itself.
package struct Policy: Hashable, Sendable {
    /// Whether a card that no list holds may open an order.
    package var acceptsUnknownCards: Bool
    /// Below it a deposit earns nothing, whatever the scale's own minimum is; grams.
    package var minimumMass: Grams
    /// How much a card may be credited for on one day; grams. `nil`: no limit.
    package var dailyLimit: Grams?

    package init(acceptsUnknownCards: Bool, minimumMass: Grams, dailyLimit: Grams?) {
        self.acceptsUnknownCards = acceptsUnknownCards
        self.minimumMass = minimumMass
        self.dailyLimit = dailyLimit
    }

    /// What holds until a policy is adopted: a bin that never saw a server still serves everyone.
    package static let initial = Policy(
        acceptsUnknownCards: true, minimumMass: .zero, dailyLimit: nil)
}
