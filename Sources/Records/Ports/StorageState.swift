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
}
