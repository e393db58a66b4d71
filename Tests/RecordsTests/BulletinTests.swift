import BinCore
import Records
import Testing

struct BulletinTests {
    private let vectors: Vectors
    private let golden: [Bulletin]

    init() throws {
        self.vectors = try Vectors()
        self.golden = try Bulletin.all(in: try Vectors.bytes("bulletins.ndjson"))
    }

    private func name(_ text: String) throws -> Name { try #require(Name(text)) }
    private func card(_ text: String) throws -> CardNumber { try #require(CardNumber(text)) }

    @Test func bodiesMeanWhatTheySay() throws {
        let prices = [
            try self.name("pet-bottle"): PricePerTonne(2_800),
            try self.name("aluminium-can"): PricePerTonne(6_000),
            try self.name("pe-film"): PricePerTonne(400),
        ]
        let pet = try self.name("pet-bottle")
        #expect(
            self.golden[0].body == .tariff(prices: prices, each: [pet: PricePerPiece(40_000)]))
        #expect(self.golden[1].body == .carbon(factors: [pet: CarbonFactor(1_164)]))
        let resident = CardEntry(
            card: try self.card("w26:00A1B2"), role: .resident, balance: MicroYuan(1_618_000))
        let collector = CardEntry(card: try self.card("uid:04A1B2C3D4E5F6"), role: .collector)
        #expect(self.golden[2].body == .cards(.all([resident, collector])))
        let blocked = CardEntry(card: try self.card("w34:0000A1B2"), role: .blocked)
        #expect(
            self.golden[3].body
                == .cards(.difference(base: 12, set: [blocked], remove: [resident.card])))
        let policy = Policy(
            acceptsUnknownCards: false, minimumMass: Grams(20), dailyLimit: Grams(50_000))
        #expect(self.golden[4].body == .policy(policy))
        guard case .notices(let notices) = self.golden[5].body else {
            Issue.record("not notices")
            return
        }
        #expect(notices.stage == .habit)
        #expect(notices.messages.map(\.zh) == ["请压扁瓶子"])
    }

    @Test func audiences() throws {
        let bin = try #require(DeviceID("baiyun-017"))
        let other = try #require(DeviceID("lushan-001"))
        let (baiyun, lushan) = (try self.name("baiyun"), try self.name("lushan"))
        #expect(self.golden[0].audience == .everyone)
        #expect(self.golden[1].audience == .community(baiyun))
        #expect(self.golden[3].audience == .device(bin))
        for audience in [Audience.everyone, .community(baiyun), .device(bin)] {
            #expect(audience.includes(bin, of: baiyun))
            #expect(Audience(audience.description) == audience)
        }
        #expect(Audience.everyone.includes(other, of: lushan))
        #expect(!Audience.community(baiyun).includes(other, of: lushan))
        #expect(!Audience.device(bin).includes(other, of: baiyun))
    }

    @Test(
        "who isn't an audience",
        arguments: ["", "**", "community:", "community:Baiyun", "ab", "all bins", "*\n"])
    func noAudience(text: String) {
        #expect(Audience(text) == nil)
    }

