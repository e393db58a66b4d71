import BinCore
import Records

/// A decision that the medium refused to record, and what is needed to make it again.
///
/// What a scale said at that moment was certain. Later readings may be somebody else's: they are
/// kept apart, and weighed after it.
struct UndoneDecision {
    /// A scale needs no more to say what it weighs: `Weigher.windowMs` and as much again.
    private static let keptMs = 2 * Weigher.windowMs
    /// Four converters at 80 a second, for that long.
    private static let mostKept = 1024

    private let event: BinMachine.Event
    private let machine: BinMachine
    private let moment: Moment
    private var missed: [(at: BootInstant, event: BinMachine.Event)] = []

    /// `nil` if the event isn't worth doing again: whoever held a card to the reader was told that
    /// the bin is out of service.
    init?(_ event: BinMachine.Event, by machine: BinMachine, at moment: Moment) {
        switch event {
        case .reading, .converted, .tick: break
        case .presented, .pieces, .contact, .filled, .stopping: return nil
        }
        self.event = event
        self.machine = machine
        self.moment = moment
    }

    /// Something that was weighed since.
    mutating func miss(_ event: BinMachine.Event) {
        let instant: BootInstant
        switch event {
        case .reading(_, let reading): instant = reading.at
        case .converted(_, let conversion): instant = conversion.at
        case .presented, .pieces, .contact, .filled, .tick, .stopping: return
        }
        self.missed.append((instant, event))
        let start = instant.advanced(byMs: -Self.keptMs)
        let stale = self.missed.prefix { $0.at < start }.count
        self.missed.removeFirst(max(stale, self.missed.count - Self.mostKept))
    }

    /// Decides again, as of that moment, and weighs what came since.
    ///
    /// - Parameters:
    ///   - noted: The machine that took what parts told only once.
    ///   - isOne: Whether that was told by the same resident, who may have dropped what was weighed
    ///     then a moment before its pieces were told.
    func decide(
        noting noted: BinMachine, isOne: Bool, nextSeq: RecordNumber
    ) -> (machine: BinMachine, facts: [Fact]) {
        var machine = self.machine
        if isOne { machine.takeNotes(from: noted, since: self.machine) }
        let facts = machine.handle(self.event, at: self.moment, nextSeq: nextSeq)
        for (_, event) in self.missed { machine.observe(event) }
        if !isOne { machine.takeNotes(from: noted, since: self.machine) }
        machine.rates = noted.rates
        return (machine, facts)
    }
}
