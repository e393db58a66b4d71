import BinCore

/// Decides what the lines of lamps and locks are set to, and what is told of them.
///
/// A line that fails is one fault of its part and is opened again at growing intervals; the others
/// go on, and so does everything that is decided.
struct OutputMachine: Sendable {
    /// A lamp's lost line is opened again after 1, 2, 4, 8, 16, 30, 30, … s. A lock's is after 1 s
    /// each time: its coil may have been left on, and opening it switches it off.
    static let firstRetryMs: Int64 = 1_000
    static let longestRetryMs: Int64 = 30_000

    enum Step: Hashable, Sendable {
        case open(Int, LineSettings)
        case set(Int, Bool)
        /// Nothing is due before then; without end if nothing is.
        case wait(until: BootInstant?)
    }

    enum Notice: Hashable, Sendable {
        case failed(FaultFact)
        case restored(FaultFact)
    }

    enum Kind: Hashable, Sendable {
        case lamp(Lamp)
        case lock(Name)
    }

    struct Part: Hashable, Sendable {
        /// As in the `source` of a fault.
        var source: String
        var line: LineSettings
        var kind: Kind
    }

    private struct Line: Sendable {
        var isOpen = false
        /// What it was last set to.
        var isActive = false
        var retryAt: BootInstant?
        var retryMs = OutputMachine.firstRetryMs
        var fault: FaultFact?
    }

    private struct Lock: Sendable {
        var machine: LockMachine
        /// What the bin wants; `nil` before it was heard.
        var isOpenWanted: Bool?
        var hold: LockState.Hold?
    }

    let parts: [Part]
    private let compartments: [Name]
    private let ownLamps: [Lamp]
    private var lines: [Line]
    private var lamps = LampMachine()
    private var locks: [Name: Lock]
    private var isStopping = false
    private(set) var health: [DeviceHealth]

    init(_ settings: BinSettings) {
        self.parts = settings.outputs
        self.compartments = settings.compartments.keys.sorted()
        self.ownLamps = Lamp.allCases.filter { settings.feedback[$0] != nil }
        self.lines = self.parts.map { _ in Line() }
        self.health = self.parts.map { DeviceHealth(part: $0.source) }
        self.locks = settings.compartments.compactMapValues { compartment in
            compartment.lock.map { Lock(machine: LockMachine($0)) }
        }
    }

    /// Takes what is durable.
    mutating func show(_ view: BinView, at now: BootInstant) {
        self.lamps.show(view, at: now)
        for compartment in view.compartments {
            self.locks[compartment.name]?.isOpenWanted = compartment.isUnlocked
        }
        self.followLocks(at: now)
    }

    mutating func hold(
        _ compartment: Name, _ hold: LockState.Hold, at now: BootInstant
    ) throws(LockRefusal) -> LockState {
        guard self.compartments.contains(compartment) else {
            throw .noCompartment(known: self.compartments)
        }
        guard self.locks[compartment] != nil else { throw .noLock }
        if let fault = self.fault(ofLock: compartment) { throw .failed(fault) }
        self.locks[compartment]?.hold = hold
        self.followLocks(at: now)
        return self.lockStates.first { $0.compartment == compartment }
            ?? LockState(
                compartment: compartment, isOpenWanted: hold.isOpen, isDriven: false,
                isResting: false)
    }

    /// By the compartments' names.
    var lockStates: [LockState] {
        self.locks.sorted { $0.key < $1.key }.map { name, lock in
            LockState(
                compartment: name, isOpenWanted: lock.hold?.isOpen ?? lock.isOpenWanted ?? false,
                isDriven: lock.machine.isDriven, isResting: lock.machine.isResting,
                hold: lock.hold)
        }
    }

    /// From now on everything is to be off.
    mutating func stop(at now: BootInstant) {
        self.isStopping = true
        self.followLocks(at: now)
    }

    mutating func next(at now: BootInstant) -> Step {
        self.followLocks(at: now)
        for index in self.parts.indices {
            let line = self.lines[index]
            if line.isOpen {
                let wanted = self.isWanted(self.parts[index].kind, at: now)
                if wanted != line.isActive { return .set(index, wanted) }
            } else if !self.isStopping, now >= line.retryAt ?? now {
                return .open(index, self.parts[index].line)
            }
        }
        return .wait(until: self.isStopping ? nil : self.nextChange(after: now))
    }

    /// A line was opened, and is inactive.
    mutating func opened(_ index: Int, at now: BootInstant) -> [Notice] {
        self.lines[index].isOpen = true
        self.lines[index].isActive = false
        return self.worked(index, at: now)
    }

    mutating func wasSet(_ index: Int, to isActive: Bool, at now: BootInstant) -> [Notice] {
        self.lines[index].isActive = isActive
        return self.worked(index, at: now)
    }

    /// A line couldn't be opened or set: it is closed, and opened again later.
    mutating func failed(_ index: Int, _ error: LineError, at now: BootInstant) -> [Notice] {
        var line = self.lines[index]
        line.isOpen = false
        line.retryAt = now.advanced(byMs: line.retryMs)
        switch self.parts[index].kind {
        case .lamp: line.retryMs = min(line.retryMs * 2, Self.longestRetryMs)
        case .lock: break
        }
        let fault = FaultFact(
            source: self.parts[index].source, code: error.code, detail: error.hint)
        let isNews = fault != line.fault
        line.fault = fault
        self.lines[index] = line
        self.health[index].polls += 1
        self.health[index].state = .down
        return isNews ? [.failed(fault)] : []
    }

    private mutating func worked(_ index: Int, at now: BootInstant) -> [Notice] {
        self.health[index].polls += 1
        self.health[index].state = .working
        self.health[index].lastGood = now
        self.lines[index].retryMs = Self.firstRetryMs
        guard let fault = self.lines[index].fault else { return [] }
        self.lines[index].fault = nil
        return [.restored(fault)]
    }

    private mutating func followLocks(at now: BootInstant) {
        for (name, lock) in self.locks {
            var lock = lock
            if let hold = lock.hold, now >= hold.until { lock.hold = nil }
            if self.isStopping {
                lock.machine.release(at: now)
            } else if let isOpen = lock.hold?.isOpen ?? lock.isOpenWanted {
                lock.machine.want(open: isOpen, at: now)
            }
            self.locks[name] = lock
        }
    }

    private func isWanted(_ kind: Kind, at now: BootInstant) -> Bool {
        guard !self.isStopping else { return false }
        return switch kind {
        case .lamp(let lamp): self.lamps.lit(at: now).contains(lamp)
        case .lock(let name): self.locks[name]?.machine.isDriven ?? false
        }
    }

    private func nextChange(after now: BootInstant) -> BootInstant? {
        let lamps = self.lamps.nextChange(after: now, of: self.ownLamps)
        let locks = self.locks.values.flatMap { [$0.machine.nextChange, $0.hold?.until] }
        let retries = self.lines.map { $0.isOpen ? nil : $0.retryAt }
        return ([lamps] + locks + retries).compactMap(\.self).min()
    }

    private func fault(ofLock compartment: Name) -> FaultFact? {
        self.parts.firstIndex { $0.kind == .lock(compartment) }.flatMap { self.lines[$0].fault }
    }
}
