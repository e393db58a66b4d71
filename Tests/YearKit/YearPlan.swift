/// What kind of year it is.
package struct YearPlan: Sendable {
    package var days: Int
    package var ordersADay: Int
    /// Different people; two of them share an account.
    package var residents = 300
    /// Acknowledged records that are older are pruned.
    package var retainDays: Int
    /// The days on which the hub is away.
    package var outages: [Range<Int>]
    /// The power fails once in so many days.
    package var cutEveryDays = 7
    /// The medium, and how much of it is free at the beginning of each day: what the journal
    /// doesn't take of the rest, other files do.
    package var mediumBytes: Int64 = 120 << 20
    package var freePercent: Int64 = 10

    /// A year, or a part of one: an outage of 30 days in each 120 (in fewer days a third of them),
    /// and records kept for 90 days (in fewer days a quarter of them).
    package init(days: Int = 365, ordersADay: Int = 200) {
        self.days = days
        self.ordersADay = ordersADay
        self.retainDays = max(2, min(90, days / 4))
        let length = min(30, days / 3)
        let period = min(120, max(1, days))
        self.outages = stride(from: period / 3, to: days, by: period)
            .map { $0..<min(days, $0 + length) }
    }

    func isAway(on day: Int) -> Bool { self.outages.contains { $0.contains(day) } }
}

/// What a year came to.
package struct YearReport: Sendable, CustomStringConvertible {
    package var orders: Int64 = 0
    package var deposits: Int64 = 0
    package var records: Int64 = 0
    /// Records that were pruned by the end.
    package var pruned: Int64 = 0
    package var cuts = 0
    /// Cuts that took unfinished or finished but unsynced work with them.
    package var lossyCuts = 0
    /// Orders that nobody could open, because the bin told that it is out of service or refused.
    package var refused = 0
    package var collections: Int64 = 0
    /// What residents put in while it was their turn, less what they took out of that, milligrams.
    package var put: Int64 = 0
    /// What the records credit them with, grams.
    package var credited: Int64 = 0
    /// Of `put`, what nobody could have credited: the power or the storage failed meanwhile.
    package var doubtful: Int64 = 0
    /// The largest difference between a card's records and the truth, in divisions per deposit,
    /// thousandths.
    package var worst: Int64 = 0
    /// The largest share of the medium that was ever taken, thousandths.
    package var fullest: Int64 = 0
    /// The beginning of the last chain value: the same seed gives the same one.
    package var chain = ""

    package init() {}

    package var description: String {
        func kilograms(_ grams: Int64) -> String {
            "\(grams / 1000).\(String(1000 + grams % 1000).dropFirst()) kg"
        }
        return "\(self.orders) orders, \(self.deposits) deposits, \(self.collections) collections "
            + "in \(self.records) records, \(self.pruned) pruned; \(self.cuts) power cuts "
            + "(\(self.lossyCuts) with losses); \(self.refused) turned away; "
            + "\(kilograms(self.put / 1000)) put in, \(kilograms(self.credited)) credited, "
            + "\(kilograms(self.doubtful / 1000)) in doubt; worst card "
            + "\(self.worst) thousandths of a division per deposit; medium at most "
            + "\(self.fullest / 10) % full; chain \(self.chain)"
    }
}
