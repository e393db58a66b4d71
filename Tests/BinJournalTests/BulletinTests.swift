import BinCore
import BinJournal
import Records
import Testing

@Suite struct BulletinTests {
    private let prices: JSONValue = ["prices": ["pet-bottle": 2800]]

    @Test func anAdoptedTariffCountsAndIsRecordedAndStays() async throws {
        let storage = try TemporaryStorage()
        let bulletin = try storage.bulletin(.tariff, 7, self.prices)
        do {
            let journal = try storage.open()
            #expect(try journal.adopt(bulletin, at: noon) == .adopted)
            #expect(try journal.adopt(bulletin, at: noon) == .known)
            #expect(journal.nextSeq == 2)
            let body = try #require(try await journal.records(from: 1, limit: 1).first)
            #expect(
                try Record(bytes: body).fact
                    == .bulletin(
                        BulletinFact(kind: .tariff, version: 7, sha256: bulletin.digest.hex)))
        }
        let journal = try storage.open()
        let price = journal.rates.tariff(at: noon)?.prices[try name("pet-bottle")]
        #expect(price == PricePerTonne(2800))
        #expect(journal.bulletinVersions == [.tariff: 7])
    }

    @Test func olderStrangersAndOthersBulletinsAreRefused() async throws {
        let storage = try TemporaryStorage()
        let journal = try storage.open()
        _ = try journal.adopt(try storage.bulletin(.tariff, 7, self.prices), at: noon)
        let refused: [(Bulletin, JournalError.Code)] = [
            (try storage.bulletin(.tariff, 6, self.prices), .stale),
            (try storage.bulletin(.tariff, 7, ["prices": [:]]), .mismatch),
            (try storage.bulletin(.tariff, 8, self.prices, signedBy: SigningKey()), .untrusted),
            (
                try storage.bulletin(
                    .tariff, 8, self.prices, to: .community(try name("xiahang"))), .mismatch
            ),
        ]
        for (bulletin, code) in refused {
            let error = #expect(throws: JournalError.self) {
                try journal.adopt(bulletin, at: noon)
            }
            #expect(error?.code == code)
        }
        #expect(journal.nextSeq == 2)
    }

    @Test func onlyTheNewestSixteenTariffsAreKept() async throws {
        let storage = try TemporaryStorage()
        let journal = try storage.open()
        for version in 1...20 {
            let bulletin = try storage.bulletin(.tariff, Int64(version), self.prices)
            _ = try journal.adopt(bulletin, at: noon)
        }
        #expect(journal.rates.tariffs.map(\.version) == Array(5...20))
    }

    @Test(
        "the rates in force outlive any number of future ones",
        arguments: [BulletinKind.tariff, .carbon])
    func keepsWhatIsInForce(kind: BulletinKind) async throws {
        let factors: JSONValue = ["factors": ["pet-bottle": 1164]]
        let body = kind == .tariff ? self.prices : factors
        let storage = try TemporaryStorage()
        func versions(_ rates: RateBook) -> [Int64] {
            kind == .tariff ? rates.tariffs.map(\.version) : rates.carbonSets.map(\.version)
        }
        func inForce(_ rates: RateBook) -> Int64? {
            kind == .tariff
                ? rates.tariff(at: noon)?.version : rates.carbonSet(at: noon)?.version
        }
        let tomorrow = WallTime(
            millisecondsSince1970: noon.at.millisecondsSince1970 + 86_400_000)
        do {
            let journal = try storage.open()
            for version in 1...20 as ClosedRange<Int64> {
                let bulletin = try storage.bulletin(
                    kind, version, body, effective: version <= 2 ? .epoch : tomorrow)
                _ = try journal.adopt(bulletin, at: noon)
            }
            #expect(inForce(journal.rates) == 2)
            #expect(versions(journal.rates) == [2] + Array(5...20))
        }
        let journal = try storage.open()
        #expect(inForce(journal.rates) == 2)
        // Once it is superseded it goes.
        let later = Moment(up: noon.up, at: tomorrow, clock: .synced)
        let next = try storage.bulletin(kind, 21, body, effective: tomorrow)
        _ = try journal.adopt(next, at: later)
        #expect(versions(journal.rates) == Array(6...21))
    }

    @Test func cardsAreReplacedOrChangedByADifference() async throws {
        let storage = try TemporaryStorage()
        let journal = try storage.open()
        let (first, second) = (try card("uid:04A1B2C3"), try card("w26:00A1B2"))
        #expect(try journal.role(of: first) == .unknown)
        let all: JSONValue = [
            "replace": true,
            "cards": [
                ["card": .string(first.description), "role": "resident"],
                ["card": .string(second.description), "role": "blocked"],
            ],
        ]
        _ = try journal.adopt(try storage.bulletin(.cards, 12, all), at: noon)
        #expect(try journal.role(of: first) == .resident)
        #expect(try journal.role(of: second) == .blocked)

        func difference(on base: Int64) -> JSONValue {
            [
                "base": .integer(base), "remove": [.string(second.description)],
                "set": [["card": .string(first.description), "role": "collector"]],
            ]
        }
        let wrong = try storage.bulletin(.cards, 14, difference(on: 11))
        let error = #expect(throws: JournalError.self) {
            try journal.adopt(wrong, at: noon)
        }
        #expect(error?.code == .mismatch)
        #expect(try journal.role(of: first) == .resident)
        let right = try storage.bulletin(.cards, 14, difference(on: 12))
        _ = try journal.adopt(right, at: noon)
        #expect(try journal.role(of: first) == .collector)
        #expect(try journal.role(of: second) == .unknown)
    }

    @Test func policyAndNoticesAreTheNewestOnes() async throws {
        let storage = try TemporaryStorage()
        let journal = try storage.open()
        #expect(journal.rates.policy == .initial)
        for version in [1, 2] as [Int64] {
            let policy = try storage.bulletin(
                .policy, version,
                ["unknown-cards": "refuse", "minimum-mass": .integer(10 * version)])
            _ = try journal.adopt(policy, at: noon)
        }
        #expect(journal.rates.policy.minimumMass == Grams(20))
        #expect(!journal.rates.policy.acceptsUnknownCards)
        let notices = try storage.bulletin(
            .notices, 1, ["stage": "habit", "messages": [["zh": "谢谢", "en": "Thanks"]]])
        _ = try journal.adopt(notices, at: noon)
        #expect(journal.notices?.messages.first?.en == "Thanks")
    }
}
