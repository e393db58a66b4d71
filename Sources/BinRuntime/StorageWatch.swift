import BinCore
import Records

/// What the loop knows of the journal's medium: whether it takes records, and has room for orders.
///
/// | medium | what the loop does |
/// | --- | --- |
/// | takes records | everything; a medium that had nothing to take for `quietMs` is tried |
/// | short of room | ends what is going on, and opens no order |
/// | refused a record | nothing, until a probe is durable; it is tried every `retryMs` |
struct StorageWatch {
    /// After the medium refused a record it is tried again this often.
    static let retryMs: Int64 = 2000
    /// A medium that went bad while nobody came is found out before somebody does. Our own choice:
    /// 144 blocks a day on a bin that nobody uses.
    static let quietMs: Int64 = 600_000

    /// A time without records.
    struct Outage {
        let since: WallTime
        let began: BootInstant
        /// The medium's own words.
        let problem: String
        /// When it was last tried.
        fileprivate(set) var triedAt: BootInstant
        /// The first card that came and isn't the one whose order was going on.
        fileprivate(set) var other: CardNumber?

        /// For the journal, once that takes records again.
        var fault: FaultFact {
            FaultFact(
                source: "journal", code: "storage",
                detail: "nothing could be stored since \(self.since.rfc3339): \(self.problem)")
        }
    }

    private(set) var outage: Outage?
    /// An outage that is over and has no record yet.
    private(set) var unrecorded: FaultFact?
    private(set) var shortage: FaultFact?
    private var lookedAt: BootInstant?
    /// When it last took something, or was tried.
    private var triedAt: BootInstant?

    /// When the medium is to be tried again.
    var retryAt: BootInstant? { self.outage?.triedAt.advanced(byMs: Self.retryMs) }

    /// Whether it refused a record so lately that it isn't tried yet.
    func isResting(at now: BootInstant) -> Bool { self.retryAt.map { now < $0 } ?? false }

    /// Returns `true` for the first failure of an outage.
    mutating func failed(_ error: JournalError, at moment: Moment) -> Bool {
        guard self.outage == nil else {
            self.outage?.triedAt = moment.up
            return false
        }
        self.outage = Outage(
            since: moment.at, began: moment.up, problem: error.message, triedAt: moment.up)
        return true
    }

    /// It took a record.
    mutating func wrote(at now: BootInstant) { self.triedAt = now }

    /// Whether it has to be tried, since nothing shows that it still takes records. Asked once.
    mutating func isUncertain(at now: BootInstant) -> Bool {
        guard let last = self.triedAt, now.ms(since: last) >= Self.quietMs else { return false }
        self.triedAt = now
        return true
    }

    /// Somebody else came while nothing could be taken.
    mutating func came(_ other: CardNumber) {
        if self.outage?.other == nil { self.outage?.other = other }
    }

    /// What was refused is durable now. That there was an outage is to be recorded, of several
    /// that there was the first.
    mutating func healed() {
        self.unrecorded = self.unrecorded ?? self.outage?.fault
        self.outage = nil
    }

    /// The outage has its record.
    mutating func recorded() { self.unrecorded = nil }

    /// Asks the medium for its room, if it wasn't asked within `retryMs`.
    mutating func look(_ journal: any JournalKeeping, at now: BootInstant) {
        if let lookedAt, now.ms(since: lookedAt) < Self.retryMs { return }
        self.lookNow(journal, at: now)
    }

    mutating func lookNow(_ journal: any JournalKeeping, at now: BootInstant) {
        self.lookedAt = now
        self.shortage = journal.shortage
    }
}
