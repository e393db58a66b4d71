import BinControl
import BinCore
import HTTPDoor
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Records
import Synchronization
import Testing

/// A journal that answers as the test says.
private final class ScriptedJournal: JournalSharing {
    let refusal: JournalError?
    let device: DeviceID
    let key = SigningKey()
    let acknowledged = Mutex<[Acknowledgement]>([])

    init(device: DeviceID, refusal: JournalError? = nil) {
        self.device = device
        self.refusal = refusal
    }

    var queue: QueueState {
        QueueState(last: 3, acknowledged: 1, chain: HashChain.start(of: self.device))
    }
    var bulletinVersions: [BulletinKind: Int64] { [:] }

    func batch(after seq: RecordNumber, limit: Int) async throws(JournalError) -> Batch? {
        if let refusal { throw refusal }
        let records = (1...3).map { Array("{\"seq\":\($0)}".utf8) }.dropFirst(Int(seq))
        guard !records.isEmpty else { return nil }
        // `try?`: signing with a fresh key can't fail.
        return try? Batch(
            device: self.device, first: seq + 1, prev: HashChain.start(of: self.device),
            records: Array(records.prefix(limit)), signedBy: self.key)
    }

    func acknowledge(_ acknowledgement: Acknowledgement) async throws(JournalError) {
        if let refusal { throw refusal }
        self.acknowledged.withLock { $0.append(acknowledgement) }
    }

    func goOn(above seq: RecordNumber) throws(JournalError) {}

    func records(from first: RecordNumber, limit: Int) async throws(JournalError) -> [[UInt8]] {
        (first...3).prefix(limit).map { Array("{\"seq\":\($0)}".utf8) }
    }
}

private struct Adopter: BulletinAdopting {
    var refusal: JournalError?
    var refusesFrom: Int64 = 1

    func adopt(_ bulletin: Bulletin) async throws(JournalError) -> Adoption {
        if let refusal, bulletin.version >= self.refusesFrom { throw refusal }
        return bulletin.version == 1 ? .known : .adopted
    }
}

/// A bin with a lock on `pet`, none on `film`, and a broken one on `can`.
private final class ScriptedLocks: LockControlling {
    let held = Mutex<[String]>([])

    var locks: [LockState] { [] }

    func hold(
        _ compartment: Name, open isOpen: Bool, forMs ms: Int64
    ) throws(LockRefusal) -> LockState {
        switch compartment.text {
        case "pet":
            self.held.withLock { $0.append("\(isOpen ? "open" : "close") \(ms)") }
            return LockState(
                compartment: compartment, isOpenWanted: isOpen, isDriven: false, isResting: true)
        case "film": throw .noLock
        case "can":
            throw .failed(FaultFact(source: "lock can", code: "line-busy", detail: "stop it"))
        default: throw .noCompartment(known: [compartment])
        }
    }
}

private struct StoppedUplink: Uplinking {
    var state: UplinkState

    func exchangeNow() async -> UplinkState { self.state }
}

@Suite struct ControlRoutesTests {
    private let device: DeviceID

