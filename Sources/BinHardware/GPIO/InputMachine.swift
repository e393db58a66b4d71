import BinCore

/// Decides what the slow inputs of one chip say: switches, beams and distance sensors.
///
/// Edges come with the kernel's times; what has to be read again, and when, is asked for. Instants
/// in here are on the clock of the edges, in ns, and nothing of them gets out.
struct InputMachine: Sendable {
    enum Kind: Sendable {
        case contact(Contact, Debounce)
        case counter(Name, PieceCounter)
        case level(Name, Debounce)
        /// `trigger` is the number of the output that has it measure.
        case distance(Name, UltrasonicSensor, trigger: Int)
    }

    struct Part: Sendable {
        /// As in the `source` of a fault.
        var source: String
        var isActiveLow: Bool
        var kind: Kind
        /// Since when it flutters without coming to rest.
        fileprivate var restlessNs: Int64?
        fileprivate var faults: [FaultFact] = []

        init(source: String, isActiveLow: Bool, kind: Kind) {
            self.source = source
            self.isActiveLow = isActiveLow
            self.kind = kind
        }
    }

    enum Notice: Hashable, Sendable {
        case contact(Contact, isOpen: Bool)
        case piece(Name)
        case filled(Name, Bool)
        case failed(FaultFact)
        case restored(FaultFact)
    }

    /// A line that has not come to rest for so long has a loose wire.
    static let restlessNs: Int64 = 120_000_000_000
    private static let nsOfMs: Int64 = 1_000_000

    private(set) var parts: [Part]
    private(set) var health: [DeviceHealth]

    init(parts: [Part]) {
        self.parts = parts
        self.health = parts.map { DeviceHealth(part: $0.source) }
    }

    /// The lines are held, for the first time or again; these are their levels.
    mutating func opened(_ levels: [Bool], atNs: Int64) -> [Notice] {
        var notices: [Notice] = []
        for index in self.parts.indices {
            notices += self.clear(index)
            self.health[index].state = .working
            guard levels.indices.contains(index) else { continue }
            notices += self.read(index, levels[index], atNs: atNs)
        }
        return notices
    }

    /// The lines can't be had, or not any more: nothing is known of them.
    mutating func lost(_ error: LineError) -> [Notice] {
        var notices: [Notice] = []
        for index in self.parts.indices {
            let source = self.parts[index].source
            let fault = FaultFact(source: source, code: error.code, detail: error.hint)
            notices += self.raise(fault, of: index)
            self.health[index].state = .down
            notices += self.reset(index)
        }
        return notices
    }

    mutating func came(_ edges: [LineEdge]) -> [Notice] {
        edges.flatMap { edge -> [Notice] in
            guard self.parts.indices.contains(edge.index) else { return [] }
            return self.edge(edge)
        }
    }

    /// The lines that have to be read by now.
    func due(atNs: Int64) -> [Int] {
        self.parts.indices.filter { index in
            switch self.parts[index].kind {
            case .contact, .counter, .level: self.dueNs(of: index).map { $0 <= atNs } ?? false
            case .distance: false
            }
        }
    }

    /// Takes the level of a line that was read.
    mutating func read(_ index: Int, _ level: Bool, atNs: Int64) -> [Notice] {
        let isActive = level != self.parts[index].isActiveLow
        let now = Self.instant(atNs)
        self.health[index].polls += 1
        var notices: [Notice] = []
        switch self.parts[index].kind {
        case .contact(let contact, var debounce):
            notices = Self.told(debounce.read(isActive, at: now), of: contact)
            self.parts[index].kind = .contact(contact, debounce)
        case .counter(let name, var counter):
            notices = self.told(counter.read(isActive, at: now), of: index, name)
            self.parts[index].kind = .counter(name, counter)
        case .level(let name, var debounce):
            notices = Self.told(debounce.read(isActive, at: now), of: name)
            self.parts[index].kind = .level(name, debounce)
        case .distance: break
        }
        return notices + self.watch(index, atNs: atNs)
    }

    /// What is due with distance sensors: those that didn't answer, and the output to pulse. Only
    /// one listens at a time, or it would hear another's sound.
    mutating func sense(atNs: Int64) -> (notices: [Notice], trigger: Int?) {
        var notices: [Notice] = []
        for index in self.parts.indices {
            guard case .distance(let name, var sensor, let trigger) = self.parts[index].kind,
                sensor.isListening, sensor.dueNs <= atNs
            else { continue }
            let told = sensor.timeOut()
            self.parts[index].kind = .distance(name, sensor, trigger: trigger)
            self.health[index].timeouts += 1
            notices += self.told(told, of: index, name)
        }
        guard !self.isListening else { return (notices, nil) }
        for index in self.parts.indices {
            guard case .distance(let name, var sensor, let trigger) = self.parts[index].kind,
                sensor.dueNs <= atNs
            else { continue }
            sensor.trigger(atNs: atNs)
            self.parts[index].kind = .distance(name, sensor, trigger: trigger)
            self.health[index].polls += 1
            return (notices, trigger)
        }
        return (notices, nil)
    }

    /// When something is due by itself; `nil` while nothing is.
    var nextDueNs: Int64? {
        self.parts.indices.compactMap { index -> Int64? in
            // A sensor that is due waits for the one that listens.
            if case .distance(_, let sensor, _) = self.parts[index].kind, self.isListening,
                !sensor.isListening
            {
                return nil
            }
            return self.dueNs(of: index)
        }
        .min()
    }

    private var isListening: Bool {
        self.parts.contains {
            if case .distance(_, let sensor, _) = $0.kind { sensor.isListening } else { false }
        }
    }

