import BinCore
import BinJournal
import CBareLimits
import Console
import Records

/// A record's bytes and its chain value, as they are stored.
struct Entry {
    var seq: RecordNumber
    var body: [UInt8]
    var chain: [UInt8]
}

/// Makes the entries that the journal makes of the same facts.
struct EntryWriter {
    /// The number that the next one gets.
    private(set) var next: RecordNumber = 1
    private var chain = Digest256(of: [])

    static let moment = Moment(
        up: BootInstant(milliseconds: 123_456_789),
        at: WallTime(millisecondsSince1970: 1_790_000_000_000), clock: .synced)

    mutating func entry(for fact: Fact) throws -> Entry {
        let header = RecordHeader(seq: self.next, boot: 1, moment: Self.moment)
        let body = try Record(header: header, fact: fact).encoded()
        self.chain = HashChain.link(self.chain, body)
        self.next += 1
        return Entry(seq: header.seq, body: body, chain: self.chain.bytes)
    }
}

/// The bin's journal in a folder of its own.
final class OurJournal: Sendable {
    private let journal: Journal
    private let folder: String
    private let device: DeviceID
    private let hub = SigningKey()

    init(in folder: String) throws {
        guard let device = DeviceID(Visits.device), let community = Name("bench") else {
            throw Failure("the benchmark's own names are wrong", .internalError)
        }
        self.folder = folder
        self.device = device
        self.journal = try Journal(
            in: StorageDirectory(path: folder),
            of: Journal.Owner(device: device, community: community, trust: [self.hub.publicKey]),
            bootID: "bench")
    }

    func pageBytes() throws -> Int32 {
        let result = limits_page_bytes("\(self.folder)/journal.sqlite")
        guard result > 0 else { throw Failure("SQLite refused: code \(-result)", .internalError) }
        return result
    }

    /// Returns how long it took, in nanoseconds.
    func append(_ fact: Fact) throws -> Int64 {
        let start = Clocks.monotonicNs()
        _ = try self.journal.append([fact], at: EntryWriter.moment)
        return Clocks.monotonicNs() - start
    }

    /// What the daemon's upkeep does between two orders.
    func lookAfter() async throws {
        if self.journal.isLogLong { try await self.journal.writeBack() }
    }

    /// The hub has all of it.
    func acknowledge() async throws {
        let queue = self.journal.queue
        try await self.journal.acknowledge(
            Acknowledgement(
                device: self.device, through: queue.last, chain: queue.chain, signedBy: self.hub))
    }
}

/// A database with the journal's table of records, and nothing of ours above it.
final class BareJournal {
    private let raw: OpaquePointer

    init(at path: String, pageBytes: Int32) throws(Failure) {
        var raw: OpaquePointer?
        let result = limits_journal_open(path, pageBytes, &raw)
        guard result >= 0, let raw else {
            throw Failure("SQLite can't open \(path): code \(-result)", .cantCreate)
        }
        self.raw = raw
    }

    deinit { limits_journal_close(self.raw) }

    /// Returns how long it took, in nanoseconds.
    func insert(_ entry: Entry) throws(Failure) -> Int64 {
        let start = Clocks.monotonicNs()
        let result = limits_journal_insert(
            self.raw, entry.seq, entry.body, Int32(clamping: entry.body.count), entry.chain)
        let end = Clocks.monotonicNs()
        guard result >= 0 else {
            throw Failure("SQLite refused an insert: code \(-result)", .unavailable)
        }
        return end - start
    }
}
