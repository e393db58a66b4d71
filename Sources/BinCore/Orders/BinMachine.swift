/// Decides what happens at a bin: which order a weight belongs to, and when it is settled.
///
/// A value: an event, a moment and the next record's number go in; the facts to record come out,
/// all of them in one transaction. The shell keeps the machine as it was before until they are
/// durable, so that neither the machine nor what it shows (`view(at:)`) is ever ahead of the
/// journal.
package struct BinMachine: Hashable, Sendable {
    package enum Event: Hashable, Sendable {
        /// A card came to a reader. `creditedToday` counts towards the policy's daily limit.
        case presented(CardNumber, role: Role, reader: Name, creditedToday: Grams)
        case reading(compartment: Name, Reading)
        case converted(compartment: Name, Conversion)
        /// A counter saw pieces fall into a compartment.
        case pieces(compartment: Name, Int64)
        /// A lid or a door was opened or closed.
        case contact(Contact, isOpen: Bool)
        /// A fill sensor's opinion changed.
        case filled(compartment: Name, isFull: Bool)
        /// Time went by; due at `nextTick`.
        case tick
        /// The daemon is about to stop.
        case stopping

        /// When it happened, which is before `now` if it had to wait.
        fileprivate func happened(by now: BootInstant) -> BootInstant {
            switch self {
            case .reading(_, let reading): reading.at
            case .converted(_, let conversion): conversion.at
            case .presented, .pieces, .contact, .filled, .tick, .stopping: now
            }
        }
    }

    /// One compartment between its records.
    struct Compartment: Hashable, Sendable {
        let rules: BinRules.Compartment
        var balance: Balance
        var scale: Scale
        /// The next stable weight's difference belongs to nobody.
        var detached: Detachment?
        /// The zero of a calibration that has no span yet.
        var newZero: Int64?
        /// Highest less lowest raw value when `newZero` was taken.
        var newZeroSpread: Int64 = 0
        /// Until then, or until a card opens an order, changes of weight are a technician's.
        var servicedUntil: BootInstant?
        /// The zero of the last calibration with a known mass.
        var calibratedZero: Int64?
        /// The last calibration, if it was made with another converter than the present one.
        var foreign: Calibration?
        /// The machine was switched on, and the zero not set since.
        var isSwitchedOn: Bool
        /// When zero-tracking last looked, while it may.
        var trackedAt: BootInstant?
        var lastUnattributed: BootInstant?
        /// A weight at rest whose difference is nobody's, and which is recorded when as much time
        /// went by since the last such record.
        var putOff: Milligrams?
        /// What was recorded as drift lately.
        var recentDrift = RecentDrift()
        /// What went at once since the last record.
        var suddenLoss = SuddenLoss()
        /// Why it can't be weighed, while its scale delivers.
        var strain: Strain?
        /// Counted, and not yet part of a deposit.
        var pieces: Int64 = 0
        /// When the last of them was counted, while the scale may not have seen it yet.
        var lastPiece: BootInstant?
        /// What its fill sensor says.
        var isFull = false

        /// The `after` of its last weight-bearing record.
        var level: Grams { self.balance.level }
    }

    /// Why a difference belongs to nobody.
    enum Detachment: Hashable, Sendable {
        /// It came about while the daemon was away.
        case powerOff
        /// The scale was calibrated, or isn't the one any more that was; or its division changed
        /// and the level isn't a whole number of divisions any more.
        case calibration
        /// Someone left while the scale was still moving, or silent.
        case unsettled
        /// A collector left while the scale was still moving: what it lost is theirs.
        case collected(CardNumber)
    }

    /// A resident at the bin.
    struct Session: Hashable, Sendable {
        var order: OpenOrder
        var since: BootInstant
        var lastActivity: BootInstant
        /// What the card was credited with earlier today.
        var creditedToday: Grams
        /// The weight of each compartment when it last changed by a division.
        var noticed: [Name: Milligrams] = [:]
        /// The last deposit, while nothing has moved since.
        var shown: DepositFact?
        /// The order was found open after a restart.
        var isRecovered = false
    }

    /// A card that waits for the order before it to be settled.
    struct Presentation: Hashable, Sendable {
        var card: CardNumber
        var role: Role
        var reader: Name
        var creditedToday: Grams
    }

    enum State: Hashable, Sendable {
        case idle
        case open(Session)
        /// The order is to be closed, and waits until the scales are at rest.
        case settling(
            Session, closed: OrderFact.Closed, deadline: BootInstant, next: Presentation?)
        case collecting(CardNumber, since: BootInstant, lastActivity: BootInstant)
        /// The collector left, and the scales come to rest.
        case leaving(CardNumber, deadline: BootInstant, next: Presentation?)
    }

    /// Something a resident is told for a while after it happened.
    struct Notice: Hashable, Sendable {
        var phase: BinView.Phase
        var until: BootInstant
    }

    let rules: BinRules
    var state: State = .idle
    /// Those of the compartments, sorted: there never are others.
    let names: [Name]
    /// By name.
    var compartments: [Name: Compartment]
    /// What was taken out unpaid, and not yet dropped again.
    var removed: MissingMass
    /// The tariffs, factors and policy in force; changed between two events.
    package var rates: RateBook
    /// There is no room to remember anything new: no card is served, and one that comes ends what
    /// is going on. Set between two events.
    package var isShortOfRoom = false
    var notice: Notice?
    /// The last presentation, against repeats.
    var lastPresented: Presented?
    /// Lids and doors that were heard of.
    var contacts: [Contact: ContactState] = [:]
    /// See `BinView.occasions`.
    var occasions: Int64 = 0
    /// What cards alone may make the bin record: a card emulator at the reader must not wear the
    /// medium out. Refusals beyond it are shown, and counted in `unrecorded`.
    var refusals = Allowance(most: BinRules.mostRefusals, everyMs: BinRules.refusalEveryMs)
    /// Orders that nothing was dropped in.
    var emptyOrders = Allowance(most: BinRules.mostEmptyOrders, everyMs: BinRules.emptyOrderEveryMs)
    /// Refusals that have no record, since the daemon started.
    package internal(set) var unrecorded: Int64 = 0

    /// A card and when it was read.
    struct Presented: Hashable, Sendable {
        var card: CardNumber
        var at: BootInstant
    }

    /// A machine that goes on from what the journal knows.
    package init(rules: BinRules, memory: BinMemory, rates: RateBook, at now: BootInstant) {
        self.rules = rules
        self.rates = rates
        self.names = rules.compartments.map(\.name).sorted()
        self.compartments = [:]
        self.removed = memory.removed
        for compartment in rules.compartments {
            let past = memory.compartments[compartment.name] ?? BinMemory.Compartment()
            // What changed while the daemon was away is nobody's, unless an order was open then.
            let isOrders = memory.openOrder != nil && memory.mayCredit
            let isWhole = past.level.value % compartment.limits.division.value == 0
            let isOwn = past.calibration?.fits(compartment.converter) ?? true
            self.compartments[compartment.name] = Compartment(
                rules: compartment,
                balance: Balance(division: compartment.limits.division, level: past.level),
                scale: Scale(
                    limits: compartment.limits,
                    calibration: isOwn ? past.calibration?.bound(to: compartment.converter) : nil,
                    linearity: compartment.linearity, temperature: compartment.temperature),
                detached: isWhole && isOwn ? (isOrders ? nil : .powerOff) : .calibration,
                calibratedZero: isOwn ? past.calibratedZero : nil,
                foreign: isOwn ? nil : past.calibration, isSwitchedOn: memory.isSwitchedOn)
        }
        if let order = memory.openOrder {
            var session = Session(
                order: order, since: now, lastActivity: now, creditedToday: .zero)
            session.isRecovered = true
            self.state = .settling(
                session, closed: .power, deadline: now.advanced(byMs: BinRules.recoverMs),
                next: nil)
        }
    }

    /// Takes an event and returns what is to be recorded, in this order and in one transaction.
    ///
    /// - Parameters:
    ///   - moment: Now; never earlier than at the call before.
    ///   - nextSeq: The number that the first of the returned facts will have.
    package mutating func handle(
        _ event: Event, at moment: Moment, nextSeq: RecordNumber
    ) -> [Fact] {
        var page = Page(moment: moment, nextSeq: nextSeq)
        if let notice = self.notice, moment.up >= notice.until { self.notice = nil }
        // Time that ran out before the event happened counts first: a weight that is first seen
        // after its resident's time isn't theirs.
        if let due = self.nextTick, due <= event.happened(by: moment.up) { self.follow(on: &page) }
        switch event {
        case .presented(let card, let role, let reader, let creditedToday):
            let presentation = Presentation(
                card: card, role: role, reader: reader, creditedToday: creditedToday)
            self.present(presentation, on: &page)
        case .reading(let name, let reading):
            self.compartments[name]?.scale.take(reading)
        case .converted(let name, let conversion):
            self.compartments[name]?.scale.take(conversion)
        case .pieces, .contact, .filled: self.note(event, at: moment.up)
        case .tick: break
        case .stopping: self.stop(on: &page)
        }
        self.follow(on: &page)
        self.followContacts(at: moment.up)
        self.followStrain(at: moment.up)
        return page.facts
    }

    /// Takes what parts tell only once: pieces, contacts and fill. Nothing is to be recorded of it
    /// at that moment, so that it can be kept while the medium refuses records; other events are
    /// not taken here.
    package mutating func note(_ event: Event, at now: BootInstant) {
        switch event {
        case .pieces(let name, let count): self.count(count, in: name, at: now)
        case .contact(let contact, let isOpen): self.take(contact, isOpen: isOpen, at: now)
        case .filled(let name, let isFull): self.compartments[name]?.isFull = isFull
        case .presented, .reading, .converted, .tick, .stopping: break
        }
    }

    /// What the card of an order that was found open had been paid for on this day, the order's own
    /// deposits included: they count towards the policy's daily limit.
    package mutating func recall(creditedToday: Grams) {
        guard case .settling(var session, let closed, let deadline, let next) = self.state,
            session.isRecovered
        else { return }
        session.creditedToday = max(.zero, creditedToday - session.order.credited)
        self.state = .settling(session, closed: closed, deadline: deadline, next: next)
    }

    /// Whose order or collection is going on, if anybody's is.
    package var attended: CardNumber? {
        switch self.state {
        case .idle: nil
        case .open(let session), .settling(let session, _, _, _): session.order.opened.card
        case .collecting(let card, _, _), .leaving(let card, _, _): card
        }
    }

    /// The card that waits for the one before it to be done.
    var waiting: CardNumber? {
        switch self.state {
        case .idle, .open, .collecting: nil
        case .settling(_, _, _, let next), .leaving(_, _, let next): next?.card
        }
    }

    /// When `tick` is due at the latest, if nothing else happens.
    package var nextTick: BootInstant? {
        let due: BootInstant? =
            switch self.state {
            case .idle: nil
            case .open(let session):
                min(
                    session.lastActivity.advanced(byMs: self.rules.idleMs),
                    session.since.advanced(byMs: BinRules.longestMs))
            case .settling(_, _, let deadline, _), .leaving(_, let deadline, _): deadline
            case .collecting(_, let since, let lastActivity):
                min(
                    lastActivity.advanced(byMs: self.rules.idleMs),
                    since.advanced(byMs: BinRules.longestMs))
            }
        return [due, self.notice?.until, self.nextAlarm].compactMap(\.self).min()
    }

    /// Lets time and weights do what is due in the present state.
    private mutating func follow(on page: inout Page) {
        switch self.state {
        case .idle: self.followIdle(on: &page)
        case .open(let session): self.followOpen(session, on: &page)
        case .settling(let session, let closed, let deadline, let next):
            self.followSettling(session, closed, deadline, next, on: &page)
        case .collecting(let card, let since, let lastActivity):
            self.followCollecting(card, since, lastActivity, on: &page)
        case .leaving(let card, let deadline, let next):
            self.followLeaving(card, deadline, next, on: &page)
        }
    }
}

/// What one event adds to the journal.
struct Page {
    let moment: Moment
    private let nextSeq: RecordNumber
    private(set) var facts: [Fact] = []

    init(moment: Moment, nextSeq: RecordNumber) {
        self.moment = moment
        self.nextSeq = nextSeq
    }

    /// The number that the next fact will have.
    var seq: RecordNumber { self.nextSeq + RecordNumber(self.facts.count) }
    var now: BootInstant { self.moment.up }

    mutating func write(_ fact: Fact) { self.facts.append(fact) }
}
