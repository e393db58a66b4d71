package import BinCore

/// Who keeps what happened. Implemented over SQLite, and by the simulator in memory.
///
/// Its functions wait for the medium, seconds if that is a bad one: they are called where that
/// keeps nobody else, never on the cooperative pool. There no thread is changed between a decision
/// and its commit.
package protocol JournalKeeping: Sendable {
    /// The number that the next record will have.
    var nextSeq: RecordNumber { get }
    /// What is known of the rates.
    var rates: RateBook { get }
    /// The newest notices for the resident's page.
    var notices: Notices? { get }

    /// Makes records of `facts`, in one transaction that is durable when this returns.
    func append(_ facts: [Fact], at moment: Moment) throws(JournalError) -> [Record]
    /// What the adopted list says of a card.
    func role(of card: CardNumber) throws(JournalError) -> Role
    /// The mass that a card was paid for on the civil day (UTC) of `moment`.
    func credited(to card: CardNumber, onDayOf moment: Moment) throws(JournalError) -> Grams
    /// Checks and adopts a bulletin, and records it. One that is adopted already changes nothing.
    func adopt(_ bulletin: Bulletin, at moment: Moment) throws(JournalError) -> Adoption
    /// Tries the medium by a tiny durable write that is no record.
    func probe() throws(JournalError)
    /// Why no order should be opened now: the medium may not take all of its records. Asks the
    /// medium each time.
    var shortage: FaultFact? { get }
}

/// Who hands out what happened, and is told how far the hub has it.
package protocol JournalSharing: Sendable {
    var queue: QueueState { get }
    /// The newest version of each kind of bulletin.
    var bulletinVersions: [BulletinKind: Int64] { get }

    /// A signed batch of the records after `seq`, at most `limit`; `nil` if there are none.
    func batch(after seq: RecordNumber, limit: Int) async throws(JournalError) -> Batch?
    /// Takes the hub's word, if a trusted key signed it and its chain value is ours.
    func acknowledge(_ acknowledgement: Acknowledgement) async throws(JournalError)
    /// Takes note that the hub has records of this device up to `seq`: no number up to there is
    /// used for anything new.
    func goOn(above seq: RecordNumber) throws(JournalError)
    /// The bytes of the records from `first` on, at most `limit`.
    func records(from first: RecordNumber, limit: Int) async throws(JournalError) -> [[UInt8]]
}

/// What became of a bulletin.
package enum Adoption: String, Hashable, Sendable {
    case adopted
    /// This version is in force already.
    case known
}

/// How far the journal is, and how far the hub has it.
package struct QueueState: Hashable, Sendable {
    /// The oldest record that is still here; those before it were pruned.
    package var first: RecordNumber
    package var last: RecordNumber
    package var acknowledged: RecordNumber
    package var chain: Digest256

    package var depth: Int64 { self.last - self.acknowledged }

    package init(
        first: RecordNumber = 1, last: RecordNumber, acknowledged: RecordNumber, chain: Digest256
    ) {
        self.first = first
        self.last = last
        self.acknowledged = acknowledged
        self.chain = chain
    }
}

/// Why the journal can't do what was asked.
package struct JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// Another process has the storage directory open.
        case locked
        /// The storage belongs to another device, or was made by newer software.
        case foreign
        /// What is stored contradicts itself.
        case damaged
        /// The medium refused: full, read-only, broken.
        case storage
        /// The open database isn't what lies in its place any more.
        case replaced
        /// Nobody whom the configuration trusts signed it.
        case untrusted
        /// An older version than the one in force, or an older acknowledgement.
        case stale
        /// It isn't for this bin, or doesn't fit what this bin has.
        case mismatch
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { self.message }
}

/// Whoever adopts bulletins at the right moment.
package protocol BulletinAdopting: Sendable {
    func adopt(_ bulletin: Bulletin) async throws(JournalError) -> Adoption
}

/// How the exchange with the hub goes.
package struct UplinkState: Hashable, Sendable {
    package enum Phase: String, Hashable, Sendable {
        /// No hub is configured.
        case none
        /// The hub has everything, or is about to get it.
        case reachable
        /// The last attempt failed; the next one is due after a while.
        case waiting
    }

    package var phase: Phase
    /// When an exchange last ended well.
    package var lastSuccess: WallTime?
    /// What went wrong last; `nil` after a success. While `reachable`: what this bin refused.
    package var problem: String?
    /// Failed attempts since the last success.
    package var failures: Int

    package init(
        phase: Phase, lastSuccess: WallTime? = nil, problem: String? = nil, failures: Int = 0
    ) {
        self.phase = phase
        self.lastSuccess = lastSuccess
        self.problem = problem
        self.failures = failures
    }
}

/// The exchange with the hub, as others see it.
package protocol Uplinking: Sendable {
    var state: UplinkState { get }
    /// Exchanges with the hub now; returns the state afterwards.
    func exchangeNow() async -> UplinkState
}
