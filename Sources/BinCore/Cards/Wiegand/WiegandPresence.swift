/// Tells presentations from a reader that sends a card's frame again and again while it is held.
///
/// The same card is presented again only 1.5 s after its last reading (`BinRules.repeatMs`; readers
/// repeat every 0.2 to 1 s). A bad frame in between is most likely that card too: up to two in a
/// row keep it there, so that one disturbed frame doesn't close the order of somebody who holds
/// still.
///
/// `BinMachine` drops a repeated card as well, but knows only the last one of all readers: two
/// cards held at two readers would take turns there for ever.
package struct WiegandPresence: Hashable, Sendable {
    private static let repeatNs = BinRules.repeatMs * 1_000_000
    private static let mostBadFrames = 2

    private var last: CardNumber?
    private var lastNs: Int64 = 0
    private var badFrames = 0

    package init() {}

    /// Takes a card that was read and returns whether that is a presentation.
    package mutating func isPresented(_ card: CardNumber, atNs: Int64) -> Bool {
        let isHeld = card == self.last && self.isThere(at: atNs)
        self.last = card
        self.lastNs = atNs
        self.badFrames = 0
        return !isHeld
    }

    /// Takes a frame that was no card.
    package mutating func disturbed(by rejection: WiegandRejection, atNs: Int64) {
        guard rejection.isTrouble, self.isThere(at: atNs), self.badFrames < Self.mostBadFrames
        else { return }
        self.badFrames += 1
        self.lastNs = atNs
    }

    private func isThere(at atNs: Int64) -> Bool {
        // Before the last reading if the clock was set back.
        let passed = atNs.subtractingReportingOverflow(self.lastNs)
        return !passed.overflow && (0..<Self.repeatNs).contains(passed.partialValue)
    }
}
