import BinCore
import HTTPDoor
import HTTPTypes
import HubAPI
import HubCore
import HubKit
import HubStore
import Hummingbird
import HummingbirdTesting
import NIOCore
import Records
import Testing

@Suite struct HubRoutesTests {
    private static let now = WallTime(millisecondsSince1970: 1_796_200_000_000)
    private static let batches = "/v1/devices/baiyun-017/batches"

    /// A hub with two devices, whose tokens are `one` and `two`, and Anna's card.
    private struct Hub {
        let file: ScratchFile
        let store: SQLiteHubStore
        let routes: HubRoutes

        init() async throws {
            self.file = try ScratchFile()
            self.store = try SQLiteHubStore(path: self.file.path)
            self.routes = HubRoutes(store: self.store) { HubRoutesTests.now }
            for (id, token) in [("baiyun-017", "one"), ("baiyun-018", "two")] {
                try await self.store.add(
                    try found(DeviceID(id)), community: try found(Name("baiyun")),
                    token: DeviceToken.digest(of: token), at: HubRoutesTests.now)
            }
            let card = RegisteredCard(
                card: try found(CardNumber("w26:00A1B2")), account: AccountID("anna"),
                role: .resident)
            _ = try await self.store.importCards([card], at: HubRoutesTests.now)
        }

        func test(
            _ setup: TestingSetup = .router,
            _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
        ) async throws {
            let application = Application(router: self.routes.router())
            try await application.test(setup) { try await body($0) }
        }
    }

    private func bin() throws -> TestBin {
        var bin = try TestBin("baiyun-017")
        try bin.visit("w26:00A1B2", [("pet", 500)])
        try bin.visit("w26:00A1B3", [("pet", 250)])
        return bin
    }

    private static func bearer(_ token: String?) -> HTTPFields {
        token.map { [.authorization: "Bearer \($0)"] } ?? [:]
    }

    private static func object(_ response: TestResponse) throws -> JSONObject {
        try JSONParser.object(Array(response.body.readableBytesView))
    }

    @Test(
        "who may send a batch",
        arguments: [
            (nil, batches, 401, "unauthorized"), ("three", batches, 401, "unauthorized"),
            ("", batches, 401, "unauthorized"), ("two", batches, 403, "not-this-device"),
            ("two", "/v1/devices/baiyun-018/batches", 403, "not-this-device"),
            ("one", "/v1/devices/none-such/batches", 403, "not-this-device"),
            ("one", "/v1/devices/X/batches", 403, "not-this-device"),
        ] as [(String?, String, Int, String)])
    func admits(token: String?, path: String, status: Int, code: String) async throws {
        let hub = try await Hub()
        let bytes = try self.bin().bytes(1...6)
        try await hub.test { client in
            let response = try await client.executeRequest(
                uri: path, method: .post, headers: Self.bearer(token),
                body: ByteBuffer(bytes: bytes))
            #expect(response.status.code == status)
            #expect(try Self.object(response)["error"]?.string == code)
            #expect(try Self.object(response)["message"]?.string?.isEmpty == false)
        }
    }

    @Test func aRevokedDeviceIsKeptOut() async throws {
        let hub = try await Hub()
        try await hub.store.revoke(try found(DeviceID("baiyun-017")), at: Self.now)
        let bytes = try self.bin().bytes(1...6)
        try await hub.test { client in
            let response = try await client.executeRequest(
                uri: Self.batches, method: .post, headers: Self.bearer("one"),
                body: ByteBuffer(bytes: bytes))
            #expect(response.status == .forbidden)
            #expect(try Self.object(response)["error"]?.string == "revoked")
        }
    }

