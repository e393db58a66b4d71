import BinCore
import HubCore
import HubKit
import Records
import Testing

@Suite struct BulletinShelfTests {
    private func labels() throws -> [BulletinLabel] {
        try [
            (.tariff, 1, "*"), (.tariff, 3, "community:baiyun"), (.tariff, 2, "*"),
            (.tariff, 4, "community:tianhe"), (.tariff, 5, "baiyun-017"), (.carbon, 1, "*"),
            (.cards, 1, "*"), (.cards, 2, "*"), (.policy, 1, "*"), (.policy, 2, "tianhe-001"),
            (.notices, 1, "community:baiyun"), (.notices, 2, "*"),
        ].map { (kind: BulletinKind, version: Int64, to: String) in
            BulletinLabel(kind: kind, version: version, audience: try found(Audience(to)))
        }
    }

    private func select(
        _ have: [BulletinKind: Int64], for device: String?, of community: String = "baiyun"
    ) throws -> [String] {
        let reader = try device.map {
            (device: try found(DeviceID($0)), community: try found(Name(community)))
        }
        return BulletinShelf.select(from: try self.labels(), have: have, for: reader)
            .map { "\($0.kind.rawValue) \($0.version)" }
    }

    @Test func aFreshBinGetsAllRatesAndTheNewestOfTheRest() throws {
        #expect(
            try self.select([:], for: "baiyun-017") == [
                "tariff 1", "tariff 2", "tariff 3", "tariff 5", "carbon 1", "cards 2", "policy 1",
                "notices 2",
            ])
    }

    @Test func aBinGetsOnlyWhatIsNewerAndForIt() throws {
        let have: [BulletinKind: Int64] = [
            .tariff: 2, .carbon: 1, .cards: 1, .policy: 1, .notices: 2,
        ]
        #expect(
            try self.select(have, for: "baiyun-017") == ["tariff 3", "tariff 5", "cards 2"])
        #expect(try self.select(have, for: "baiyun-018") == ["tariff 3", "cards 2"])
        #expect(
            try self.select(have, for: "tianhe-001", of: "tianhe") == [
                "tariff 4", "cards 2", "policy 2",
            ])
    }

    @Test func nothingIsOlderThanWhatTheBinHas() throws {
        let have = Dictionary(uniqueKeysWithValues: BulletinKind.allCases.map { ($0, Int64(9)) })
        #expect(try self.select(have, for: "baiyun-017") == [])
    }

    @Test func withoutABinTheNewestForEachAudienceIsGiven() throws {
        #expect(
            try self.select([.tariff: 4, .carbon: 1], for: nil) == [
                "tariff 5", "cards 2", "policy 1", "policy 2", "notices 1", "notices 2",
            ])
    }

    @Test func anAnswerIsBounded() {
        let many = (1...1000).map {
            BulletinLabel(kind: .tariff, version: Int64($0), audience: .everyone)
        }
        let selected = BulletinShelf.select(from: many, have: [.tariff: 10], for: nil)
        #expect(selected.map(\.version) == Array(11...266))
    }

    @Test(
        "what can be published",
        arguments: [
            (#"{"body":{}}"#, true), (#"{"effective":"2026-12-01T00:00:00Z","body":{}}"#, true),
            (#"{"effective":"tomorrow","body":{}}"#, false), (#"{"effective":1,"body":{}}"#, false),
            (#"{"body":[]}"#, false), ("{}", false), (#"{"body":{},"bodi":{}}"#, false),
            ("prices", false), ("", false),
        ])
    func draft(text: String, isOne: Bool) {
        // `try?`: only whether it is one counts.
        let draft = try? BulletinDraft(bytes: Array(text.utf8))
        #expect((draft != nil) == isOne)
    }
}
