import BinCore
import Testing

@testable import BinHardware

@Suite struct CardPresenceTests {
    private static let anna = CardNumber("uid:A41E45C6")
    private static let bo = CardNumber("uid:04A1B2C3D4E5F6")

    @Test(
        "A level reader's card is presented when it comes",
        arguments: [
            // Held for long, then gone.
            ([nil, anna, anna, anna, nil, nil], [anna]),
            // The same card twice, with a clear absence between.
            ([nil, anna, nil, nil, anna], [anna, anna]),
            // A moment's miss is no second tap.
            ([nil, anna, nil, anna, nil, anna], [anna]),
            // Another card in the place of the first.
            ([nil, anna, bo, bo, anna], [anna, bo, anna]),
            // Another card after a moment without one.
            ([nil, anna, nil, bo], [anna, bo]),
            // There before the daemon was.
            ([anna, anna, nil, nil, bo], [bo]),
            ([], []),
        ] as [([CardNumber?], [CardNumber?])])
    func level(polls: [CardNumber?], presented: [CardNumber?]) {
        var machine = LevelPresence()
        #expect(polls.compactMap { machine.polled($0) } == presented)
    }

    @Test(
        "A counter's change is one presentation of the card that is there",
        arguments: [
            ([(7, anna), (7, anna)], []),
            ([(7, nil), (8, anna), (8, anna)], [anna]),
            // The same card again.
            ([(7, anna), (8, anna), (9, anna)], [anna, anna]),
            // Two taps between polls: only the later card is known.
            ([(7, anna), (9, bo)], [bo]),
            // The register runs over.
            ([(65_535, anna), (0, bo)], [bo]),
            // The reader restarted: counter and UID are 0, then a card comes.
            ([(1, anna), (0, nil), (1, bo)], [bo]),
            // Restarted and used meanwhile: one presentation, of the current card.
            ([(40, anna), (2, bo), (2, bo)], [bo]),
            // The UID follows its counter by one poll.
            ([(7, anna), (8, nil), (8, bo), (8, bo)], [bo]),
            // The counter moves when a card goes, too.
            ([(7, nil), (8, anna), (9, nil), (10, bo)], [anna, bo]),
        ] as [([(UInt16, CardNumber?)], [CardNumber?])])
    func counter(polls: [(UInt16, CardNumber?)], presented: [CardNumber?]) {
        var machine = CounterPresence()
        let found = polls.compactMap { machine.polled(counter: [$0.0], card: $0.1) }
        #expect(found == presented)
    }

    @Test func aLatchedCardIsPresentedOnceUntilClearingIsConfirmed() {
        var machine = LatchedPresence()
        #expect(machine.polled(.open) == self.nothing)
        #expect(machine.polled(.holding(Self.anna)) == self.presented(Self.anna))
        #expect(machine.polled(.holding(Self.anna)) == self.clearOnly)
        #expect(machine.polled(.holding(nil)) == self.clearOnly)
        machine.cleared()
        #expect(machine.polled(.holding(Self.anna)) == self.presented(Self.anna))
    }

    @Test func aFlagSeenAtZeroConfirmsTheClearing() {
        var machine = LatchedPresence()
        _ = machine.polled(.open)
        #expect(machine.polled(.holding(Self.anna)) == self.presented(Self.anna))
        #expect(machine.polled(.open) == self.nothing)
        #expect(machine.polled(.holding(Self.anna)) == self.presented(Self.anna))
    }

    @Test func anotherCardIsPresentedThoughClearingFailed() {
        var machine = LatchedPresence()
        _ = machine.polled(.open)
        #expect(machine.polled(.holding(Self.anna)) == self.presented(Self.anna))
        #expect(machine.polled(.holding(Self.bo)) == self.presented(Self.bo))
        #expect(machine.polled(.holding(Self.bo)) == self.clearOnly)
    }

    @Test func aFlagFromBeforeTheStartIsOnlyCleared() {
        var machine = LatchedPresence()
        #expect(machine.polled(.holding(Self.anna)) == self.clearOnly)
        #expect(machine.polled(.holding(Self.anna)) == self.clearOnly)
        machine.cleared()
        #expect(machine.polled(.holding(Self.anna)) == self.presented(Self.anna))
    }

    private let nothing = LatchedPresence.Verdict(presented: nil, mustClear: false)
    private let clearOnly = LatchedPresence.Verdict(presented: nil, mustClear: true)

    private func presented(_ card: CardNumber?) -> LatchedPresence.Verdict {
        LatchedPresence.Verdict(presented: card, mustClear: true)
    }
}