    private func dueNs(of index: Int) -> Int64? {
        switch self.parts[index].kind {
        case .contact(_, let debounce), .level(_, let debounce):
            debounce.deadline.map { $0.milliseconds * Self.nsOfMs }
        case .counter(_, let counter): counter.deadline.map { $0.milliseconds * Self.nsOfMs }
        case .distance(_, let sensor, _): sensor.dueNs
        }
    }

    private mutating func edge(_ edge: LineEdge) -> [Notice] {
        let index = edge.index
        let isActive = edge.isRising != self.parts[index].isActiveLow
        let at = Self.instant(edge.atNs)
        var notices: [Notice] = []
        switch self.parts[index].kind {
        case .contact(let contact, var debounce):
            notices = Self.told(debounce.edge(isActive, at: at), of: contact)
            self.parts[index].kind = .contact(contact, debounce)
        case .counter(let name, var counter):
            notices = self.told(counter.edge(isActive, at: at), of: index, name)
            self.parts[index].kind = .counter(name, counter)
        case .level(let name, var debounce):
            notices = Self.told(debounce.edge(isActive, at: at), of: name)
            self.parts[index].kind = .level(name, debounce)
        case .distance(let name, var sensor, let trigger):
            let told = sensor.edge(isRising: edge.isRising, atNs: edge.atNs)
            self.parts[index].kind = .distance(name, sensor, trigger: trigger)
            notices = self.told(told, of: index, name)
        }
        return notices + self.watch(index, atNs: edge.atNs)
    }

    /// Tells of a line that flutters for ever, and of its rest.
    private mutating func watch(_ index: Int, atNs: Int64) -> [Notice] {
        let isPending: Bool =
            switch self.parts[index].kind {
            case .contact(_, let debounce), .level(_, let debounce): debounce.isPending
            case .counter(_, let counter): counter.isPending
            case .distance: false
            }
        let fault = FaultFact(
            source: self.parts[index].source, code: "restless",
            detail: "its line changes all the time; look for a loose wire")
        guard isPending else {
            self.parts[index].restlessNs = nil
            return self.end(fault, of: index)
        }
        let since = self.parts[index].restlessNs ?? atNs
        self.parts[index].restlessNs = since
        return atNs - since >= Self.restlessNs ? self.raise(fault, of: index) : []
    }

    /// Forgets what was known of a line.
    private mutating func reset(_ index: Int) -> [Notice] {
        self.parts[index].restlessNs = nil
        switch self.parts[index].kind {
        case .contact(let contact, var debounce):
            debounce.reset()
            self.parts[index].kind = .contact(contact, debounce)
        case .counter(let name, var counter):
            counter.reset()
            self.parts[index].kind = .counter(name, counter)
        case .level(let name, var debounce):
            let wasFull = debounce.isActive == true
            debounce.reset()
            self.parts[index].kind = .level(name, debounce)
            return wasFull ? [.filled(name, false)] : []
        case .distance(let name, var sensor, let trigger):
            let told = sensor.lost()
            self.parts[index].kind = .distance(name, sensor, trigger: trigger)
            return told ? [.filled(name, false)] : []
        }
        return []
    }

    private static func told(_ settled: Debounce.Settled?, of contact: Contact) -> [Notice] {
        settled.map { [.contact(contact, isOpen: $0.isActive)] } ?? []
    }

    private static func told(_ settled: Debounce.Settled?, of compartment: Name) -> [Notice] {
        settled.map { [.filled(compartment, $0.isActive)] } ?? []
    }

    private mutating func told(
        _ notices: [PieceCounter.Notice], of index: Int, _ compartment: Name
    ) -> [Notice] {
        let blocked = FaultFact(
            source: self.parts[index].source, code: "blocked",
            detail: "its beam stays broken; look what hangs in it, then at the wire")
        return notices.flatMap { notice -> [Notice] in
            switch notice {
            case .piece:
                self.health[index].counts["pieces", default: 0] += 1
                return [.piece(compartment)]
            case .blocked: return self.raise(blocked, of: index)
            case .whole: return self.end(blocked, of: index)
            }
        }
    }

    private mutating func told(
        _ notices: [FillGauge.Notice], of index: Int, _ compartment: Name
    ) -> [Notice] {
        let silent = FaultFact(
            source: self.parts[index].source, code: "no-echo",
            detail: "nothing comes back; look at the sensor, its supply and its wires")
        return notices.flatMap { notice -> [Notice] in
            switch notice {
            case .full(let isFull): return [.filled(compartment, isFull)]
            case .noEcho: return self.raise(silent, of: index)
            case .restored: return self.end(silent, of: index)
            }
        }
    }

    /// A part has one fault at a time as far as others know: the newest.
    private mutating func raise(_ fault: FaultFact, of index: Int) -> [Notice] {
        guard !self.parts[index].faults.contains(fault) else { return [] }
        self.parts[index].faults.append(fault)
        return [.failed(fault)]
    }

    private mutating func end(_ fault: FaultFact, of index: Int) -> [Notice] {
        guard let place = self.parts[index].faults.firstIndex(of: fault) else { return [] }
        self.parts[index].faults.remove(at: place)
        if let rest = self.parts[index].faults.last { return [.failed(rest)] }
        return [.restored(fault)]
    }

    private mutating func clear(_ index: Int) -> [Notice] {
        guard let last = self.parts[index].faults.last else { return [] }
        self.parts[index].faults = []
        return [.restored(last)]
    }

    private static func instant(_ ns: Int64) -> BootInstant {
        BootInstant(milliseconds: ns / Self.nsOfMs)
    }
}
