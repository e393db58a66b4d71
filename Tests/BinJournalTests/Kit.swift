import BinCore
import BinJournal
import Foundation
import GRDB
import Records
import Testing

func name(_ text: String) throws -> Name { try #require(Name(text)) }
func card(_ text: String) throws -> CardNumber { try #require(CardNumber(text)) }

/// A storage directory of its own that is removed afterwards.
final class TemporaryStorage {
    let path: String
    let hub: SigningKey
    let device: DeviceID
    private let community: Name

    /// - Parameters:
    ///   - other: Whose hub and device it has; the key comes with a copy.
    ///   - medium: The folder that is its medium.
    init(like other: TemporaryStorage? = nil, at medium: String? = nil) throws {
        self.hub = other?.hub ?? SigningKey()
        self.path =
            medium.map { "\($0)/store" }
            ?? FileManager.default.temporaryDirectory
            .appending(path: "steelyard-journal-\(UUID().uuidString)").path
        self.device = try #require(DeviceID("baiyun-017"))
        self.community = try name("baiyun")
    }

    // `try?`: what can't be removed from the temporary folder is the system's to clean up.
    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    /// Opens the journal; the one before must be gone.
    func open(
        in directory: StorageDirectory? = nil, device: DeviceID? = nil, bootID: String = "boot-a"
    ) throws -> Journal {
        let owner = Journal.Owner(
            device: device ?? self.device, community: self.community,
            trust: [self.hub.publicKey])
        return try Journal(
            in: directory ?? self.directory(), of: owner, bootID: bootID)
    }

    /// A journal that was let go a moment ago may still be closing on a queue of its own.
    private func directory() throws -> StorageDirectory {
        for _ in 0..<100 {
            do { return try StorageDirectory(path: self.path) } catch {
                guard error.code == .locked else { throw error }
                usleep(10_000)
            }
        }
        return try StorageDirectory(path: self.path)
    }

    /// Changes the database behind the journal's back.
    func tamper(_ sql: String) throws {
        let database = try DatabaseQueue(path: "\(self.path)/journal.sqlite")
        try database.write { try $0.execute(sql: sql) }
        try database.close()
    }

    /// The size of the database's pages.
    func pageBytes() throws -> Int? {
        let database = try DatabaseQueue(path: "\(self.path)/journal.sqlite")
        return try database.read { try Int.fetchOne($0, sql: "PRAGMA page_size") }
    }

    func bulletin(
        _ kind: BulletinKind, _ version: Int64, _ body: JSONValue,
        effective: WallTime = .epoch, to audience: Audience = .everyone,
        signedBy key: SigningKey? = nil
    ) throws -> Bulletin {
        try Bulletin(
            kind: kind, version: version, effective: effective, audience: audience, body: body,
            signedBy: key ?? self.hub)
    }
}

let noon = Moment(
    up: BootInstant(milliseconds: 1_000), at: WallTime(millisecondsSince1970: 1_790_000_000_000),
    clock: .synced)

/// A fact that says nothing of weights.
func remark(_ number: Int) -> Fact {
    .fault(FaultFact(source: "part \(number)", code: "test", detail: ""))
}

func deposit(
    _ order: RecordNumber, _ mass: Int64, from before: Int64, by card: CardNumber, price: Int64 = 1
) throws -> Fact {
    let rates = AppliedRates(
        tariff: 1, price: PricePerTonne(price), each: .zero, carbon: 0, factor: .zero)
    return .deposit(
        DepositFact(
            order: order, card: card, compartment: try name("pet"),
            material: try name("pet-bottle"), before: Grams(before), after: Grams(before + mass),
            division: Grams(5), pieces: 0, rates: rates, value: MicroYuan(mass * price),
            co2e: .zero, flags: []))
}

/// Numbers from a seed: SplitMix64 (Steele, Lea and Flood 2014).
struct Dice {
    private var state: UInt64

    init(_ seed: Int) { self.state = UInt64(seed) }

    mutating func roll(_ sides: Int) -> Int {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(sides))
    }
}
