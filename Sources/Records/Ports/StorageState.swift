/// How much a bin's storage still takes.
package struct StorageState: Hashable, Sendable {
    /// Free on the medium, bytes.
    package var free: Int64
    /// What the journal's database takes, bytes.
    package var journal: Int64
    /// What a record takes on the medium, bytes.
    package var perRecord: Int64
    /// What this bin writes in a day; `nil` before it has a day of records with a known time.
    package var perDay: Int64?

    package init(free: Int64, journal: Int64, perRecord: Int64, perDay: Int64?) {
        self.free = free
        self.journal = journal
        self.perRecord = perRecord
        self.perDay = perDay
    }

    /// How many days the bin can go on at its own rate while nothing is pruned, as when the hub is
    /// away; `nil` if the rate isn't known.
    ///
    /// | free | a record | a day | days |
    /// | --- | --- | --- | --- |
    /// | 1 GiB | 600 B | 1,000 | 1,789 |
    /// | 64 MiB | 600 B | 1,000 | 111 |
    /// | less than `reserve` | | | 0 |
    ///
    /// - Parameter reserve: What must stay free, bytes.
    package func days(reserve: Int64) -> Int64? {
        guard let perDay, perDay > 0, self.perRecord > 0 else { return nil }
        let (bytes, isTooMuch) = perDay.multipliedReportingOverflow(by: self.perRecord)
        return isTooMuch ? 0 : max(0, self.free - reserve) / bytes
    }

    /// Why someone has to look after the storage, long before it is full.
    package enum Warning: String, Hashable, Sendable {
        /// At the bin's own rate it lasts less than `leastDays`.
        case days
        /// Whatever the rate, there is less than `leastFree`.
        case room
    }

    /// A technician's visit takes planning.
    package static let leastDays: Int64 = 30
    /// Some hundred days of a bin with 1,000 records a day, and eight times what must stay free.
    package static let leastFree: Int64 = 64 << 20
    /// More than that must be free to end a warning of too little room, against a flapping one.
    private static let moreFree: Int64 = 8 << 20

    /// What is to be warned of now.
    ///
    /// | free | days | warned before | warning |
    /// | --- | --- | --- | --- |
    /// | < 64 MiB | any | any | room |
    /// | < 72 MiB | any | room | room |
    /// | enough | < 30 | any | days |
    /// | enough | not known | days | days |
    /// | enough | not known | no, or room | none |
    /// | enough | ≥ 30 | any | none |
    ///
    /// - Parameters:
    ///   - before: What was warned of last.
    ///   - reserve: What must stay free, bytes.
    package func warning(after before: Warning?, reserve: Int64) -> Warning? {
        let least = Self.leastFree + (before == .room ? Self.moreFree : 0)
        if self.free < least { return .room }
        // A rate that isn't known any more, with the clock, proves nothing.
        guard let days = self.days(reserve: reserve) else { return before == .days ? .days : nil }
        return days < Self.leastDays ? .days : nil
    }
}
