package import BinCore
package import Records

/// What the hub holds of one device's journal: its end, and what the next record is checked with.
package struct HeldJournal: Hashable, Sendable {
    package var device: DeviceID
    /// Pinned with the first batch: trusted on first use, behind the device's token.
    package var key: VerifyingKey?
    /// The number of the last record held; 0: none.
    package var last: RecordNumber
    /// The chain value of that record.
    package var chain: Digest256
    package var laws: LawChecker
    package var forkedAt: RecordNumber?

    package init(
        device: DeviceID, key: VerifyingKey?, last: RecordNumber, chain: Digest256,
        laws: LawChecker, forkedAt: RecordNumber?
    ) {
        self.device = device
        self.key = key
        self.last = last
        self.chain = chain
        self.laws = laws
        self.forkedAt = forkedAt
    }

    /// Nothing is held yet.
    package init(of device: DeviceID) {
        self.init(
            device: device, key: nil, last: 0, chain: HashChain.start(of: device),
            laws: LawChecker(), forkedAt: nil)
    }
}

/// The part of the held journal that a batch overlaps.
package struct HeldOverlap: Hashable, Sendable {
    /// The chain value before the batch's first record; `nil` if the hub doesn't hold so much.
    package var before: Digest256?
    /// The held bytes from the batch's first record on, up to its last or to the journal's end.
    package var records: [[UInt8]]

    package init(before: Digest256?, records: [[UInt8]]) {
        self.before = before
        self.records = records
    }
}

/// A record that the hub takes.
package struct TakenRecord: Hashable, Sendable {
    package var bytes: [UInt8]
    package var record: Record
    package var chain: Digest256
}

/// What taking a batch changes.
package struct Intake: Hashable, Sendable {
    /// What is new; empty if all of it was held already.
    package var records: [TakenRecord]
    /// The journal with it.
    package var journal: HeldJournal

    package init(records: [TakenRecord], journal: HeldJournal) {
        (self.records, self.journal) = (records, journal)
    }
}
