/// Holds back a conversion that is nowhere near the ones before it until the next one says the
/// same.
///
/// A clock pulse that the chip missed or saw twice spoils one conversion and selects another
/// channel or gain for the next ones; on the wires that is often not to be seen. Such conversions
/// agree neither with those before nor with each other, while a new load does:
///
/// | conversions | told |
/// | --- | --- |
/// | 10 11 9000 10 | 10 11 10 |
/// | 10 11 9000 9001 | 10 11, then 9000 and 9001 at once |
/// | 10 11 and six that agree with nothing | 10 11, then all six: it does move |
struct JumpGate: Hashable, Sendable {
    /// A lost pulse spoils one conversion, one of the wrong channel and three on the way back; the
    /// sixth that agrees with nothing is no consequence of it.
    static let longestHold = HX711Timing.settlingConversions + 2
    /// The same after a start, when those right before and after it have nothing to agree with.
    static let longestFirstHold = HX711Timing.settlingConversions + 4
    /// What is nearer than this is near in any case: 6.6 times the noise of 38.7 counts that the
    /// chip itself has at 80 a second (data sheet, 90 nV rms at gain 128).
    static let nearCounts: Int64 = 256
    private static let recentOf = 5

    /// The counts of what was told last, at most five, the newest last.
    private var recent: [Int64] = []
    private var held: [Conversion] = []

    /// Whether `counts` are near the middle one of those that were told last, or the one that is
    /// held back.
    func isNear(_ counts: Int64) -> Bool {
        let median = self.recent.isEmpty ? nil : self.recent.sorted()[self.recent.count / 2]
        return [median, self.held.last?.counts].contains { known in
            known.map { abs($0 - counts) <= Self.nearCounts } ?? false
        }
    }

    /// Takes the next conversion. Returns what is to be told, oldest first, and how many of those
    /// that were held back are not.
    mutating func take(_ conversion: Conversion) -> (told: [Conversion], dropped: Int) {
        let margin = self.margin
        if let low = self.recent.min(), let high = self.recent.max(),
            conversion.counts >= low - margin, conversion.counts <= high + margin
        {
            return (self.tell([conversion]), self.drop())
        }
        if let last = self.held.last, abs(last.counts - conversion.counts) <= margin {
            self.held.removeLast()
            self.recent = []
            return (self.tell([last, conversion]), self.drop())
        }
        self.held.append(conversion)
        let most = self.recent.isEmpty ? Self.longestFirstHold : Self.longestHold
        guard self.held.count >= most else { return ([], 0) }
        defer { self.held = [] }
        self.recent = []
        return (self.tell(self.held), 0)
    }

    /// Forgets everything. Returns how many that were held back are not told.
    mutating func clear() -> Int {
        self.recent = []
        return self.drop()
    }

    /// How far from the last ones the next may be: twice as far as those lie apart.
    private var margin: Int64 {
        guard let low = self.recent.min(), let high = self.recent.max() else {
            return Self.nearCounts
        }
        return max(Self.nearCounts, 2 * (high - low))
    }

    private mutating func tell(_ conversions: [Conversion]) -> [Conversion] {
        self.recent = (self.recent + conversions.map(\.counts)).suffix(Self.recentOf)
        return conversions
    }

    private mutating func drop() -> Int {
        defer { self.held = [] }
        return self.held.count
    }
}