    init() throws { self.device = try #require(DeviceID("baiyun-017")) }

    private func status() -> BinStatus {
        let scale = DeviceHealth(
            part: "scale pet", state: .working, polls: 7, timeouts: 2, badFrames: 1, exceptions: 3,
            lastGood: BootInstant(milliseconds: 900))
        let moment = Moment(up: BootInstant(milliseconds: 1000), at: .epoch, clock: .unset)
        let queue = QueueState(last: 3, acknowledged: 1, chain: HashChain.start(of: self.device))
        return BinStatus(
            device: self.device, community: Name("baiyun") ?? placeholder, version: "0.1.0",
            config: "ab", key: SigningKey().publicKey, boot: 4, moment: moment, queue: queue,
            view: BinView(
                phase: .fault("scales"),
                compartments: [
                    BinView.Compartment(
                        name: placeholder, material: placeholder, live: nil, isStable: false,
                        isFull: true, isLidOpen: true)
                ], doors: [BinView.Door(name: placeholder, isOpen: false)]),
            faults: [FaultFact(source: "bus rs485", code: "port-missing", detail: "plug it in")],
            devices: [scale], uplink: UplinkState(phase: .waiting, problem: "away", failures: 5),
            bulletins: [.tariff: 7], dropped: 6,
            locks: [
                LockState(
                    compartment: Name("pet") ?? placeholder, isOpenWanted: true, isDriven: false,
                    isResting: true,
                    hold: LockState.Hold(
                        isOpen: true, until: BootInstant(milliseconds: 1500)))
            ])
    }

    private var placeholder: Name {
        guard let name = Name("x") else { preconditionFailure("`x` is a name") }
        return name
    }

    private func ask(
        _ method: HTTPRequest.Method, _ uri: String, body: [UInt8] = [],
        journal: JournalError? = nil, adopter: JournalError? = nil, adoptsBefore: Int64 = 1,
        uplink: UplinkState? = nil, locks: ScriptedLocks? = nil
    ) async throws -> (status: Int, object: JSONObject, body: [UInt8]) {
        let status = self.status()
        let router = Router()
        router.add(middleware: ErrorReplies())
        ControlRoutes(
            journal: ScriptedJournal(device: self.device, refusal: journal),
            bulletins: Adopter(refusal: adopter, refusesFrom: adoptsBefore),
            uplink: uplink.map(StoppedUplink.init(state:)), locks: locks,
            configuration: Array("device: {}\n".utf8), status: { status }
        ).add(to: router)
        return try await Application(router: router).test(.router) { client in
            try await client.execute(
                uri: uri, method: method, body: ByteBuffer(bytes: body)
            ) { response in
                let bytes = Array(response.body.readableBytesView)
                // `try?`: bodies that are no object are compared as bytes.
                let object = (try? JSONParser.object(bytes)) ?? JSONObject()
                return (Int(response.status.code), object, bytes)
            }
        }
    }

    @Test func statusNamesEveryPart() async throws {
        let status = try await self.ask(.get, "/v1/status").object
        #expect(status["device"] == "baiyun-017")
        #expect(status["state"] == "out-of-service: scales")
        #expect(status["clock"] == "unset")
        #expect(status["queue"]?.object?["depth"] == 2)
        #expect(status["uplink"]?.object?["problem"] == "away")
        #expect(status["bulletins"]?.object?["tariff"] == 7)
        #expect(status["bulletins"]?.object?["cards"] == .null)
        let part = try #require(status["parts"]?.array?.first?.object)
        #expect(part["timeouts"] == 2)
        #expect(part["age-ms"] == 100)
        let compartment = try #require(status["compartments"]?.array?.first?.object)
        #expect(compartment["full"] == true)
        #expect(compartment["lid"] == "open")
        #expect(status["doors"]?.array?.first?.object?["open"] == false)
        let lock = try #require(status["locks"]?.array?.first?.object)
        #expect(lock["wanted"] == "open")
        #expect(lock["resting"] == true)
        #expect(lock["held-ms"] == 500)
        #expect(status["faults"]?.array?.first?.object?["code"] == "port-missing")
    }

    @Test func metricsAreWellFormedPrometheusText() async throws {
        let text = String(decoding: try await self.ask(.get, "/metrics").body, as: UTF8.self)
        #expect(text.contains("steelyard_queue_depth 2\n"))
        #expect(text.contains("steelyard_part_timeouts_total{part=\"scale pet\"} 2\n"))
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            #expect(Int64(words.last ?? "") != nil, "\(line)")
        }
    }

    @Test func aBatchComesAfterARecordAndNothingComesAfterTheLast() async throws {
        let reply = try await self.ask(.get, "/v1/batches?after=1&limit=1")
        let batch = try Batch(bytes: reply.body)
        #expect(batch.first == 2)
        #expect(batch.count == 1)
        #expect(try await self.ask(.get, "/v1/batches?after=3").status == 204)
        #expect(try Batch(bytes: try await self.ask(.get, "/v1/batches").body).count == 3)
    }

    @Test(
        "a query that is no number in range is refused by name",
        arguments: [
            "/v1/batches?after=-1", "/v1/batches?after=x", "/v1/batches?limit=0",
            "/v1/batches?limit=1001", "/v1/records?from=0",
            "/v1/records?limit=99999999999999999999",
        ])
    func refusesQueries(uri: String) async throws {
        let reply = try await self.ask(.get, uri)
        #expect(reply.status == 400)
        #expect(reply.object["error"] == "bad-query")
    }

    @Test func recordsComeAsTheyAreOneALine() async throws {
        let reply = try await self.ask(.get, "/v1/records?from=2&limit=2")
        #expect(String(decoding: reply.body, as: UTF8.self) == "{\"seq\":2}\n{\"seq\":3}\n")
    }

    @Test func anAcknowledgementIsTakenWithOrWithoutANewline() async throws {
        let acknowledgement = try Acknowledgement(
            device: self.device, through: 3, chain: HashChain.start(of: self.device),
            signedBy: SigningKey())
        for tail in [[], [UInt8(0x0A)]] {
            let reply = try await self.ask(
                .post, "/v1/acknowledgements", body: acknowledgement.bytes + tail)
            #expect(reply.status == 200)
        }
        let bad = try await self.ask(.post, "/v1/acknowledgements", body: Array("{}".utf8))
        #expect(bad.status == 422)
        #expect(bad.object["error"] == "malformed")
        let huge = [UInt8](repeating: 0x20, count: 10_000)
        #expect(try await self.ask(.post, "/v1/acknowledgements", body: huge).status == 413)
    }

