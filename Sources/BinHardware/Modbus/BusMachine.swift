import BinCore

/// Decides what a bus does next and what is told of its parts.
///
/// A part's fault is told when it goes down, and that it is restored when it is back. While the
/// port is away there is one fault for the bus, and its devices get none of their own.
struct BusMachine: Sendable {
    /// A lost port is opened again after 0.5, 1, 2, 4, 5, 5, … s.
    static let firstReopenMs: Int64 = 500
    static let longestReopenMs: Int64 = 5000

    enum Step: Hashable, Sendable {
        case open
        case poll(Int)
        /// Nothing to do before then; without end if there is nothing to poll.
        case wait(until: BootInstant?)
    }

    enum Notice: Hashable, Sendable {
        case failed(FaultFact)
        case restored(FaultFact)
        /// A poll of a part that answered before failed, with the error's code. Of no consequence
        /// yet; worth a line in a log. What fails again has no more of them, however long it does.
        case stumbled(source: String, code: String)
    }

    /// A device as far as decisions go.
    struct Part: Hashable, Sendable {
        /// As in the `source` of a fault.
        var source: String
        var unit: Int
        var periodMs = PollSchedule.periodMs
    }

    private enum Port: Hashable, Sendable {
        /// Left by `opened`, tried from the instant on.
        case closed(until: BootInstant)
        /// Opened, but no exchange went through yet. An adapter that opens and then fails at once
        /// stays here, so that it does not count as back.
        case untried
        case working
    }

    private let bus: Name
    private let parts: [Part]
    private var port: Port
    private var reopenMs = BusMachine.firstReopenMs
    private var schedule: PollSchedule
    private var busFault: FaultFact?
    private var faults: [Int: FaultFact] = [:]
    private var busHealth: DeviceHealth
    private var partHealth: [DeviceHealth]

    init(bus: Name, parts: [Part], start: BootInstant) {
        self.bus = bus
        self.parts = parts
        self.port = .closed(until: start)
        self.schedule = PollSchedule(periodsMs: parts.map(\.periodMs), start: start)
        self.busHealth = DeviceHealth(part: "bus \(bus)")
        self.partHealth = parts.map { DeviceHealth(part: $0.source) }
    }

    /// The bus first, then its devices.
    var health: [DeviceHealth] { [self.busHealth] + self.partHealth }

    func next(at now: BootInstant) -> Step {
        guard !self.parts.isEmpty else { return .wait(until: nil) }
        switch self.port {
        case .closed(let until):
            return now < until ? .wait(until: until) : .open
        case .untried, .working:
            switch self.schedule.next(at: now) {
            case .poll(let index): return .poll(index)
            case .wait(let until): return .wait(until: until)
            case nil: return .wait(until: nil)
            }
        }
    }

    mutating func opened(at now: BootInstant) {
        self.port = .untried
        self.schedule.restart(at: now)
    }

    mutating func openFailed(_ error: BusError, at now: BootInstant) -> [Notice] {
        self.close(error, at: now)
    }

    /// Takes the outcome of a poll; `nil` is success.
    mutating func polled(_ index: Int, error: BusError?, at now: BootInstant) -> [Notice] {
        self.busHealth.count(error, at: now)
        self.partHealth[index].count(error, at: now)
        if let error, error.policy == .reopenPort { return self.close(error, at: now) }
        var notices = self.proveThePort()
        if let error {
            let isFirst = self.schedule.failures(index) == 0
            let change = self.schedule.failed(index, answered: error.wasAnswered, at: now)
            switch change {
            case .none where isFirst && self.faults[index] == nil:
                let source = self.parts[index].source
                notices.append(.stumbled(source: source, code: error.code))
            case .none, .cameBack: break
            case .wentDown:
                let fault = self.fault(of: self.parts[index], error)
                self.faults[index] = fault
                notices.append(.failed(fault))
            }
            self.partHealth[index].state = self.faults[index] == nil ? .failing : .down
        } else {
            let change = self.schedule.succeeded(index, at: now)
            self.partHealth[index].state = .working
            switch change {
            case .none, .wentDown: break
            case .cameBack:
                if let fault = self.faults.removeValue(forKey: index) {
                    notices.append(.restored(fault))
                }
            }
        }
        return notices
    }

    /// How often in a row a part has failed, up to `PollSchedule.failuresUntilDown`.
    func failures(_ index: Int) -> Int { self.schedule.failures(index) }

    /// Whether a part is down, or goes down if it fails now.
    func isLost(_ index: Int, at now: BootInstant) -> Bool { self.schedule.isLost(index, at: now) }

    /// The slowest exchange of a part, for whoever sets its timeout.
    mutating func replied(_ index: Int, us: Int) {
        let ms = Int64((us + 999) / 1000)
        let slowest = self.partHealth[index].counts[Self.slowestReply] ?? 0
        self.partHealth[index].counts[Self.slowestReply] = max(slowest, ms)
    }

    static let slowestReply = "slowest-reply-ms"

    private mutating func close(_ error: BusError, at now: BootInstant) -> [Notice] {
        self.port = .closed(until: now.advanced(byMs: self.reopenMs))
        self.reopenMs = min(self.reopenMs * 2, Self.longestReopenMs)
        self.busHealth.state = .down
        for index in self.partHealth.indices { self.partHealth[index].state = .down }
        guard self.busFault == nil else { return [] }
        let fault = FaultFact(
            source: "bus \(self.bus)", code: error.code, detail: "\(self.bus): \(error.hint)")
        self.busFault = fault
        return [.failed(fault)]
    }

    /// An exchange went over the line, whatever the device made of it.
    private mutating func proveThePort() -> [Notice] {
        guard self.port != .working else { return [] }
        self.port = .working
        self.reopenMs = Self.firstReopenMs
        self.busHealth.state = .working
        guard let fault = self.busFault else { return [] }
        self.busFault = nil
        return [.restored(fault)]
    }

    private func fault(of part: Part, _ error: BusError) -> FaultFact {
        FaultFact(
            source: part.source, code: error.code,
            detail: "unit \(part.unit) on bus \(self.bus) \(error.hint)")
    }
}

extension DeviceHealth {
    /// Counts one poll with its outcome; `nil` is success.
    fileprivate mutating func count(_ error: BusError?, at now: BootInstant) {
        self.polls += 1
        switch error?.cause {
        case nil: self.lastGood = now
        case .noReply, .lateReply: self.timeouts += 1
        case .badFrame: self.badFrames += 1
        case .exception: self.exceptions += 1
        case .badValue, .inconsistent, .frozen, .notCleared, .badRequest: break
        case .portMissing, .portRefused, .portLost: break
        }
    }
}
