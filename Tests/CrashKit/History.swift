package import BinCore
package import Records

/// What a bin wrote and what it told, with the number of disk operations that were done by then.
///
/// Every record goes through the law checker as it comes.
package struct History: Sendable {
    /// From this number of operations on, the records up to `last` were committed.
    package struct Commit: Sendable {
        package var operations: Int
        package var last: RecordNumber
    }

    /// Something true at a time between two operations.
    package struct Note: Sendable {
        package var operations: Int
        package var world: World
    }

    package private(set) var records: [Record] = []
    /// The bytes of each record, and after each the chain and what the law checker knows.
    package private(set) var bodies: [[UInt8]] = []
    private var chains: [Digest256]
    private var checkers = [LawChecker()]

    package private(set) var commits: [Commit]
    /// What a resident was shown rests on these records.
    package private(set) var promises: [Commit] = []
    /// What the hub was told to have been heard.
    package private(set) var acknowledgements: [Commit]
    /// Up to which record the journal was pruned, or never had any.
    package private(set) var cuts: [Commit]
    /// Records after this one were made up by a start for what was lost; another start at the same
    /// point makes its own.
    package private(set) var kept: RecordNumber?
    /// How many operations that start took.
    package private(set) var settledAfter = 0
    package private(set) var notes: [Note] = []

    package init(of device: DeviceID) {
        self.chains = [HashChain.start(of: device)]
        self.commits = [Commit(operations: 0, last: 0)]
        self.acknowledgements = [Commit(operations: 0, last: 0)]
        self.cuts = [Commit(operations: 0, last: 0)]
    }

    /// What a start made of a journal that was damaged or replaced, on a new disk.
    ///
    /// - Throws: `Finding` if it holds what was never there.
    package init(
        salvaged past: History, as queue: QueueState, _ bodies: [[UInt8]], after operations: Int
    ) throws {
        let first = Int(queue.first)
        guard first - 1 <= past.bodies.count else { throw Finding("\(first) was never written") }
        let same = zip(past.bodies.dropFirst(first - 1), bodies).prefix { $0 == $1 }.count
        let kept = RecordNumber(first - 1 + same)
        self.init(
            past, through: kept, acknowledged: queue.acknowledged, cut: queue.first - 1)
        for body in bodies.dropFirst(same) { try self.append(body) }
        guard self.records.dropFirst(Int(kept)).allSatisfy({ $0.fact.isMadeUp }) else {
            throw Finding("after \(kept) there are records that nobody wrote")
        }
        guard self.last >= past.last else {
            throw Finding("\(past.last) numbers were used, and it goes on after \(self.last)")
        }
        guard queue.last == self.last, queue.chain == self.chain else {
            throw Finding("the journal's end isn't that of its records")
        }
        self.kept = kept
        self.settledAfter = operations
        self.commits = [Commit(operations: 0, last: self.last)]
    }

    /// What goes on after a cut that left the first `last` records: on a new disk.
    package init(
        _ past: History, through last: RecordNumber, acknowledged: RecordNumber,
        cut: RecordNumber
    ) {
        let count = Int(last)
        self.records = Array(past.records.prefix(count))
        self.bodies = Array(past.bodies.prefix(count))
        self.chains = Array(past.chains.prefix(count + 1))
        self.checkers = Array(past.checkers.prefix(count + 1))
        self.commits = [Commit(operations: 0, last: last)]
        self.acknowledgements = [Commit(operations: 0, last: acknowledged)]
        self.cuts = [Commit(operations: 0, last: cut)]
        self.kept = past.kept
    }

    package var last: RecordNumber { RecordNumber(self.records.count) }
    package var chain: Digest256 { self.chain(at: self.last) }
    package var laws: LawChecker { self.checkers[self.records.count] }

    package func chain(at seq: RecordNumber) -> Digest256 { self.chains[Int(seq)] }

    /// Takes the next record's bytes; checks that it may follow.
    package mutating func append(_ body: [UInt8]) throws {
        let record = try Record(bytes: body)
        var laws = self.laws
        try laws.check(record)
        if let before = self.records.last?.header {
            let isLater =
                record.header.boot > before.boot
                || record.header.boot == before.boot && record.header.up >= before.up
            guard isLater else {
                throw Finding("record \(record.header.seq) is earlier than the one before it")
            }
        }
        self.chains.append(HashChain.link(self.chain, body))
        self.checkers.append(laws)
        self.records.append(record)
        self.bodies.append(body)
    }

    package mutating func committed(_ last: RecordNumber, after operations: Int) {
        self.commits.append(Commit(operations: operations, last: last))
    }

    package mutating func promised(_ last: RecordNumber, after operations: Int) {
        self.promises.append(Commit(operations: operations, last: last))
    }

    package mutating func acknowledged(_ last: RecordNumber, after operations: Int) {
        self.acknowledgements.append(Commit(operations: operations, last: last))
    }

    package mutating func pruned(_ cut: RecordNumber, after operations: Int) {
        self.cuts.append(Commit(operations: operations, last: cut))
    }

    package mutating func note(_ world: World, after operations: Int) {
        self.notes.append(Note(operations: operations, world: world))
    }

    // MARK: What a cut may leave

    /// How many records may be there after a cut: everything committed before it, and either none
    /// or all of the transaction that was under way.
    package func mayRemain(after operations: Int) -> [RecordNumber] {
        Self.mayRemain(self.commits, after: operations)
    }

    package func mayBeAcknowledged(after operations: Int) -> [RecordNumber] {
        Self.mayRemain(self.acknowledgements, after: operations)
    }

    package func mayBeCut(after operations: Int) -> [RecordNumber] {
        Self.mayRemain(self.cuts, after: operations)
    }

    /// Up to which record a start after a cut finds the very same bytes.
    package func certain(after operations: Int) -> RecordNumber {
        guard let kept, operations < self.settledAfter else { return self.last }
        return kept
    }

    /// A start that took so many operations made up the records after `seq`.
    package mutating func madeUp(after seq: RecordNumber, settledAfter operations: Int) {
        (self.kept, self.settledAfter) = (seq, operations)
    }

    /// Bulletins may be lost with a database; records of their adoption stay.
    package var mayLackBulletins: Bool { self.kept != nil }

    private static func mayRemain(_ commits: [Commit], after operations: Int) -> [RecordNumber] {
        let next = commits.firstIndex { $0.operations > operations } ?? commits.count
        return commits[max(0, next - 1)..<min(commits.count, next + 1)].map(\.last)
    }

    /// The newest record that anything shown before a cut rests on.
    package func promised(after operations: Int) -> RecordNumber {
        self.promises.filter { $0.operations <= operations }.map(\.last).max() ?? 0
    }

    /// What was true at a cut: one of the moments between this operation and the next one.
    package func world(after operations: Int, _ dice: inout Dice) -> World {
        let now = self.notes.filter { $0.operations == operations }
        if !now.isEmpty { return dice.pick(now).world }
        // In the midst of a transaction: nothing changes until it is noted.
        let next = self.notes.first { $0.operations > operations } ?? self.notes.last
        return next?.world ?? World()
    }

    // MARK: What it adds up to

    /// What happened to weights and orders after record `seq`.
    package func outcome(after seq: RecordNumber) -> [Fact] {
        self.records.dropFirst(Int(seq)).map(\.fact).filter { fact in
            switch fact {
            case .opened, .deposit, .order, .collection, .unattributed: true
            case .boot, .clock, .refused, .bulletin, .config, .calibration, .fault, .cleared: false
            }
        }
    }

    /// The newest version of each kind of bulletin that was recorded.
    package var bulletins: [BulletinKind: Int64] {
        var versions: [BulletinKind: Int64] = [:]
        for record in self.records {
            if case .bulletin(let fact) = record.fact { versions[fact.kind] = fact.version }
        }
        return versions
    }

    /// Throws if a card was credited with more than its holder put in: something was paid twice.
    package func checkCredits(against world: World) throws {
        var credited: [CardNumber: Int64] = [:]
        var orders: [CardNumber: Int64] = [:]
        for record in self.records {
            switch record.fact {
            case .deposit(let fact): credited[fact.card, default: 0] += fact.mass.value
            case .opened(let fact): orders[fact.card, default: 0] += 1
            case .boot, .clock, .order, .refused, .collection, .unattributed, .bulletin, .config,
                .calibration, .fault, .cleared:
                break
            }
        }
        for (card, mass) in credited {
            // Each order may gain what was left below a division in each compartment.
            let slack = (orders[card] ?? 0) * Scene.division * 2
            let put = (world.put[card] ?? 0) / 1000
            guard mass <= put + slack else {
                throw Finding("\(card) put in \(put) g and was credited with \(mass) g")
            }
        }
    }
}

extension Fact {
    /// Whether a start records it for what was lost.
    var isMadeUp: Bool {
        switch self {
        case .fault(let fault): fault.source == "journal" && fault.code == "lost"
        case .order(let order): order.closed == .power
        case .boot, .clock, .opened, .deposit, .refused, .collection, .unattributed, .bulletin,
            .config, .calibration, .cleared:
            false
        }
    }
}