    @Test func aBatchIsAcknowledgedAndStandsOnTheAccount() async throws {
        let hub = try await Hub()
        let bin = try self.bin()
        let plain = try bin.bytes(1...6)
        let small = try found(Gzip.compress(plain))
        try await hub.test { client in
            for (body, encoding) in [(small, "gzip"), (plain, nil)] {
                var headers = Self.bearer("one")
                if let encoding { headers[.contentEncoding] = encoding }
                let response = try await client.executeRequest(
                    uri: Self.batches, method: .post, headers: headers,
                    body: ByteBuffer(bytes: body))
                #expect(response.status == .ok)
                let bytes = Array(response.body.readableBytesView)
                let acknowledgement = try Acknowledgement(bytes: bytes)
                #expect(acknowledgement.through == 6)
                #expect(acknowledgement.chain == bin.chains[6])
            }
            let account = try Self.object(try await client.get("/v1/accounts/anna"))
            // 500 g at 2,800 CNY/t and 1,500 kg/t.
            #expect(account["balance"] == 1_400_000)
            #expect(account["points"] == "140.0")
            #expect(account["co2e"] == 750_000)
            #expect(account["mass"] == 500)
            #expect(account["orders"] == 1)
            #expect(account["cards"] == ["…A1B2"])
            let statement = try Self.object(try await client.get("/v1/accounts/anna/statement"))
            let entry = try found(statement["entries"]?.array?.first?.object)
            #expect(entry["device"] == "baiyun-017")
            #expect(entry["seq"] == 3)
            #expect(entry["value"] == 1_400_000)
            #expect(entry["card"] == "…A1B2")
            #expect(statement["next"] == 1)
        }
    }

    @Test func ordersComeInPages() async throws {
        let hub = try await Hub()
        let bytes = try self.bin().bytes(1...6)
        try await hub.test { client in
            _ = try await client.executeRequest(
                uri: Self.batches, method: .post, headers: Self.bearer("one"),
                body: ByteBuffer(bytes: bytes))
            var cursor: Int64 = 0
            var accounts: [JSONValue?] = []
            for _ in 0..<3 {
                let page = try Self.object(
                    try await client.get("/v1/orders?after=\(cursor)&limit=1"))
                accounts += (page["orders"]?.array ?? []).map { $0.object?["account"] }
                cursor = try found(page["next"]?.integer)
            }
            #expect(accounts == [.string("anna"), .null])
            #expect(cursor == 2)
            for query in ["limit=0", "limit=1001", "limit=x", "after=-1", "after="] {
                let response = try await client.get("/v1/orders?\(query)")
                #expect(response.status == .badRequest, "\(query)")
            }
        }
    }

    @Test(
        "the scheme of the credentials",
        arguments: [
            ("bearer one", 422), ("BEARER one", 422), ("Bearer two", 403), ("Bearerone", 401),
            ("Basic one", 401), ("bearer", 401),
        ])
    func schemes(authorization: String, status: Int) async throws {
        let hub = try await Hub()
        try await hub.test { client in
            let response = try await client.executeRequest(
                uri: Self.batches, method: .post, headers: [.authorization: authorization],
                body: ByteBuffer(string: "junk\n"))
            #expect(response.status.code == status)
        }
    }

    @Test(
        "names in a path, percent-encoded",
        arguments: [
            ("ann%61", 200), ("%61nna", 200), ("anna%2F", 404), ("anna%", 404), ("%FF", 404),
        ])
    func decodesPaths(account: String, status: Int) async throws {
        let hub = try await Hub()
        try await hub.test { client in
            let response = try await client.get("/v1/accounts/\(account)")
            #expect(response.status.code == status)
        }
    }

