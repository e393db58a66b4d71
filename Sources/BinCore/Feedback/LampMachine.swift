/// Decides which lamps are on.
///
/// Views come as often as the bin likes: one that says the same again changes nothing, and each
/// occasion (`BinView.occasions`) is signalled once, also when the bin has gone on to another state
/// before its signal is over.
package struct LampMachine: Hashable, Sendable {
    private struct Given: Hashable, Sendable {
        var signal: Signal
        var since: BootInstant
    }

    private var lasting: Given?
    private var once: Given?
    private var occasions: Int64?

    package init() {}

    /// Takes what is durable.
    package mutating func show(_ view: BinView, at now: BootInstant) {
        let signal = Signal(view)
        if let occasions, view.occasions != occasions, !signal.once.isEmpty {
            self.once = Given(signal: signal, since: now)
        }
        self.occasions = view.occasions
        if signal.lasting != self.lasting?.signal.lasting {
            self.lasting = Given(signal: signal, since: now)
        }
        // A bin that can't go on says nothing else.
        if signal == .fault { self.once = nil }
    }

    /// The lamps that are on at an instant.
    package func lit(at now: BootInstant) -> Set<Lamp> {
        Set(Lamp.allCases.filter { self.state(of: $0, at: now).isOn })
    }

    /// When one of `lamps` may change after `now`; `nil` while nothing is due.
    package func nextChange(
        after now: BootInstant, of lamps: some Sequence<Lamp> = Lamp.allCases
    ) -> BootInstant? {
        lamps.compactMap { self.state(of: $0, at: now).remainingMs }.min()
            .map { now.advanced(byMs: $0) }
    }

    private func state(of lamp: Lamp, at now: BootInstant) -> (isOn: Bool, remainingMs: Int64?) {
        if let once, let pattern = once.signal.once[lamp], let length = pattern.lengthMs {
            let elapsed = max(0, now.ms(since: once.since))
            if elapsed < length { return pattern.state(at: elapsed) }
        }
        guard let lasting, let pattern = lasting.signal.lasting[lamp] else { return (false, nil) }
        return pattern.state(at: now.ms(since: lasting.since))
    }
}
