import BinCore

/// Tells presentations from the UID registers of a reader that hold 0 without a card.
///
/// What lies at the reader at the first poll came before the daemon did and is none. The reader may
/// miss a card for a moment: the same card is presented again only after two polls without it.
/// A poll that failed says nothing and is not handed in: it is not removal.
struct LevelPresence: Hashable, Sendable {
    static let pollsUntilRemoved = 2

    private enum State: Hashable, Sendable {
        /// Left by the first poll.
        case fresh
        case empty
        /// `missed` polls in a row were without the card.
        case held(CardNumber, missed: Int)
    }

    private var state = State.fresh

    /// Takes the card that one poll found, and returns it if that is a presentation.
    mutating func polled(_ card: CardNumber?) -> CardNumber? {
        switch (self.state, card) {
        case (.fresh, let card?):
            self.state = .held(card, missed: 0)
            return nil
        case (.fresh, nil), (.empty, nil):
            self.state = .empty
            return nil
        case (.held(let last, let missed), nil):
            let isGone = missed + 1 >= Self.pollsUntilRemoved
            self.state = isGone ? .empty : .held(last, missed: missed + 1)
            return nil
        case (.held(let last, _), let card?) where last == card:
            self.state = .held(card, missed: 0)
            return nil
        case (.empty, let card?), (.held, let card?):
            self.state = .held(card, missed: 0)
            return card
        }
    }
}

/// Tells presentations from a register that changes with every card.
///
/// The first value is where counting starts. However far the register has moved since the last
/// poll, that is one presentation, of the card whose UID is there now: the others are not known.
struct CounterPresence: Hashable, Sendable {
    private var last: [UInt16]?
    /// The register changed, but the UID was 0: it follows, or the register moved for another
    /// reason.
    private var isAwaitingCard = false

    mutating func polled(counter: [UInt16], card: CardNumber?) -> CardNumber? {
        defer { self.last = counter }
        guard let last = self.last else { return nil }
        guard counter != last || self.isAwaitingCard else { return nil }
        self.isAwaitingCard = card == nil
        return card
    }
}

/// Tells presentations from a flag that the reader sets with a card and that has to be written to 0
/// before it takes the next one.
///
/// A flag that is set at the first poll is from before the daemon started, perhaps from a card that
/// was presented just before a crash: it is cleared, and presents nothing. While clearing is not
/// confirmed the same card is not presented again.
struct LatchedPresence: Hashable, Sendable {
    /// What one poll found.
    enum Latch: Hashable, Sendable {
        /// The flag is 0: the reader can take a card.
        case open
        /// The flag is set; without a card if the UID is 0.
        case holding(CardNumber?)
    }

    struct Verdict: Hashable, Sendable {
        var presented: CardNumber?
        var mustClear: Bool
    }

    private enum State: Hashable, Sendable {
        /// Left by the first poll.
        case fresh
        case clear
        /// Presented or dropped; left when the flag was seen at 0.
        case clearing(CardNumber?)
    }

    private var state = State.fresh

    mutating func polled(_ latch: Latch) -> Verdict {
        switch (self.state, latch) {
        case (.fresh, .open), (.clear, .open), (.clearing, .open):
            self.state = .clear
            return Verdict(presented: nil, mustClear: false)
        case (.fresh, .holding(let card)):
            self.state = .clearing(card)
            return Verdict(presented: nil, mustClear: true)
        case (.clearing(let last), .holding(let card)) where last == card || card == nil:
            return Verdict(presented: nil, mustClear: true)
        case (.clear, .holding(let card)), (.clearing, .holding(let card)):
            self.state = .clearing(card)
            return Verdict(presented: card, mustClear: true)
        }
    }

    /// The flag was read back as 0.
    mutating func cleared() { self.state = .clear }
}
