import BinCore

/// What the journal says is broken, and what is to be recorded so that it agrees with what is.
///
/// Faults that an earlier start left open stay so until their part has had time to speak: a part
/// that wasn't heard of isn't repaired.
struct FaultLedger {
    /// At most one `fault` record per part in this time: a loose adapter comes and goes several
    /// times a second, for months, and its records must not wear the medium and bury the others.
    static let everyMs: Int64 = 60_000
    /// In this time after a start every part that is broken has said so: buses probe a dead device
    /// at least twice a minute.
    static let speakMs: Int64 = 60_000

    /// What is broken as far as the records tell, by source.
    private(set) var recorded: [String: FaultFact]
    /// Left open by an earlier start, and not heard of since.
    private var inherited: Set<String>
    /// When a source last had a `fault` record.
    private var lastRecords: [String: BootInstant] = [:]
    private let start: BootInstant

    /// - Parameter open: What the journal left open.
    init(open: [String: FaultFact], at now: BootInstant) {
        self.recorded = open
        self.inherited = Set(open.keys)
        self.start = now
    }

    /// The records that are due, those of repaired parts first. A fault that is too soon after the
    /// last one of its part waits, and has no record at all if it is gone before its time.
    func due(_ faults: [String: FaultFact], at now: BootInstant) -> [Fact] {
        guard faults != self.recorded else { return [] }
        let repaired = self.recorded.values.filter { fault in
            faults[fault.source] == nil
                && (!self.inherited.contains(fault.source)
                    || now.ms(since: self.start) >= Self.speakMs)
        }
        let broken = faults.values.filter { fault in
            self.recorded[fault.source] != fault && self.mayRecord(fault.source, at: now)
        }
        return repaired.sorted { $0.source < $1.source }.map { .cleared($0) }
            + broken.sorted { $0.source < $1.source }.map { .fault($0) }
    }

    func mayRecord(_ source: String, at now: BootInstant) -> Bool {
        self.lastRecords[source].map { now.ms(since: $0) >= Self.everyMs } ?? true
    }

    /// A record became durable.
    mutating func wrote(_ fact: Fact, at now: BootInstant) {
        switch fact {
        case .fault(let fault):
            self.recorded[fault.source] = fault
            self.lastRecords[fault.source] = now
            self.inherited.remove(fault.source)
        case .cleared(let fault):
            self.recorded[fault.source] = nil
            self.inherited.remove(fault.source)
        default: break
        }
    }

    /// A part spoke.
    mutating func heard(_ source: String) { self.inherited.remove(source) }
}
