/// What was measured again and again, in one unit.
package struct Samples: Hashable, Sendable {
    /// Which values are better: the smaller ones of a time, the larger ones of a rate.
    package enum Better: Hashable, Sendable { case lower, higher }

    /// From the best to the worst.
    private let ordered: [Double]

    /// - Parameter values: Values that are no number are left out.
    package init(_ values: some Sequence<Double>, better: Better) {
        let numbers = values.filter(\.isFinite)
        self.ordered =
            switch better {
            case .lower: numbers.sorted(by: <)
            case .higher: numbers.sorted(by: >)
            }
    }

    package var count: Int { self.ordered.count }

    /// The middle one, or the mean of the two in the middle; `nil` without samples.
    package var median: Double? {
        guard !self.ordered.isEmpty else { return nil }
        let middle = self.ordered.count / 2
        if self.ordered.count % 2 == 1 { return self.ordered[middle] }
        return (self.ordered[middle - 1] + self.ordered[middle]) / 2
    }

    /// What 99 of 100 samples are no worse than, one of the samples itself (nearest rank); `nil`
    /// without samples.
    ///
    /// | samples | which, from the best |
    /// | ---: | ---: |
    /// | 1 | 1 |
    /// | 99 | 99 |
    /// | 100 | 99 |
    /// | 101 | 100 |
    /// | 1000 | 990 |
    package var p99: Double? {
        guard !self.ordered.isEmpty else { return nil }
        let rank = (self.ordered.count * 99 + 99) / 100
        return self.ordered[rank - 1]
    }
}