    @Test func refusalsHaveTheStatusAndFieldsOfTheContract() async throws {
        let hub = try await Hub()
        let bin = try self.bin()
        var other = try TestBin("baiyun-017")
        try other.visit("w26:00A1B2", [("pet", 505)])
        var lawless = bin
        try lawless.append(
            .unattributed(
                UnattributedFact(
                    compartment: try found(Name("pet")), before: .zero, after: Grams(5),
                    cause: .noCard)))
        var astray = other
        for _ in 0..<2 { try astray.visit("w26:00A1B2", [("pet", 5)]) }
        let long = [UInt8](repeating: 0x20, count: Batch.mostBytes + 1)
        let steps: [(body: [UInt8], status: Int, fields: [String: JSONValue])] = [
            (try bin.bytes(4...6), 409, ["error": "gap", "have": 0]),
            (Array("junk\n".utf8), 422, ["error": "malformed"]),
            (long, 413, ["error": "too-large"]),
            (try bin.bytes(1...6), 200, ["through": 6]),
            (try lawless.bytes(7...7), 422, ["error": "law", "at": 7, "law": "every-gram"]),
            (try astray.bytes(7...9), 422, ["error": "bad-chain"]),
            (try other.bytes(1...3), 409, ["error": "fork", "at": 2, "have": 6]),
            (try bin.bytes(1...6), 409, ["error": "fork", "at": 2, "have": 6]),
        ]
        try await hub.test { client in
            for step in steps {
                let response = try await client.executeRequest(
                    uri: Self.batches, method: .post, headers: Self.bearer("one"),
                    body: ByteBuffer(bytes: step.body))
                #expect(response.status.code == step.status)
                let object = try Self.object(response)
                for (key, value) in step.fields { #expect(object[key] == value) }
            }
            let metrics = String(buffer: try await client.get("/metrics").body)
            #expect(metrics.contains("steelyard_hub_devices{state=\"quarantined\"} 1\n"))
            #expect(metrics.contains("steelyard_hub_device_forked{device=\"baiyun-017\"} 1\n"))
            #expect(
                metrics.contains("steelyard_hub_device_last_record{device=\"baiyun-017\"} 6\n"))
        }
    }

    @Test func aDeviceGetsItsNewerBulletins() async throws {
        let hub = try await Hub()
        for price: Int64 in [2800, 2900] {
            let draft = BulletinDraft(effective: nil, body: ["prices": ["pet": .integer(price)]])
            _ = try await hub.store.publish(draft, kind: .tariff, to: .everyone, at: Self.now)
        }
        try await hub.test { client in
            let path = "/v1/devices/baiyun-017/bulletins"
            func get(_ query: String) async throws -> TestResponse {
                try await client.executeRequest(
                    uri: path + query, method: .get, headers: Self.bearer("one"), body: nil)
            }
            let all = try Bulletin.all(in: Array(try await get("").body.readableBytesView))
            #expect(all.map { "\($0.kind) \($0.version)" } == ["tariff 1", "tariff 2", "cards 1"])
            let newer = try await get("?tariff=1&cards=1&carbon=0")
            #expect(
                try Bulletin.all(in: Array(newer.body.readableBytesView)).map(\.version) == [2])
            #expect(try await get("?tariff=2&cards=1").status == .noContent)
            #expect(try await get("?tariff=two").status == .badRequest)
            #expect(try await client.get(path).status == .unauthorized)
        }
    }

    @Test(
        "what is not there",
        arguments: [
            ("/v1/accounts/ben", "unknown-account"), ("/v1/accounts/a%20b", "unknown-account"),
            ("/v1/accounts/ben/statement", "unknown-account"), ("/v1/nothing", "not-found"),
        ])
    func isNotFound(path: String, code: String) async throws {
        try await Hub().test { client in
            let response = try await client.get(path)
            #expect(response.status == .notFound)
            #expect(try Self.object(response)["error"]?.string == code)
        }
    }

    @Test func theDocumentDescribesExactlyTheRoutes() async throws {
        let hub = try await Hub()
        let routes = hub.routes.router().routes.map {
            "\($0.method.rawValue.lowercased()) \($0.path)"
        }
        try await hub.test { client in
            let document = try Self.object(try await client.get("/openapi.json"))
            let paths = try found(document["paths"]?.object)
            let described = paths.members.flatMap { path in
                (path.value.object?.keys ?? []).map { "\($0) \(path.key)" }
            }
            #expect(described.sorted() == routes.sorted())
        }
    }

    @Test func itAnswersOnARealSocket() async throws {
        try await Hub().test(.live) { client in
            let response = try await client.get("/healthz")
            #expect(response.status == .ok)
            #expect(try Self.object(response)["status"] == "ok")
        }
    }
}

extension TestClientProtocol {
    fileprivate func get(_ uri: String) async throws -> TestResponse {
        try await self.executeRequest(uri: uri, method: .get, headers: [:], body: nil)
    }
}