    @Test(
        "the journal's refusals have their status",
        arguments: [
            (JournalError.Code.untrusted, 403), (.stale, 409), (.mismatch, 409), (.storage, 503),
            (.replaced, 503), (.damaged, 500),
        ])
    func wordsRefusals(code: JournalError.Code, status: Int) async throws {
        let bulletin = try Bulletin(
            kind: .policy, version: 2, effective: .epoch, audience: .everyone, body: [:],
            signedBy: SigningKey())
        let refusal = JournalError(code, "why, and what to do")
        let reply = try await self.ask(
            .post, "/v1/bulletins", body: bulletin.bytes, adopter: refusal)
        #expect(reply.status == status)
        #expect(reply.object["error"] == .string(code.rawValue))
        #expect(reply.object["message"] == "why, and what to do")
        #expect(try await self.ask(.get, "/v1/batches", journal: refusal).status == status)
    }

    @Test func bulletinsAreAdoptedOneByOneAndTold() async throws {
        let key = SigningKey()
        let bytes = try (1...2).flatMap { version in
            try Bulletin(
                kind: .policy, version: Int64(version), effective: .epoch, audience: .everyone,
                body: ["unknown-cards": "refuse"], signedBy: key
            ).bytes
        }
        let reply = try await self.ask(.post, "/v1/bulletins", body: bytes)
        let results = reply.object["bulletins"]?.array?.map { $0.object?["result"] }
        #expect(results == ["known", "adopted"])
        #expect(try await self.ask(.post, "/v1/bulletins", body: [1, 2, 3]).status == 422)
    }

    @Test func whatWasAdoptedBeforeARefusalIsTold() async throws {
        let key = SigningKey()
        let bytes = try (1...4).flatMap { version in
            try Bulletin(
                kind: .policy, version: Int64(version), effective: .epoch, audience: .everyone,
                body: ["unknown-cards": "refuse"], signedBy: key
            ).bytes
        }
        let reply = try await self.ask(
            .post, "/v1/bulletins", body: bytes, adopter: JournalError(.stale, "too old"),
            adoptsBefore: 3)
        #expect(reply.status == 409)
        #expect(reply.object["error"] == "stale")
        let results = reply.object["bulletins"]?.array?.map { $0.object?["result"] }
        #expect(results == ["known", "adopted"])
    }

    @Test func syncTellsWhatTheHubSaid() async throws {
        #expect(try await self.ask(.post, "/v1/sync").object["error"] == "no-uplink")
        let good = try await self.ask(.post, "/v1/sync", uplink: UplinkState(phase: .reachable))
        #expect(good.object["depth"] == 2)
        let away = UplinkState(phase: .waiting, problem: "nobody listens there", failures: 1)
        let bad = try await self.ask(.post, "/v1/sync", uplink: away)
        #expect(bad.status == 502)
        #expect(bad.object["message"] == "nobody listens there")
    }

    @Test func theConfigurationComesAsItIsInTheFile() async throws {
        let reply = try await self.ask(.get, "/v1/configuration")
        #expect(String(decoding: reply.body, as: UTF8.self) == "device: {}\n")
    }

    @Test func locksAreHeldForALimitedTime() async throws {
        let locks = ScriptedLocks()
        let open = try await self.ask(.post, "/v1/locks/pet/open?seconds=600", locks: locks)
        #expect(
            JSONValue.object(open.object).text
                == #"{"compartment":"pet","open":true,"seconds":600,"resting":true}"#)
        let close = try await self.ask(.post, "/v1/locks/pet/close", locks: locks)
        #expect(close.object["seconds"] == 30)
        #expect(locks.held.withLock { $0 } == ["open 600000", "close 30000"])
    }

    @Test(
        "a lock that can't be held says why",
        arguments: [
            ("/v1/locks/film/open", 409, "no-lock"),
            ("/v1/locks/can/open", 503, "lock-failed"),
            ("/v1/locks/glass/close", 404, "no-compartment"),
            ("/v1/locks/NO/open", 404, "no-compartment"),
            ("/v1/locks/pet/open?seconds=0", 400, "bad-query"),
            ("/v1/locks/pet/open?seconds=601", 400, "bad-query"),
        ])
    func refusesHolds(uri: String, status: Int, code: String) async throws {
        let locks = ScriptedLocks()
        let reply = try await self.ask(.post, uri, locks: locks)
        #expect(reply.status == status)
        #expect(reply.object["error"] == .string(code))
        #expect(reply.object["message"]?.string?.isEmpty == false)
        #expect(locks.held.withLock { $0.isEmpty })
    }
}
