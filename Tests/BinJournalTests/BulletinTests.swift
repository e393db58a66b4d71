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
            #expect(try await journal.adopt(bulletin, at: noon) == .adopted)
            #expect(try await journal.adopt(bulletin, at: noon) == .known)
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
        _ = try await journal.adopt(try storage.bulletin(.tariff, 7, self.prices), at: noon)
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
            let error = await #expect(throws: JournalError.self) {
                try await journal.adopt(bulletin, at: noon)
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
            _ = try await journal.adopt(bulletin, at: noon)
        }
        #expect(journal.rates.tariffs.map(\.version) == Array(5...20))
    }

    @Test func cardsAreReplacedOrChangedByADifference() async throws {
        let storage = try TemporaryStorage()
        let journal = try storage.open()
        let (first, second) = (try card("uid:04A1B2C3"), try card("w26:00A1B2"))
        #expect(try await journal.role(of: first) == .unknown)
        let all: JSONValue = [
            "replace": true,
            "cards": [
                ["card": .string(first.description), "role": "resident"],
                ["card": .string(second.description), "role": "blocked"],
            ],
        ]
        _ = try await journal.adopt(try storage.bulletin(.cards, 12, all), at: noon)
        #expect(try await journal.role(of: first) == .resident)
        #expect(try await journal.role(of: second) == .blocked)

        func difference(on base: Int64) -> JSONValue {
            [
                "base": .integer(base), "remove": [.string(second.description)],
                "set": [["card": .string(first.description), "role": "collector"]],
            ]
        }
        let wrong = try storage.bulletin(.cards, 14, difference(on: 11))
        let error = await #expect(throws: JournalError.self) {
            try await journal.adopt(wrong, at: noon)
        }
        #expect(error?.code == .mismatch)
        #expect(try await journal.role(of: first) == .resident)
        let right = try storage.bulletin(.cards, 14, difference(on: 12))
        _ = try await journal.adopt(right, at: noon)
        #expect(try await journal.role(of: first) == .collector)
        #expect(try await journal.role(of: second) == .unknown)
    }

    @Test func policyAndNoticesAreTheNewestOnes() async throws {
        let storage = try TemporaryStorage()
        let journal = try storage.open()
        #expect(journal.rates.policy == .initial)
        for version in [1, 2] as [Int64] {
            let policy = try storage.bulletin(
                .policy, version,
                ["unknown-cards": "refuse", "minimum-mass": .integer(10 * version)])
            _ = try await journal.adopt(policy, at: noon)
        }
        #expect(journal.rates.policy.minimumMass == Grams(20))
        #expect(!journal.rates.policy.acceptsUnknownCards)
        let notices = try storage.bulletin(
            .notices, 1, ["stage": "habit", "messages": [["zh": "谢谢", "en": "Thanks"]]])
        _ = try await journal.adopt(notices, at: noon)
        #expect(journal.notices?.messages.first?.en == "Thanks")
    }
}
