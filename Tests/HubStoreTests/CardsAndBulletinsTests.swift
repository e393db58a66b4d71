import BinCore
import HubCore
import HubKit
import Records
import Testing

@Suite struct CardsAndBulletinsTests {
    @Test func anUnknownCardsOrdersAreClaimedByTheListThatBringsIt() async throws {
        let bench = try await Bench()
        var bin = try TestBin("baiyun-017")
        try bin.visit(Bench.anna, [("pet", 500)])
        try bin.visit(Bench.ben, [("pet", 250)])
        try await bench.send(bin, 1...6)
        #expect(try await bench.store.figures().unclaimedOrders == 2)
        let first = try await bench.register([(Bench.anna, "anna")])
        #expect(first == CardImport(cards: 1, changed: 1, claimed: 1, version: 1))
        #expect(try await bench.sum("anna")?.mass == Grams(500))
        #expect(try await bench.store.figures().unclaimedOrders == 1)
        // The card changes hands: what was gathered stays where it was.
        let second = try await bench.register([(Bench.anna, "cleo"), (Bench.ben, "ben")])
        #expect(second == CardImport(cards: 2, changed: 2, claimed: 1, version: 2))
        try bin.visit(Bench.anna, [("pet", 5)])
        try await bench.send(bin, 7...9)
        #expect(try await bench.sum("anna")?.mass == Grams(500))
        #expect(try await bench.sum("cleo")?.mass == Grams(5))
        #expect(try await bench.sum("ben")?.mass == Grams(250))
        #expect(try await bench.store.audit().finding == nil)
        let annas = try await bench.store.standing(of: try found(AccountID("anna")))
        #expect(annas?.cards == [])
    }

    @Test func theCardsOfAHouseholdFillOneAccount() async throws {
        let bench = try await Bench()
        _ = try await bench.register([(Bench.anna, "li"), (Bench.ben, "li")])
        var bin = try TestBin("baiyun-017")
        try bin.visit(Bench.anna, [("pet", 500)])
        try bin.visit(Bench.ben, [("pet", 250)])
        try await bench.send(bin, 1...6)
        let household = try await bench.store.standing(of: try found(AccountID("li")))
        #expect(household?.sum.mass == Grams(750))
        #expect(household?.sum.orders == 2)
        #expect(household?.cards.count == 2)
        #expect(try await bench.store.audit().finding == nil)
    }

    @Test func theSameListAgainPublishesNothing() async throws {
        let bench = try await Bench()
        _ = try await bench.register([(Bench.anna, "anna"), (Bench.ben, "ben")])
        let again = try await bench.register([(Bench.ben, "ben")])
        #expect(again == CardImport(cards: 2, changed: 0, claimed: 0, version: nil))
    }

    @Test func theCardsBulletinHoldsEveryCard() async throws {
        let bench = try await Bench()
        _ = try await bench.register([(Bench.ben, "ben")])
        _ = try await bench.register([(Bench.anna, "anna")])
        let device = try found(DeviceID("baiyun-017"))
        let bytes = try await bench.store.bulletins(for: device, have: [:])
        let bulletin = try found(try Bulletin.all(in: bytes).first)
        #expect(bulletin.version == 2)
        #expect(bulletin.effective == Bench.now)
        let anna = CardEntry(card: try found(CardNumber(Bench.anna)), role: .resident)
        let ben = CardEntry(card: try found(CardNumber(Bench.ben)), role: .resident)
        #expect(bulletin.body == .cards(.all([anna, ben])))
        let key = try await bench.store.signingKey().publicKey
        #expect(bulletin.key == key)
    }

    @Test func versionsGrowPerKindAndABadBodyTakesNone() async throws {
        let bench = try await Bench()
        func publish(_ body: JSONValue, _ kind: BulletinKind) async throws -> Int64 {
            try await bench.store.publish(
                BulletinDraft(effective: nil, body: body), kind: kind, to: .everyone,
                at: Bench.now
            ).version
        }
        #expect(try await publish(["prices": ["pet": 2800]], .tariff) == 1)
        await #expect(throws: HubFault.self) { try await publish(["prices": 1], .tariff) }
        #expect(try await publish(["prices": ["pet": 2900]], .tariff) == 2)
        #expect(try await publish(["factors": ["pet": 1500]], .carbon) == 1)
        let device = try found(DeviceID("baiyun-017"))
        let newer = try await bench.store.bulletins(for: device, have: [.tariff: 1, .carbon: 1])
        #expect(try Bulletin.all(in: newer).map(\.version) == [2])
        let none = try await bench.store.bulletins(for: device, have: [.tariff: 2, .carbon: 1])
        #expect(none.isEmpty)
        let stranger = try found(DeviceID("tianhe-001"))
        await #expect(throws: HubFault.unknownDevice(stranger)) {
            try await bench.store.bulletins(for: stranger, have: [:])
        }
    }
}
