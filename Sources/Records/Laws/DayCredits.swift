package import BinCore

/// What cards were paid for lately, for the policy's limit of a day.
///
/// A day is a civil day (UTC). What this start of the machine recorded is placed by the monotonic
/// clock, however the wall clock stepped since. What an earlier one recorded counts if its clock
/// was set then or, by a `clock` record of the same start, later: of the rest nobody knows the day,
/// and nobody is refused pay for it.
///
/// | recorded | asked | counts |
/// | --- | --- | --- |
/// | same start, 3 h ago, clock unset at 2025-01-01 22:00 | 2026-11-26 14:00, synced | yes |
/// | same start, 15 h ago | 2026-11-26 14:00 | no |
/// | earlier start, 2026-11-26 08:00, synced | 2026-11-26 14:00, synced | yes |
/// | earlier start, clock unset | at any time | no |
package struct DayCredits: Hashable, Sendable {
    private struct Entry: Hashable, Sendable {
        let card: CardNumber
        let mass: Grams
        let boot: Int64
        let up: BootInstant
        /// `nil` while nobody knows.
        var at: WallTime?
    }

    /// Beyond this the oldest are forgotten: some days of a very busy bin.
    private static let most = 8_192

    /// In the order of the records.
    private var entries: [Entry] = []

    package init() {}

    /// Takes the next record.
    package mutating func add(_ record: Record) {
        let header = record.header
        let at = header.clock == .unset ? nil : header.at
        switch record.fact {
        case .deposit(let deposit) where deposit.rates.price != .zero:
            self.entries.append(
                Entry(
                    card: deposit.card, mass: deposit.mass, boot: header.boot, up: header.up,
                    at: at))
            if self.entries.count > Self.most {
                self.entries.removeFirst(self.entries.count - Self.most / 2)
            }
        case .clock:
            guard let at else { return }
            for index in self.entries.indices where self.entries[index].boot == header.boot {
                let ago = header.up.ms(since: self.entries[index].up)
                self.entries[index].at = at.advanced(byMs: -ago)
            }
        case .deposit, .boot, .opened, .order, .refused, .collection, .unattributed, .bulletin,
            .config, .calibration, .fault, .cleared:
            break
        }
    }

    /// The mass that a card was paid for on the day of `moment`.
    ///
    /// - Parameter boot: The start of the machine that `moment` belongs to.
    package func credited(to card: CardNumber, onDayOf moment: Moment, boot: Int64) -> Grams {
        self.entries.lazy.filter { $0.card == card }.reduce(.zero) { sum, entry in
            let day: Int64? =
                if entry.boot == boot {
                    moment.at.advanced(byMs: -moment.up.ms(since: entry.up)).day
                } else if moment.clock == .unset {
                    nil
                } else { entry.at?.day }
            return day == moment.at.day ? sum + entry.mass : sum
        }
    }
}
