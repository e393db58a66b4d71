package import BinCore
import Foundation
import GRDB
package import Records
import Synchronization

/// The bin's memory: an append-only, hash-chained sequence of records in SQLite.
///
/// Every append is one transaction with one fsync (WAL, synchronous FULL). The rows are also the
/// queue to the hub: what lies past the acknowledged point is still to be sent.
package final class Journal: JournalKeeping, JournalSharing {
    /// Whose journal it is, and whom it listens to.
    package struct Owner: Sendable {
        package var device: DeviceID
        package var community: Name
        /// Whose bulletins and acknowledgements count.
        package var trust: [VerifyingKey]

        package init(device: DeviceID, community: Name, trust: [VerifyingKey]) {
            self.device = device
            self.community = community
            self.trust = trust
        }
    }

    /// What changes with every append; set only after the commit, on the database's own queue.
    struct Head: Sendable {
        /// Records up to this one are gone from here; 0: none.
        var cut: RecordNumber
        var last: RecordNumber
        var chain: Digest256
        var acknowledged: RecordNumber
        var boot: Int64
        var fold: JournalFold
        var lastHeader: RecordHeader?
        var lastSummary: RecordNumber
        var rates: RateBook
        var notices: Notices?
        var versions: [BulletinKind: Int64]
        /// How many records the start read.
        var rowsRead = 0
    }

    /// Told how many seconds the next step of a start may take at most; `nil`: as long as usual.
    package typealias Progress = @Sendable (_ seconds: Int64?) -> Void

    /// A commit writes whole pages, and most of the medium's wear is commits: for an order of three
    /// deposits `steelyard-bench commit` counts some 14 KiB with this size and 26 KiB with SQLite's
    /// 4096. A journal that was made with another size keeps it.
    static let pageBytes = 1024

    let owner: Owner
    let database: DatabaseQueue
    let head: Mutex<Head>
    let key: SigningKey
    let directory: StorageDirectory
    let highWater: HighWaterFile
    /// What a technician should know of how the journal was found.
    package let notes: [FaultFact]
    /// Whether the medium was short of room when it was last asked.
    let isShort = Mutex(false)
    /// What was credited lately; `nil` until somebody asks.
    let credits = Mutex<DayCredits?>(nil)
    /// The newest record when the log was last written back.
    let writtenBack: Mutex<RecordNumber>
    /// When pruning cut records off lately.
    let cuts = Mutex<[BootInstant]>([])
    /// Whether the files on the medium are still the open ones.
    let place: PlaceWatch
    /// Whether the hub has records of this device that aren't here.
    let isBehind = Mutex(false)

    /// Opens the journal in `directory`, or makes it.
    ///
    /// A database that is damaged is set aside, and what can be read of it is kept.
    ///
    /// - Parameters:
    ///   - bootID: The kernel's id of this start of the machine.
    ///   - moment: Now, for the records that tell of lost ones.
    ///   - progress: Called again and again while a long start, such as a salvage, gets on.
    /// - Throws: `JournalError`: `.foreign`, `.damaged` (the key), `.storage`.
    package init(
        in directory: StorageDirectory, of owner: Owner, bootID: String,
        at moment: Moment = Moment(
            up: BootInstant(milliseconds: 0), at: .epoch, clock: .unset),
        progress: @escaping Progress = { _ in }
    ) throws(JournalError) {
        self.owner = owner
        self.directory = directory
        let wasUsed = directory.hasKey
        self.key = try directory.deviceKey()
        self.highWater = try HighWaterFile(in: directory)
        let opening = Opening(
            directory: directory, wasUsed: wasUsed, owner: owner, bootID: bootID,
            moment: moment, highWater: self.highWater, progress: progress)
        do {
            let opened = try opening.run()
            self.database = opened.database
            self.head = Mutex(opened.head)
            self.writtenBack = Mutex(opened.head.last)
            self.notes = opened.notes
            let place = PlaceWatch("\(directory.path)/\(StorageDirectory.database)")
            try opened.database.read { try place.allow(pages: $0) }
            self.place = place
        } catch { throw Self.worded(error) }
    }

    /// The write-ahead log is cut back to this size after it grew, for instance behind a long read.
    static let longestLog = 4 << 20

    static func open(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            // Both count for a database that is made now; in another they would be a write.
            if try Int.fetchOne(db, sql: "PRAGMA page_count") == 0 {
                try db.execute(sql: "PRAGMA page_size = \(Self.pageBytes)")
                try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            }
            try db.execute(sql: "PRAGMA journal_size_limit = \(Self.longestLog)")
        }
        let database = try DatabaseQueue(path: path, configuration: configuration)
        guard try !database.read(Schema.migrator.hasBeenSuperseded) else {
            throw JournalError(
                .foreign, "\(path) was written by newer software than this; install that again")
        }
        try Schema.migrator.migrate(database)
        // GRDB sets NORMAL whenever it opens a database in WAL mode; set FULL after it, and look.
        try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        guard try database.writeWithoutTransaction(Self.durability) == Durability.full else {
            throw JournalError(.storage, "SQLite doesn't take WAL with FULL sync for \(path)")
        }
        return database
    }

    /// How SQLite commits on the one connection that there is.
    package struct Durability: Hashable, Sendable {
        package var mode: String?
        package var synchronous: Int?

        /// The write-ahead log, synced at every commit.
        static let full = Durability(mode: "wal", synchronous: 2)
    }

    /// What SQLite says of itself.
    package func durability() async throws(JournalError) -> Durability {
        do { return try await self.database.writeWithoutTransaction(Self.durability) } catch {
            throw Self.worded(error)
        }
    }

    @Sendable private static func durability(_ db: Database) throws -> Durability {
        Durability(
            mode: try String.fetchOne(db, sql: "PRAGMA journal_mode"),
            synchronous: try Int.fetchOne(db, sql: "PRAGMA synchronous"))
    }

    package var nextSeq: RecordNumber { self.head.withLock { $0.last + 1 } }
    package var rates: RateBook { self.head.withLock { $0.rates } }
    package var notices: Notices? { self.head.withLock { $0.notices } }
    package var bulletinVersions: [BulletinKind: Int64] { self.head.withLock { $0.versions } }
    /// Counts starts of the machine, this one included.
    package var boot: Int64 { self.head.withLock { $0.boot } }
    package var publicKey: VerifyingKey { self.key.publicKey }

    package var queue: QueueState {
        self.head.withLock {
            QueueState(
                first: $0.cut + 1, last: $0.last, acknowledged: $0.acknowledged, chain: $0.chain)
        }
    }

    /// How many records were read to open the journal; no more however many there are.
    package var rowsReadAtStart: Int { self.head.withLock { $0.rowsRead } }

    /// What the records add up to.
    package var memory: BinMemory { self.head.withLock { $0.fold.memory } }
    /// The last record's header, and that of the open order's last record.
    package var lastHeaders: (any: RecordHeader?, openOrder: RecordHeader?) {
        self.head.withLock { ($0.lastHeader, $0.fold.lastOrderHeader) }
    }

    /// SQLite's words with what to do about them.
    static func worded(_ error: any Error) -> JournalError {
        switch error {
        case let error as JournalError: return error
        case let error as DatabaseError:
            let words = error.message ?? "code \(error.resultCode.rawValue)"
            guard Damage.isShown(by: error) else {
                return JournalError(
                    .storage, "the journal's medium refused: \(words); check space and mount")
            }
            return JournalError(
                .damaged, "the journal's database is damaged (\(words)); nothing was changed")
        default:
            guard Damage.isShown(by: error) else {
                return JournalError(.storage, "the journal failed: \(error)")
            }
            return Damage.words(of: error)
        }
    }
}
