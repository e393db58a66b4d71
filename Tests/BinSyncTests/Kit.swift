import BinCore
import BinSync
import HTTPDoor
import HTTPTypes
import Hummingbird
import Logging
import Records
import ServiceLifecycle
import Synchronization
import Testing

/// The device of all tests here.
func testDevice() throws -> DeviceID { try #require(DeviceID("baiyun-017")) }

/// A journal in memory, with the same rules for acknowledgements as the real one.
final class MemoryJournal: JournalSharing {
    private struct State {
        var records: [[UInt8]] = []
        var acknowledged: RecordNumber = 0
        var goesOnAbove: RecordNumber = 0
    }

    private let device: DeviceID
    private let trusted: VerifyingKey
    private let key = SigningKey()
    private let state = Mutex(State())

    init(device: DeviceID, trusted: VerifyingKey, records count: Int) {
        self.device = device
        self.trusted = trusted
        self.add(count)
    }

    func add(_ count: Int) {
        self.state.withLock { state in
            for _ in 0..<count {
                state.records.append(Array("{\"n\":\(state.records.count)}".utf8))
            }
        }
    }

    func chain(at seq: RecordNumber) -> Digest256 {
        let records = self.state.withLock { Array($0.records.prefix(Int(seq))) }
        return records.reduce(HashChain.start(of: self.device), HashChain.link)
    }

    var queue: QueueState {
        let (last, acknowledged) = self.state.withLock { ($0.records.count, $0.acknowledged) }
        return QueueState(
            last: RecordNumber(last), acknowledged: acknowledged,
            chain: self.chain(at: RecordNumber(last)))
    }

    var bulletinVersions: [BulletinKind: Int64] { [.tariff: 7] }

    func batch(after seq: RecordNumber, limit: Int) async throws(JournalError) -> Batch? {
        let records = self.state.withLock { Array($0.records.dropFirst(Int(seq)).prefix(limit)) }
        guard !records.isEmpty else { return nil }
        do {
            return try Batch(
                device: self.device, first: seq + 1, prev: self.chain(at: seq), records: records,
                signedBy: self.key)
        } catch { throw JournalError(.damaged, "\(error)") }
    }

    func acknowledge(_ acknowledgement: Acknowledgement) async throws(JournalError) {
        guard acknowledgement.key == self.trusted else {
            throw JournalError(.untrusted, "untrusted")
        }
        guard acknowledgement.through >= self.queue.acknowledged else {
            throw JournalError(.stale, "acknowledged already")
        }
        guard acknowledgement.chain == self.chain(at: acknowledgement.through) else {
            throw JournalError(.mismatch, "another chain")
        }
        self.state.withLock { $0.acknowledged = max($0.acknowledged, acknowledgement.through) }
    }

    /// What it was last told that the hub has, above its own last record.
    var goesOnAbove: RecordNumber { self.state.withLock { $0.goesOnAbove } }

    func goOn(above seq: RecordNumber) throws(JournalError) {
        guard seq > self.queue.last else { return }
        self.state.withLock { $0.goesOnAbove = seq }
    }

    func records(from first: RecordNumber, limit: Int) async throws(JournalError) -> [[UInt8]] {
        []
    }
}

/// Takes every bulletin but those of some versions, and remembers it.
final class BulletinBox: BulletinAdopting {
    private let taken = Mutex<[Bulletin]>([])
    private let refused: Set<Int64>

    init(refusing refused: Set<Int64> = []) { self.refused = refused }

    var all: [Bulletin] { self.taken.withLock { $0 } }

    func adopt(_ bulletin: Bulletin) async throws(JournalError) -> Adoption {
        if self.refused.contains(bulletin.version) {
            throw JournalError(.untrusted, "a stranger's")
        }
        self.taken.withLock { $0.append(bulletin) }
        return .adopted
    }
}

struct StillClock: MomentSource {
    func now() -> BootInstant { BootInstant(milliseconds: 1_000) }

    func moment() -> Moment { Moment(up: self.now(), at: .epoch, clock: .synced) }
}

/// A hub that answers as the test says, and tells what it got.
final class ScriptedHub: Sendable {
    typealias Answer = @Sendable (Batch) throws -> Response

    let key = SigningKey()
    let answer: Answer
    let bulletins: [UInt8]
    private let got = Mutex<[Batch]>([])
    private let asked = Mutex<[String]>([])
    let arrivals: AsyncStream<Batch>
    private let bell: AsyncStream<Batch>.Continuation

    init(bulletins: [UInt8] = [], answer: @escaping Answer) {
        self.answer = answer
        self.bulletins = bulletins
        (self.arrivals, self.bell) = AsyncStream.makeStream(of: Batch.self)
    }

    var batches: [Batch] { self.got.withLock { $0 } }
    var queries: [String] { self.asked.withLock { $0 } }

    static func acknowledging(_ batch: Batch, by key: SigningKey) throws -> Response {
        let acknowledgement = try Acknowledgement(
            device: batch.device, through: batch.last, chain: batch.chain, signedBy: key)
        return .bytes(acknowledgement.bytes, type: "application/json")
    }

    func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: ErrorReplies())
        router.post("/v1/devices/{id}/batches") { request, _ in
            let batch = try Batch(bytes: try await request.body(limit: Batch.mostBytes))
            self.got.withLock { $0.append(batch) }
            self.bell.yield(batch)
            return try self.answer(batch)
        }
        router.get("/v1/devices/{id}/bulletins") { request, _ in
            self.asked.withLock { $0.append(request.uri.query ?? "") }
            guard !self.bulletins.isEmpty else { return Response(status: .noContent) }
            return .bytes(self.bulletins, type: "application/x-ndjson")
        }
        return router
    }
}

/// What a bin was told of broken parts.
final class FaultBox: HardwareListening {
    private let told = Mutex<[String]>([])

    var all: [String] { self.told.withLock { $0 } }

    func receive(_ event: HardwareEvent) {
        switch event {
        case .failed(let fault, _): self.told.withLock { $0.append("\(fault.code)") }
        case .restored(let fault, _): self.told.withLock { $0.append("no more \(fault.code)") }
        default: Issue.record("no part of the bin")
        }
    }
}

/// Runs `hub` and an uplink to it, and `body` meanwhile.
func withUplink(
    to hub: ScriptedHub, journal: MemoryJournal, bulletins: BulletinBox = BulletinBox(),
    faults: FaultBox = FaultBox(),
    _ body: @Sendable (Uplink) async throws -> Void
) async throws {
    let (ports, portBell) = AsyncStream.makeStream(of: Int.self)
    let address = try #require(ListenAddress("127.0.0.1:0"))
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let application = try Door.service(
        serving: hub.router(), at: .tcp(address), logger: logger
    ) { portBell.yield($0) }
    let servers = ServiceGroup(services: [application], logger: logger)
    async let serving: Void = servers.run()
    let port = try #require(await ports.first { _ in true })

    let client = DoorClient(.url("http://127.0.0.1:\(port)"), token: "secret")
    let uplink = Uplink(
        hub: HubClient(client, device: try testDevice()), everySeconds: 3600,
        ports: Uplink.Ports(
            journal: journal, bulletins: bulletins, clock: StillClock(), listener: faults),
        logger: logger)
    let bins = ServiceGroup(services: [uplink], logger: logger)
    async let running: Void = bins.run()
    try await body(uplink)
    await bins.triggerGracefulShutdown()
    try await running
    await servers.triggerGracefulShutdown()
    try await serving
}
