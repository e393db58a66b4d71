package import BinCore
package import Logging
package import Records

/// The body of the bin's loop: one input at a time, from decision to commit to display.
///
/// `BinService.run()` is its only caller, one call after the other: that is why nothing changes
/// across an `await` here. Tests of power cuts stand in for it.
package actor BinLoop {
    /// At most one `fault` record per part in this time: a loose adapter comes and goes several
    /// times a second, for months, and its records must not wear the medium and bury the others.
    private static let faultEveryMs: Int64 = 60_000

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
    /// What is broken as far as the records tell, by source.
    private var recordedFaults: [String: FaultFact] = [:]
    /// When a source last had a `fault` record.
    private var lastFaultRecords: [String: BootInstant] = [:]
    private var storage = StorageWatch()
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
    }

    /// Records that the daemon started. Throws if even that can't be remembered.
    package func begin() async throws(JournalError) {
        let moment = self.clock.moment()
        try await self.recordClock(at: moment)
        try await self.append([.boot(self.start.boot)], at: moment)
        try await self.recordFaults(at: moment)
        self.show(at: moment)
    }

    package func take(_ input: BinService.Input) async {
        let moment = self.clock.moment()
        // Before a new value takes the place of an old one.
        self.traces.close(at: moment.up)
        defer { if case .stop = input { self.traces.closeAll() } }
        self.note(input, at: moment.up)
        guard !self.storage.isResting(at: moment.up), await self.tryStorage(at: moment) else {
            Self.refuse(input)
            self.show(at: moment)
            return
        }
        self.storage.look(self.journal, at: moment.up)
        do {
            try await self.recordClock(at: moment)
            try await self.perform(input, at: moment)
            try await self.recordFaults(at: moment)
        } catch { self.noteStorageFailed(error, at: moment) }
        self.show(at: moment)
    }

    /// Only a write that is durable ends an outage: an input that needs no record proves nothing.
    private func tryStorage(at moment: Moment) async -> Bool {
        guard self.storage.outage != nil else { return true }
        do {
            try await self.journal.probe()
            guard let outage = self.storage.healed() else { return true }
            self.logger.notice("The journal's medium accepted records again")
            let last = self.lastFaultRecords[outage.fault.source]
            guard last.map({ moment.up.ms(since: $0) >= Self.faultEveryMs }) ?? true else {
                return true
            }
            try await self.recordClock(at: moment)
            try await self.append([.fault(outage.fault), .cleared(outage.fault)], at: moment)
            self.lastFaultRecords[outage.fault.source] = moment.up
            return true
        } catch {
            self.noteStorageFailed(error, at: moment)
            return false
        }
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

    /// Answers whoever waits for an input that isn't taken.
    private static func refuse(_ input: BinService.Input) {
        switch input {
        case .adopt(_, let reply): reply.resume(returning: .failure(Self.storageIsOut))
        case .calibrate(let request):
            request.reply.resume(returning: .failure(.notStored(Self.storageIsOut)))
        case .hardware, .tick, .stop: break
        }
    }

    private static let storageIsOut = JournalError(
        .storage, "the journal's medium refuses records; see `steelyardctl status`")

    private func perform(_ input: BinService.Input, at moment: Moment) async throws(JournalError) {
        switch input {
        case .tick: try await self.decide(.tick, at: moment)
        case .stop: try await self.decide(.stopping, at: moment)
        case .hardware(.reading(let scale, let reading)):
            guard let compartment = self.start.compartments[scale] else { return }
            self.traces.add(
                self.machine.raw(of: reading, in: compartment), of: compartment, at: reading.at)
            try await self.decide(.reading(compartment: compartment, reading), at: moment)
        case .hardware(.converted(let scale, let conversion)):
            guard let compartment = self.start.compartments[scale] else { return }
            self.traces.add(conversion.counts, of: compartment, at: conversion.at)
            try await self.decide(.converted(compartment: compartment, conversion), at: moment)
        case .hardware(.presented(let reader, let card, _)):
            try await self.present(card, at: reader, moment)
        // Noted already.
        case .hardware(.pieces), .hardware(.contact), .hardware(.filled):
            try await self.decide(.tick, at: moment)
        // `recordFaults` follows.
        case .hardware(.failed), .hardware(.restored): break
        case .calibrate(let request): await self.calibrate(request, at: moment)
        case .adopt(let bulletin, let reply): await self.adopt(bulletin, reply, at: moment)
        }
    }

    /// Records a step of the wall clock; it was seen only once that is durable.
    private func recordClock(at moment: Moment) async throws(JournalError) {
        var watch = self.clockWatch
        if let step = watch.look(at: moment) { try await self.append([.clock(step)], at: moment) }
        self.clockWatch = watch
    }

    /// Lets the machine decide; it becomes the new machine once its facts are durable.
    private func decide(_ event: BinMachine.Event, at moment: Moment) async throws(JournalError) {
        var machine = self.machine
        let facts = machine.handle(event, at: moment, nextSeq: self.journal.nextSeq)
        if !facts.isEmpty { try await self.append(facts, at: moment) }
        self.machine = machine
    }

    private func present(
        _ card: CardNumber, at reader: Name, _ moment: Moment
    ) async throws(JournalError) {
        self.storage.lookNow(self.journal, at: moment.up)
        // What is going on can be ended; nothing new is begun that might not be remembered.
        guard self.storage.shortage == nil || self.machine.attended == card else { return }
        let role = try await self.journal.role(of: card)
        let isLimited = self.journal.rates.policy.dailyLimit != nil
        let credited =
            isLimited ? try await self.journal.credited(to: card, onDayOf: moment) : .zero
        try await self.decide(
            .presented(card, role: role, reader: reader, creditedToday: credited), at: moment)
    }

    /// Parts tell their state once: it is kept whatever the medium does.
    private func note(_ input: BinService.Input, at now: BootInstant) {
        switch input {
        case .hardware(.failed(let fault, _)): self.faults[fault.source] = fault
        case .hardware(.restored(let fault, _)): self.faults[fault.source] = nil
        case .hardware(.pieces(let compartment, let count, _)):
            self.machine.note(.pieces(compartment: compartment, count), at: now)
        case .hardware(.contact(let contact, let isOpen, _)):
            self.machine.note(.contact(contact, isOpen: isOpen), at: now)
        case .hardware(.filled(let compartment, let isFull, _)):
            self.machine.note(.filled(compartment: compartment, isFull: isFull), at: now)
        case .hardware(.reading), .hardware(.converted), .hardware(.presented), .adopt,
            .calibrate, .tick, .stop:
            break
        }
    }

    /// What is broken, and what the machine finds amiss: a part that says it is broken goes first.
    private var allFaults: [String: FaultFact] {
        let alarms =
            self.machine.alarms + self.machine.scaleFaults
            + [self.storage.shortage].compactMap(\.self)
        return self.faults.merging(alarms.map { ($0.source, $0) }) { broken, _ in broken }
    }

    /// Brings the records up to `allFaults`. A fault that is too soon after the last one of its
    /// part waits, and has no record at all if it is gone before its time.
    private func recordFaults(at moment: Moment) async throws(JournalError) {
        let faults = self.allFaults
        guard faults != self.recordedFaults else { return }
        for (source, fault) in self.recordedFaults.sorted(by: { $0.key < $1.key })
        where faults[source] == nil {
            try await self.append([.cleared(fault)], at: moment)
            self.recordedFaults[source] = nil
            self.logger.notice("A part works again", metadata: [LogKey.part: "\(source)"])
        }
        for (source, fault) in faults.sorted(by: { $0.key < $1.key })
        where self.recordedFaults[source] != fault {
            if let last = self.lastFaultRecords[source],
                moment.up.ms(since: last) < Self.faultEveryMs
            {
                continue
            }
            try await self.append([.fault(fault)], at: moment)
            self.recordedFaults[source] = fault
            self.lastFaultRecords[source] = moment.up
            self.logger.warning(
                "A part failed",
                metadata: [
                    LogKey.part: "\(source)", LogKey.code: "\(fault.code)",
                    LogKey.problem: "\(fault.detail)",
                ])
        }
    }

    private func adopt(
        _ bulletin: Bulletin, _ reply: CheckedContinuation<Result<Adoption, JournalError>, Never>,
        at moment: Moment
    ) async {
        do {
            let adoption = try await self.journal.adopt(bulletin, at: moment)
            self.machine.rates = self.journal.rates
            if adoption == .adopted { self.tellWatchers() }
            reply.resume(returning: .success(adoption))
        } catch {
            reply.resume(returning: .failure(error))
        }
    }

    private func calibrate(_ request: CalibrationRequest, at moment: Moment) async {
        var machine = self.machine
        do {
            let (result, facts) = try machine.calibrate(
                request.compartment, request.step, by: request.by, at: moment.up)
            if !facts.isEmpty { try await self.append(facts, at: moment) }
            self.machine = machine
            request.reply.resume(returning: .success(result))
        } catch let refusal as CalibrationRefusal {
            request.reply.resume(returning: .failure(.refused(refusal)))
        } catch {
            let error = error as? JournalError ?? Self.storageIsOut
            request.reply.resume(returning: .failure(.notStored(error)))
        }
    }

    private func append(_ facts: [Fact], at moment: Moment) async throws(JournalError) {
        var events = self.events
        let sealed = facts.map { self.sealed($0, counting: &events) }
        let records = try await self.journal.append(sealed, at: moment)
        self.events = events
        self.tellWatchers()
        for record in records {
            self.trace(record, at: moment.up)
            self.log(record)
        }
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
        for watcher in self.watchers { watcher.recorded(through: self.journal.nextSeq - 1) }
    }

    private func log(_ record: Record) {
        guard case .deposit(let deposit) = record.fact else { return }
        self.logger.notice(
            "A deposit was recorded",
            metadata: [
                LogKey.seq: "\(record.header.seq)", LogKey.card: "\(deposit.card.masked)",
                LogKey.compartment: "\(deposit.compartment)",
                LogKey.massGrams: "\(deposit.mass.value)",
                LogKey.valueMicroYuan: "\(deposit.value.value)",
            ])
    }

    /// Shows what is durable; while nothing can be remembered, that the bin is out of service.
    private func show(at moment: Moment) {
        var view = self.machine.view(at: moment.up)
        var faults = self.allFaults
        if let outage = self.storage.outage { faults[outage.fault.source] = outage.fault }
        let isShort = self.storage.shortage != nil && self.machine.attended == nil
        if self.storage.outage != nil || isShort { view = view.outOfService("storage") }
        self.publish(
            BinNews(
                view: view, faults: faults, scales: self.machine.scales(at: moment.up),
                events: self.events,
                moment: moment))
    }
}