    @Test(
        "bodies that aren't what their kind demands",
        arguments: [
            (.tariff, [:]), (.tariff, ["prices": []]), (.tariff, ["prices": ["PET": 1]]),
            (.tariff, ["prices": ["pet": -1]]), (.tariff, ["prices": ["pet": 10_000_001]]),
            (.tariff, ["prices": ["pet": "1"]]), (.tariff, ["prices": ["pet": .decimal("1.5")]]),
            (.tariff, ["prices": ["pet": 1], "each": 1]),
            (.tariff, ["prices": [:], "each": ["pet": 1_000_000_001]]),
            (.carbon, ["prices": [:]]), (.carbon, ["factors": ["pet": 10_000_001]]),
            (.cards, [:]), (.cards, ["replace": true]), (.cards, ["replace": "true"]),
            (.cards, ["base": 0]), (.cards, ["base": 1, "remove": "w26:00A1B2"]),
            (.cards, ["base": 1, "remove": ["x"]]), (.cards, ["base": 1, "set": 0]),
            (.cards, ["base": 1, "set": [["card": "w26:00A1B2", "role": "unknown"]]]),
            (.cards, ["base": 1, "set": [["card": "w26:00A1B2", "role": "king"]]]),
            (.cards, ["base": 1, "set": [["card": "w26:00a1b2", "role": "resident"]]]),
            (
                .cards,
                ["base": 1, "set": [["card": "w26:00A1B2", "role": "resident", "balance": "0"]]]
            ),
            (.policy, ["unknown-cards": "maybe"]), (.policy, ["minimum-mass": -1]),
            (.policy, ["daily-limit": 1_000_000_001]), (.policy, ["daily-limit": "none"]),
            (.notices, [:]), (.notices, ["stage": "boredom", "messages": []]),
            (.notices, ["stage": "habit", "messages": [["zh": "一"]]]),
            (.notices, ["stage": "habit", "messages": ["one"]]),
        ] as [(BulletinKind, JSONValue)])
    func refusesBodies(kind: BulletinKind, body: JSONValue) {
        #expect(throws: BulletinError.self) {
            try Bulletin(
                kind: kind, version: 1, effective: .epoch, audience: .everyone, body: body,
                signedBy: self.vectors.hubKey)
        }
    }

    @Test(
        "lengths of notices are bounded in scalars, not in characters",
        arguments: [
            ("x", 500, true), ("x", 501, false), ("字", 500, true), ("字", 501, false),
            ("e\u{301}", 250, true), ("\u{301}", 501, false),
        ])
    func boundsNotices(text: String, count: Int, fits: Bool) throws {
        let message = JSONValue.string(String(repeating: text, count: count))
        let body: JSONValue = ["stage": "habit", "messages": [["zh": message, "en": message]]]
        let bulletin = Result {
            try Bulletin(
                kind: .notices, version: 1, effective: .epoch, audience: .everyone, body: body,
                signedBy: self.vectors.hubKey)
        }
        #expect(bulletin.isSuccess == fits)
    }

    @Test func tooManyNoticesAreRefused() {
        let message: JSONValue = ["zh": "一", "en": "one"]
        for (count, fits) in [(50, true), (51, false)] {
            let messages = JSONValue.array([JSONValue](repeating: message, count: count))
            let bulletin = Result {
                try Bulletin(
                    kind: .notices, version: 1, effective: .epoch, audience: .everyone,
                    body: ["stage": "habit", "messages": messages],
                    signedBy: self.vectors.hubKey)
            }
            #expect(bulletin.isSuccess == fits)
        }
    }

    @Test func laterFieldsArePassedOver() throws {
        let bulletin = try Bulletin(
            kind: .policy, version: 1, effective: .epoch, audience: .everyone,
            body: ["opening-hours": ["from": 6], "minimum-mass": 20],
            signedBy: self.vectors.hubKey)
        let policy = Policy(acceptsUnknownCards: true, minimumMass: Grams(20), dailyLimit: nil)
        #expect(bulletin.body == .policy(policy))
    }

    @Test(
        "bulletins whose bytes were touched",
        arguments: [
            ("a figure was changed", "2800", "2900"), ("a space was added", "\"v\":1", "\"v\": 1"),
            ("the seal is the bin's key", "PUAXw+hDiVqStwqnTRt+", "11qYAYKxCrfVS/7TyWQH"),
            ("the seal is not base64", "\"sig\":\"", "\"sig\":\" "),
            ("the seal has no key", "\"key\"", "\"kye\""), ("version 0", ":7,", ":0,"),
            ("another format version", "\"v\":1", "\"v\":2"), ("no time", "2026-11-01", "soon"),
            ("not a bulletin", "bulletin", "batch"), ("an unknown kind", "tariff", "weather"),
            ("nobody", "\"*\"", "\"\""),
        ])
    func refusesTouched(why: String, old: String, new: String) throws {
        let touched = try self.golden[0].bytes.replacing(old, with: new)
        #expect(throws: BulletinError.self, "\(why)") { try Bulletin(bytes: touched) }
        #expect(throws: BulletinError.self, "\(why)") { try Bulletin.all(in: touched) }
    }

    @Test func oneIsOneAndSeveralAreSeveral() throws {
        let two = self.golden[0].bytes + self.golden[1].bytes
        #expect(throws: BulletinError.self) { try Bulletin(bytes: two) }
        #expect(try Bulletin.all(in: two).count == 2)
        #expect(try Bulletin.all(in: two.dropLast()).count == 2)
        #expect(throws: BulletinError.self) { try Bulletin.all(in: two + [0x0A]) }
        #expect(throws: BulletinError.self) { try Bulletin.all(in: self.golden[0].line) }
        #expect(throws: BulletinError.self) { try Bulletin.all(in: []) }
        #expect(throws: BulletinError.self) { try Bulletin.all(in: [0x0A]) }
    }

    /// Refused at once, not after cutting them into millions of lines.
    @Test func millionsOfNewlinesAreNoBulletins() {
        let newlines = [UInt8](repeating: 0x0A, count: Bulletin.longest)
        #expect(throws: BulletinError.self) { try Bulletin.all(in: newlines) }
    }

    @Test func longLinesAreRefused() throws {
        let seal = self.golden[0].seal
        let long = self.golden[0].line + [UInt8](repeating: 0x20, count: Bulletin.longest)
        #expect(throws: BulletinError.self) { try Bulletin(line: long, seal: seal) }
        let longSeal = seal + [UInt8](repeating: 0x20, count: 1024)
        #expect(throws: BulletinError.self) {
            try Bulletin(line: self.golden[0].line, seal: longSeal)
        }
    }

    /// What a hostile key says must not fill a log.
    @Test func errorsQuoteLittleOfWhatTheyRefuse() {
        let key = "\u{1B}[31m" + String(repeating: "x\u{301}", count: 10_000)
        let error = #expect(throws: BulletinError.self) {
            try Bulletin(
                kind: .tariff, version: 1, effective: .epoch, audience: .everyone,
                body: ["prices": .object(JSONObject([(key, 1)]))], signedBy: self.vectors.hubKey)
        }
        #expect((error?.description.utf8.count ?? 0) < 150)
        #expect(error?.description.contains("\u{1B}") == false)
    }
}
