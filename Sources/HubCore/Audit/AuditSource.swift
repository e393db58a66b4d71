package import BinCore
package import Records

/// A batch as it is stored: its envelope, and which records it brought.
package struct StoredBatch: Hashable, Sendable {
    package var head: [UInt8]
    package var tail: [UInt8]
    package var first: RecordNumber
    package var last: RecordNumber
    /// The first record that was new with it.
    package var newFrom: RecordNumber

    package init(
        head: [UInt8], tail: [UInt8], first: RecordNumber, last: RecordNumber,
        newFrom: RecordNumber
    ) {
        self.head = head
        self.tail = tail
        self.first = first
        self.last = last
        self.newFrom = newFrom
    }
}

/// A record as it is stored.
package struct StoredRecord: Hashable, Sendable {
    package var seq: RecordNumber
    package var bytes: [UInt8]
    package var chain: Digest256

    package init(seq: RecordNumber, bytes: [UInt8], chain: Digest256) {
        self.seq = seq
        self.bytes = bytes
        self.chain = chain
    }
}

/// Where a device's own records part from those that were taken from it: its journal goes on after
/// the last of these numbers from this chain value and these levels.
package struct StoredSeam: Hashable, Sendable {
    package var id: Int64
    package var numbers: ClosedRange<RecordNumber>
    package var chain: Digest256
    package var laws: LawChecker

    package init(
        id: Int64, numbers: ClosedRange<RecordNumber>, chain: Digest256, laws: LawChecker
    ) {
        (self.id, self.numbers, self.chain, self.laws) = (id, numbers, chain, laws)
    }

    package var after: RecordNumber { self.numbers.upperBound }
}

/// How many rows a device has: more than its records account for is as wrong as fewer.
package struct StoredCounts: Hashable, Sendable {
    package var records: Int64
    package var entries: Int64
    package var deposits: Int64
    package var steps: Int64

    package init(records: Int64, entries: Int64, deposits: Int64, steps: Int64) {
        self.records = records
        self.entries = entries
        self.deposits = deposits
        self.steps = steps
    }
}

/// What an audit reads: all of it as of one moment.
package protocol AuditSource {
    func key() throws -> VerifyingKey
    func journals() throws -> [HeldJournal]
    /// A device's batches in the order in which they were taken.
    func eachBatch(of device: DeviceID, _ body: (StoredBatch) throws -> Void) throws
    /// The device's own records: in the seams up to the one with the id `seam` those that are kept
    /// beside the others. 0: the records that were taken.
    func records(
        of device: DeviceID, _ range: ClosedRange<RecordNumber>, across seam: Int64
    ) throws -> [StoredRecord]
    /// The bytes of the same, from the first one to `last`.
    func eachRecord(
        of device: DeviceID, through last: RecordNumber, across seam: Int64,
        _ body: ([UInt8]) throws -> Void
    ) throws
    /// The seams that a device's journal went across, oldest first.
    func seams(of journal: HeldJournal) throws -> [StoredSeam]
    /// By record number.
    func entries(
        of device: DeviceID, _ range: ClosedRange<RecordNumber>
    ) throws -> [BookedEntry]
    /// By record number.
    func deposits(
        of device: DeviceID, _ range: ClosedRange<RecordNumber>
    ) throws -> [DepositLine]
    /// By record number.
    func steps(of device: DeviceID, _ range: ClosedRange<RecordNumber>) throws -> [ClockStep]
    func counts(of device: DeviceID) throws -> StoredCounts
    /// Oldest first.
    func registrations() throws -> [Registration]
    /// What the store itself sums up for each account.
    func sums() throws -> [AccountID: AccountSum]
    /// By kind and version: first lines and seals.
    func eachBulletin(
        _ body: (BulletinKind, Int64, _ line: [UInt8], _ seal: [UInt8]) throws -> Void
    ) throws
}
