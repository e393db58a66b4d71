import BinCore
import Records
import Testing

/// Our code against bytes that it didn't make.
struct GoldenTests {
    private let vectors: Vectors

    init() throws { self.vectors = try Vectors() }

    @Test func everyRecordIsReadAndWrittenByteForByte() throws {
        for (index, bytes) in self.vectors.journal.enumerated() {
            let record = try Record(bytes: bytes)
            #expect(record.header.seq == RecordNumber(index + 1))
            #expect(try record.encoded().text == bytes.text)
        }
    }

    @Test func thereIsARecordOfEveryKind() throws {
        let kinds = try self.vectors.journal.map {
            try JSONParser.object($0)["kind"]?.string
        }
        #expect(
            Set(kinds) == [
                "boot", "clock", "opened", "deposit", "order", "refused", "collection",
                "unattributed", "bulletin", "config", "calibration", "fault", "cleared",
            ])
    }

    @Test func aDepositMeansWhatItSays() throws {
        let record = try Record(bytes: self.vectors.journal[7])
        let rates = AppliedRates(
            tariff: 7, price: PricePerTonne(2_800), each: PricePerPiece(40_000), carbon: 3,
            factor: CarbonFactor(1_164))
        let deposit = DepositFact(
            order: 5, card: try #require(CardNumber("w26:00A1B2")),
            compartment: try #require(Name("pet")), material: try #require(Name("pet-bottle")),
            before: Grams(535), after: Grams(500), division: Grams(5), pieces: -1, rates: rates,
            value: MicroYuan(-138_000), co2e: MilligramsCO2e(-40_740), flags: [])
        #expect(record.fact == .deposit(deposit))
        #expect(record.header.at.rfc3339 == "2026-11-23T08:01:20.000Z")
        #expect(record.header.clock == .synced)
        #expect(record.header.boot == 41)
        #expect(record.header.up == BootInstant(milliseconds: 80_000))
    }

    @Test func theChainIsTheSame() throws {
        var link = HashChain.start(of: self.vectors.device)
        var chain = [link]
        for record in self.vectors.journal {
            link = HashChain.link(link, record)
            chain.append(link)
        }
        #expect(chain == self.vectors.chain)
    }

    @Test func theJournalKeepsTheLaws() throws {
        var checker = LawChecker()
        for bytes in self.vectors.journal { try checker.check(try Record(bytes: bytes)) }
        #expect(checker.last == 19)
        #expect(checker.openOrders.isEmpty)
        #expect(checker.levels[try #require(Name("pet"))] == Grams(10))
        #expect(checker.levels[try #require(Name("film"))] == Grams(1_250))
    }

    @Test func publicKeysFollowFromTheirSeeds() {
        let keys = [self.vectors.binKey, self.vectors.hubKey].map(\.publicKey.base64)
        #expect(keys == self.vectors.publicKeys)
    }

    @Test func theBatchIsReadAndVerified() throws {
        let batch = try Batch(bytes: try Vectors.bytes("batch.ndjson"))
        #expect(batch.device == self.vectors.device)
        #expect(batch.first == 1)
        #expect(batch.last == 19)
        #expect(batch.records == self.vectors.journal)
        #expect(batch.prev == self.vectors.chain[0])
        #expect(batch.chain == self.vectors.chain[19])
        #expect(batch.key == self.vectors.binKey.publicKey)
    }

    /// Ed25519 signatures are deterministic (RFC 8032 §5.1.6), and BoringSSL's are.
    @Test func theBatchThatWeSignHasTheSameBytes() throws {
        func batch(_ range: Range<Int>) throws -> [UInt8] {
            try Batch(
                device: self.vectors.device, first: RecordNumber(range.lowerBound + 1),
                prev: self.vectors.chain[range.lowerBound],
                records: Array(self.vectors.journal[range]), signedBy: self.vectors.binKey
            ).bytes
        }
        #expect(try batch(0..<19).text == Vectors.bytes("batch.ndjson").text)
        let two = try batch(0..<8) + batch(8..<19)
        #expect(try two.text == Vectors.bytes("batches.ndjson").text)
    }

    @Test func theAcknowledgementIsReadVerifiedAndMade() throws {
        let golden = try #require(try Vectors.lines("acknowledgement.json").first)
        let read = try Acknowledgement(bytes: golden)
        #expect(read.through == 19)
        #expect(read.key == self.vectors.hubKey.publicKey)
        let made = try Acknowledgement(
            device: self.vectors.device, through: 19, chain: self.vectors.chain[19],
            signedBy: self.vectors.hubKey)
        #expect(made.bytes.text == golden.text)
        #expect(made == read)
    }

    @Test func theBulletinsAreReadVerifiedAndMade() throws {
        let golden = try Vectors.bytes("bulletins.ndjson")
        let bulletins = try Bulletin.all(in: golden)
        #expect(bulletins.map(\.kind) == [.tariff, .carbon, .cards, .cards, .policy, .notices])
        #expect(bulletins.map(\.version) == [7, 3, 12, 13, 2, 1])
        for bulletin in bulletins {
            let body = try #require(try JSONParser.object(bulletin.line)["body"])
            let made = try Bulletin(
                kind: bulletin.kind, version: bulletin.version, effective: bulletin.effective,
                audience: bulletin.audience, body: body, signedBy: self.vectors.hubKey)
            #expect(made.bytes.text == bulletin.bytes.text)
        }
        #expect(bulletins.flatMap(\.bytes).text == golden.text)
    }

    /// Records 3 and 4 carry the digests that `sha256sum` gave for the first two bulletins.
    @Test func digestsOfBulletinsAreTheSame() throws {
        let bulletins = try Bulletin.all(in: try Vectors.bytes("bulletins.ndjson"))
        for (bulletin, bytes) in zip(bulletins, self.vectors.journal[2...3]) {
            guard case .bulletin(let fact) = try Record(bytes: bytes).fact else {
                Issue.record("not a bulletin record")
                continue
            }
            #expect(fact.sha256 == bulletin.digest.hex)
            #expect(fact.kind == bulletin.kind)
        }
    }
}
