/// Takes spikes and noise out of a scale's values before they are judged: a median, then a mean
/// over a tenth of a second.
///
/// The median is of three values, or of five when they come faster than 40 a second; it lets no
/// single wild value through (five: no two). The mean is the low-pass: its first zero lies at 10
/// Hz. At ten values a second or fewer it is one value, so that it never hides a motion that the
/// values themselves show: what judges motion comes after it.
///
/// A step is passed on whole after:
///
/// | values a second | median of | mean of | settles in |
/// | ---: | ---: | ---: | ---: |
/// | 5 | 3 | 1 | 200 ms |
/// | 10 | 3 | 1 | 100 ms |
/// | 20 | 3 | 2 | 100 ms |
/// | 80 | 5 | 8 | 113 ms |
///
/// Source: isolated spikes are what interrupted reads of an HX711 look like (bogde/HX711 #83, #216,
/// where a median of three cured them).
package struct LoadFilter: Hashable, Sendable {
    /// How far the mean reaches back.
    package static let averageMs: Int64 = 100
    /// Values that come closer together than this have a median of five.
    private static let fastMs: Int64 = 25
    private static let mostValues = 128

    private struct Value: Hashable, Sendable {
        var value: Int64
        var at: BootInstant
    }

    /// The newest values, at most five.
    private var recent: [Value] = []
    /// The medians of the last tenth of a second.
    private var medians: [Value] = []

    package init() {}

    /// Takes the next value, within ±2^40, and returns what it is worth.
    ///
    /// The first two after a silence are passed on as they are.
    package mutating func add(_ value: Int64, at instant: BootInstant) -> Int64 {
        if let last = self.recent.last, instant.ms(since: last.at) > Weigher.staleMs {
            self.clear()
        }
        self.recent.append(Value(value: value, at: instant))
        if self.recent.count > 5 { self.recent.removeFirst() }
        self.medians.append(Value(value: self.median, at: instant))
        let start = instant.advanced(byMs: -Self.averageMs)
        while let first = self.medians.first, first.at <= start { self.medians.removeFirst() }
        if self.medians.count > Self.mostValues { self.medians.removeFirst() }
        // Sums of 128 values within ±2^40 stay far below 64 bits.
        return self.medians.reduce(0) { $0 + $1.value } / Int64(self.medians.count)
    }

    /// Forgets everything: what comes next is judged by itself.
    package mutating func clear() {
        self.recent.removeAll(keepingCapacity: true)
        self.medians.removeAll(keepingCapacity: true)
    }

    private var median: Int64 {
        guard let first = self.recent.first, let last = self.recent.last else { return 0 }
        guard self.recent.count >= 3 else { return last.value }
        let isFast =
            self.recent.count == 5 && last.at.ms(since: first.at) < 4 * Self.fastMs
        let sorted = self.recent.suffix(isFast ? 5 : 3).map(\.value).sorted()
        return sorted[sorted.count / 2]
    }
}
