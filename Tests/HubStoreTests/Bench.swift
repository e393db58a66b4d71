import BinCore
import GRDB
import HubCore
import HubKit
import HubStore
import Records
import Testing

/// A store in a file of its own, with a clock that stands still.
struct Bench {
    static let now = WallTime(millisecondsSince1970: 1_796_200_000_000)
    static let anna = "w26:00A1B2"
    static let ben = "w26:00A1B3"

    let file: ScratchFile
    let store: any HubStoring

    init(devices: [String] = ["baiyun-017"]) async throws {
        self.file = try ScratchFile()
        self.store = try SQLiteHubStore(path: self.file.path)
        for (index, device) in devices.enumerated() {
            try await self.store.add(
                try found(DeviceID(device)), community: try found(Name("baiyun")),
                token: DeviceToken.digest(of: "\(index)"), at: Self.now)
        }
    }

    func register(_ cards: [(card: String, account: String)]) async throws -> CardImport {
        let list = try cards.map {
            RegisteredCard(
                card: try found(CardNumber($0.card)), account: try found(AccountID($0.account)),
                role: .resident)
        }
        return try await self.store.importCards(list, at: Self.now)
    }

    @discardableResult
    func send(_ bin: TestBin, _ range: ClosedRange<RecordNumber>) async throws -> IngestOutcome {
        try await self.store.ingest(try bin.bytes(range), from: bin.device, at: Self.now)
    }

    /// Sends, and returns through where the hub acknowledges and how much was new.
    func acknowledge(
        _ bin: TestBin, _ range: ClosedRange<RecordNumber>
    ) async throws -> [RecordNumber] {
        guard case .acknowledged(let acknowledgement, let new) = try await self.send(bin, range)
        else { return [] }
        #expect(acknowledgement.chain == bin.chains[Int(acknowledgement.through)])
        #expect(acknowledgement.key == (try await self.store.signingKey().publicKey))
        // Reading it checks the signature.
        #expect(try Acknowledgement(bytes: acknowledgement.bytes) == acknowledgement)
        return [acknowledgement.through, Int64(new)]
    }

    func sum(_ account: String) async throws -> AccountSum? {
        try await self.store.standing(of: try found(AccountID(account)))?.sum
    }

    /// Does to the file what nobody should.
    func tamper(_ sql: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: self.file.path, configuration: configuration)
        try queue.write { db in
            try db.execute(sql: "PRAGMA ignore_check_constraints = ON")
            try db.execute(sql: sql)
        }
    }

    func count(_ table: String) throws -> Int {
        let queue = try DatabaseQueue(path: self.file.path)
        return try queue.read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") ?? -1
        }
    }
}
