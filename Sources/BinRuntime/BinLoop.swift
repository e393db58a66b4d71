package import BinCore
package import Logging
package import Records

/// The body of the bin's loop: one input at a time, from decision to commit to display.
///
/// Nothing here suspends: each call returns when what it decided is durable and shown. `LoopThread`
/// is its only caller; tests of power cuts stand in for it.
package final class BinLoop {
    private let start: BinStart
    private let journal: any JournalKeeping
    private let clock: any MomentSource
    private let publish: @Sendable (BinNews) -> Void
    private let watchers: [any RecordWatching]
    private var traces: TraceBook
    private let logger: Logger

    private var machine: BinMachine
    private var clockWatch: ClockWatch
    /// What is broken now, by source.
    private var faults: [String: FaultFact] = [:]
    private var ledger: FaultLedger
    private var storage = StorageWatch()
    /// What was decided when the medium refused it.
    private var undone: UndoneDecision?
    /// Durable, and not told to anybody but the resident yet.
    private var untold: [Record] = []
    private var timer: BootInstant?
    /// The event counter of the legally relevant parameters.
    private var events: Int64

    package init(
        start: BinStart, journal: any JournalKeeping, clock: any MomentSource,
        publish: @escaping @Sendable (BinNews) -> Void,
        watchers: [any RecordWatching], traces: (any TraceKeeping)? = nil, logger: Logger
    ) {
        self.traces = TraceBook(keeper: traces)
        self.start = start
        self.journal = journal
        self.clock = clock
        self.publish = publish
        self.watchers = watchers
        self.logger = logger
        self.machine = BinMachine(
            rules: start.rules, memory: start.memory, rates: journal.rates, at: clock.now())
        self.events = start.boot.legal?.events ?? 0
        self.clockWatch = ClockWatch(last: start.lastRecorded.map { ($0.at, $0.up) })
        self.ledger = FaultLedger(open: start.memory.openFaults, at: clock.now())
    }

    /// Records that the daemon started. Throws if even that can't be remembered.
    package func begin() throws(JournalError) {
        let moment = self.clock.moment()
        try self.recordClock(at: moment)
        let outage = self.start.outage.map { [Fact.fault($0), .cleared($0)] } ?? []
        try self.append([.boot(self.start.boot)] + outage, at: moment)
        if let card = self.machine.attended, self.journal.rates.policy.dailyLimit != nil {
            self.machine.recall(
                creditedToday: try self.journal.credited(to: card, onDayOf: moment))
        }
        let faults = self.allFaults
        try self.record(faults, at: moment)
        self.show(faults, at: moment)
        self.tell(at: moment)
    }

    /// Commit, then the resident's feedback, then everything else.
    package func take(_ input: BinService.Input) {
        let moment = self.clock.moment()
        // Before a new value takes the place of an old one.
        self.traces.close(at: moment.up)
        defer { if case .stop = input { self.traces.closeAll() } }
        self.note(input, at: moment.up)
        guard !self.storage.isResting(at: moment.up), self.tryStorage(at: moment) else {
            self.miss(input)
            input.refuse()
            self.show(self.allFaults, at: moment)
            self.tell(at: moment)
            return
        }
        self.storage.look(self.journal, at: moment.up)
        do {
            if self.storage.isUncertain(at: moment.up) { try self.journal.probe() }
            try self.recordClock(at: moment)
            try self.perform(input, at: moment)
        } catch {
            // What waits for a reply fails here only before its turn came.
            self.noteStorageFailed(error, at: moment)
            input.refuse()
            self.miss(input)
        }
        let (isNews, faults) = (!self.untold.isEmpty, self.allFaults)
        if isNews { self.show(faults, at: moment) }
        self.tell(at: moment)
        self.settle(faults, areShown: isNews, at: moment)
        self.tell(at: moment)
    }

    /// Ends a turn with what it must record of faults.
    private func settle(
        _ faults: [String: FaultFact], areShown: Bool, at moment: Moment
    ) {
        var areShown = areShown
        if self.storage.outage == nil {
            do { try self.record(faults, at: moment) } catch {
                self.noteStorageFailed(error, at: moment)
                areShown = false
            }
        }
        if !areShown { self.show(faults, at: moment) }
    }

    /// Only a write that is durable ends an outage: an input that needs no record proves nothing.
    private func tryStorage(at moment: Moment) -> Bool {
        guard let outage = self.storage.outage else { return true }
        do {
            try self.journal.probe()
            try self.recordClock(at: moment)
            try self.redo(after: outage, at: moment)
            self.machine.resume(since: outage.began, at: moment.up, passing: outage.other)
            self.storage.healed()
            try self.recordOutage(at: moment)
            self.logger.notice("The journal's medium accepted records again")
            return true
        } catch {
            self.noteStorageFailed(error, at: moment)
            return false
        }
    }

    /// Records what was decided when the medium refused it: what was weighed then was certain,
    /// however long it is ago.
    private func redo(
        after outage: StorageWatch.Outage, at moment: Moment
    ) throws(JournalError) {
        guard let undone = self.undone else { return }
        let isOne =
            outage.other == nil
            && moment.up.ms(since: outage.began) <= self.start.rules.idleMs
        let (machine, facts) = undone.decide(
            noting: self.machine, isOne: isOne, nextSeq: self.journal.nextSeq)
        if !facts.isEmpty { try self.append(facts, at: moment) }
        self.machine = machine
        self.undone = nil
    }

    /// What the scales deliver is weighed, though nothing can be decided of it, and who else came
    /// is kept in mind.
    private func miss(_ input: BinService.Input) {
        if case .hardware(.presented(_, let card, _)) = input, card != self.machine.attended {
            self.storage.came(card)
        }
        guard let event = self.weighing(input) else { return }
        self.machine.observe(event)
        self.undone?.miss(event)
    }

    private func noteStorageFailed(_ error: JournalError, at moment: Moment) {
        guard self.storage.failed(error, at: moment) else { return }
        self.logger.error(
            "A record could not be stored", metadata: [LogKey.problem: "\(error)"])
    }

    /// When to call with `.tick`, if that is sooner than any timer that was set. While the medium
    /// refuses records nothing is due before the next attempt.
    func timerToSet() -> BootInstant? {
        if let timer = self.timer, self.clock.now() >= timer { self.timer = nil }
        var due = self.machine.nextTick
        // While the medium refuses records, nothing that is due can be done.
        if let retry = self.storage.retryAt { due = max(due ?? retry, retry) }
        guard let next = due, next < self.timer ?? next.advanced(byMs: 1) else { return nil }
        self.timer = next
        return next
    }

    private func perform(_ input: BinService.Input, at moment: Moment) throws(JournalError) {
        switch input {
        case .tick: try self.decide(.tick, at: moment)
        case .stop: try self.decide(.stopping, at: moment)
        case .hardware(.reading), .hardware(.converted):
            guard let event = self.weighing(input) else { return }
            try self.decide(event, at: moment)
        case .hardware(.presented(let reader, let card, _)):
            try self.present(card, at: reader, moment)
        // Noted already.
        case .hardware(.pieces), .hardware(.contact), .hardware(.filled):
            try self.decide(.tick, at: moment)
        // They are recorded at the end of the turn.
        case .hardware(.failed), .hardware(.restored): break
        case .calibrate(let request): self.calibrate(request, at: moment)
        case .adopt(let bulletin, let reply): self.adopt(bulletin, reply, at: moment)
        }
    }

    /// What a scale delivered, as the machine takes it; `nil` if it is anything else.
    private func weighing(_ input: BinService.Input) -> BinMachine.Event? {
        switch input {
        case .hardware(.reading(let scale, let reading)):
            self.start.compartments[scale].map { .reading(compartment: $0, reading) }
        case .hardware(.converted(let scale, let conversion)):
            self.start.compartments[scale].map { .converted(compartment: $0, conversion) }
        case .hardware, .adopt, .calibrate, .tick, .stop: nil
        }
    }

    /// Keeps what a scale delivered for the traces of deposits.
    private func sample(_ event: BinMachine.Event) {
        switch event {
        case .reading(_, let reading) where reading.condition == .unsure: break
        case .reading(let compartment, let reading):
            self.traces.add(
                self.machine.raw(of: reading, in: compartment), of: compartment, at: reading.at)
        case .converted(let compartment, let conversion):
            self.traces.add(conversion.counts, of: compartment, at: conversion.at)
        case .presented, .pieces, .contact, .filled, .tick, .stopping: break
        }
    }

    /// Records a step of the wall clock; it was seen only once that is durable.
    private func recordClock(at moment: Moment) throws(JournalError) {
        var watch = self.clockWatch
        if let step = watch.look(at: moment) { try self.append([.clock(step)], at: moment) }
        self.clockWatch = watch
    }

    /// Lets the machine decide; it becomes the new machine once its facts are durable.
    private func decide(_ event: BinMachine.Event, at moment: Moment) throws(JournalError) {
        var machine = self.machine
        let facts = machine.handle(event, at: moment, nextSeq: self.journal.nextSeq)
        do { if !facts.isEmpty { try self.append(facts, at: moment) } } catch {
            self.undone = self.undone ?? UndoneDecision(event, by: self.machine, at: moment)
            throw error
        }
        self.machine = machine
    }

    private func present(
        _ card: CardNumber, at reader: Name, _ moment: Moment
    ) throws(JournalError) {
        self.storage.lookNow(self.journal, at: moment.up)
        // What is going on can be ended; nothing new is begun that might not be remembered.
        self.machine.isShortOfRoom = self.storage.shortage != nil
        guard !self.machine.isShortOfRoom || self.machine.attended != nil else { return }
        let role = try self.journal.role(of: card)
        // Whoever empties a bin opens every lid before anything has to be recorded.
        if role == .collector { try self.journal.probe() }
        let isLimited = self.journal.rates.policy.dailyLimit != nil
        let credited =
            isLimited ? try self.journal.credited(to: card, onDayOf: moment) : .zero
        try self.decide(
            .presented(card, role: role, reader: reader, creditedToday: credited), at: moment)
    }

    /// Parts tell their state once: it is kept whatever the medium does.
    private func note(_ input: BinService.Input, at now: BootInstant) {
        switch input {
        case .hardware(.failed(let fault, _)):
            self.faults[fault.source] = fault
            self.ledger.heard(fault.source)
        case .hardware(.restored(let fault, _)):
            self.faults[fault.source] = nil
            self.ledger.heard(fault.source)
        case .hardware(.reading), .hardware(.converted):
            if let event = self.weighing(input) { self.sample(event) }
        case .hardware(.pieces(let compartment, let count, _)):
            self.machine.note(.pieces(compartment: compartment, count), at: now)
        case .hardware(.contact(let contact, let isOpen, _)):
            self.machine.note(.contact(contact, isOpen: isOpen), at: now)
        case .hardware(.filled(let compartment, let isFull, _)):
            self.machine.note(.filled(compartment: compartment, isFull: isFull), at: now)
        case .hardware(.presented), .adopt, .calibrate, .tick, .stop: break
        }
    }

    /// What is broken, and what the machine finds amiss: a part that says it is broken goes first.
    private var allFaults: [String: FaultFact] {
        let machine = self.machine
        let alarms =
            machine.alarms + machine.scaleFaults + [self.storage.shortage].compactMap(\.self)
        if alarms.isEmpty { return self.faults }
        return self.faults.merging(alarms.map { ($0.source, $0) }) { broken, _ in broken }
    }

    /// Brings the records up to `faults`.
    private func record(
        _ faults: [String: FaultFact], at moment: Moment
    ) throws(JournalError) {
        try self.recordOutage(at: moment)
        try self.write(self.ledger.due(faults, at: moment.up), at: moment)
    }

    private func recordOutage(at moment: Moment) throws(JournalError) {
        guard let outage = self.storage.unrecorded,
            self.ledger.mayRecord(outage.source, at: moment.up)
        else { return }
        try self.write([.fault(outage), .cleared(outage)], at: moment)
        self.storage.recorded()
    }

    private func write(_ facts: [Fact], at moment: Moment) throws(JournalError) {
        guard !facts.isEmpty else { return }
        try self.append(facts, at: moment)
        for fact in facts { self.ledger.wrote(fact, at: moment.up) }
    }

    private func adopt(
        _ bulletin: Bulletin, _ reply: CheckedContinuation<Result<Adoption, JournalError>, Never>,
        at moment: Moment
    ) {
        do {
            let adoption = try self.journal.adopt(bulletin, at: moment)
            self.machine.rates = self.journal.rates
            if adoption == .adopted { self.tellWatchers() }
            reply.resume(returning: .success(adoption))
        } catch {
            reply.resume(returning: .failure(error))
        }
    }

    private func calibrate(_ request: CalibrationRequest, at moment: Moment) {
        var machine = self.machine
        do {
            let (result, facts) = try machine.calibrate(
                request.compartment, request.step, by: request.by, at: moment.up)
            if !facts.isEmpty { try self.append(facts, at: moment) }
            self.machine = machine
            request.reply.resume(returning: .success(result))
        } catch let refusal as CalibrationRefusal {
            request.reply.resume(returning: .failure(.refused(refusal)))
        } catch {
            let error = error as? JournalError ?? BinService.storageIsOut
            request.reply.resume(returning: .failure(.notStored(error)))
        }
    }

    private func append(_ facts: [Fact], at moment: Moment) throws(JournalError) {
        var events = self.events
        let sealed = facts.map { self.sealed($0, counting: &events) }
        self.untold += try self.journal.append(sealed, at: moment)
        self.storage.wrote(at: moment.up)
        self.events = events
    }

    /// Tells everybody but the resident of what is durable.
    private func tell(at moment: Moment) {
        guard !self.untold.isEmpty else { return }
        self.tellWatchers()
        for record in self.untold {
            self.trace(record, at: moment.up)
            record.log(to: self.logger)
        }
        self.untold = []
    }

    /// A calibration, a technician's or one of the zero alone, raises the event counter, and says
    /// which software did it.
    private func sealed(_ fact: Fact, counting events: inout Int64) -> Fact {
        guard case .calibration(var calibration) = fact else { return fact }
        events += 1
        calibration.seal = CalibrationFact.Seal(version: self.start.boot.version, events: events)
        return .calibration(calibration)
    }

    /// Keeps what a deposit's scale delivers around it.
    private func trace(_ record: Record, at now: BootInstant) {
        guard case .deposit(let deposit) = record.fact else { return }
        let scale = self.machine.scales(at: now).first { $0.compartment == deposit.compartment }
        self.traces.open(
            record.header.seq, of: deposit.compartment, calibration: scale?.calibration,
            linearity: scale?.linearity ?? .straight, at: now)
    }

    private func tellWatchers() {
        let isSettled = self.machine.attended == nil || self.untold.contains(where: \.endsAVisit)
        for watcher in self.watchers {
            watcher.recorded(through: self.journal.nextSeq - 1, isSettled: isSettled)
        }
    }

    /// Shows what is durable; while nothing can be remembered, that the bin is out of service.
    private func show(_ faults: [String: FaultFact], at moment: Moment) {
        let machine = self.machine
        var view = machine.view(at: moment.up)
        var faults = faults
        if let outage = self.storage.outage { faults[outage.fault.source] = outage.fault }
        let isShort = self.storage.shortage != nil && machine.attended == nil
        if self.storage.outage != nil || isShort { view = view.outOfService("storage") }
        view.needsService = faults.keys.contains {
            $0.hasPrefix("storage") || $0 == "uplink forked"
        }
        self.publish(
            BinNews(
                view: view, faults: faults, machine: machine, events: self.events,
                moment: moment))
    }
}
