import BinCore
import Testing

struct WiegandPresenceTests {
    /// What the reader told, and whether that presented a card.
    private enum Told {
        case card(String, Int64, presents: Bool)
        case bad(WiegandRejection, Int64)
    }

    private func check(_ story: [Told], _ title: Comment) throws {
        var presence = WiegandPresence()
        for told in story {
            switch told {
            case .card(let text, let atMs, let presents):
                let card = try #require(CardNumber(text))
                #expect(presence.isPresented(card, atNs: ms(atMs)) == presents, title)
            case .bad(let rejection, let atMs):
                presence.disturbed(by: rejection, atNs: ms(atMs))
            }
        }
    }

    private static let anna = "w26:7B11D7"
    private static let bo = "w34:89D41B81"

    @Test("a held card is one presentation, however long and however often it is sent")
    func held() throws {
        for periodMs in [200, 1000, 1499] as [Int64] {
            let story = (0..<1000).map {
                Told.card(Self.anna, 1000 + $0 * periodMs, presents: $0 == 0)
            }
            try self.check(story, "every \(periodMs) ms")
        }
    }

    @Test func presentsAgainAfterAPauseAndAfterAnotherCard() throws {
        try self.check(
            [
                .card(Self.anna, 1000, presents: true), .card(Self.anna, 2499, presents: false),
                .card(Self.anna, 3999, presents: true), .card(Self.bo, 4100, presents: true),
                .card(Self.bo, 4300, presents: false), .card(Self.anna, 4400, presents: true),
            ], "boundary of 1.5 s")
    }

    @Test func badFramesKeepAHeldCardForAWhile() throws {
        try self.check(
            [
                .card(Self.anna, 1000, presents: true), .bad(.irregular, 2000),
                .bad(.parity, 3000), .card(Self.anna, 4000, presents: false),
            ], "two bad frames")
        try self.check(
            [
                .card(Self.anna, 1000, presents: true), .bad(.irregular, 2000),
                .bad(.parity, 3000), .bad(.parity, 4000), .card(Self.anna, 5000, presents: true),
            ], "three bad frames")
        try self.check(
            [
                .card(Self.anna, 1000, presents: true), .bad(.noise, 2000), .bad(.keypad, 2000),
                .card(Self.anna, 3000, presents: true),
            ], "noise and keys say nothing of the card")
    }

    @Test func survivesAClockThatWasSet() throws {
        try self.check(
            [
                .card(Self.anna, 9_000_000, presents: true), .card(Self.anna, 1000, presents: true),
                .card(Self.anna, 1200, presents: false),
            ], "set back")
    }
}
