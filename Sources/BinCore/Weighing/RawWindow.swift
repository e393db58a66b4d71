/// The raw values of a scale's last second, for calibrating it and for what is certain of a scale
/// in motion.
package struct RawWindow: Hashable, Sendable {
    private static let fewest = 3
    private static let most = 256

    private struct Value: Hashable, Sendable {
        var raw: Int64
        var at: BootInstant
    }

    private var values: [Value] = []

    package init() {}

    /// Takes the next raw value; one that isn't later than the last is dropped.
    package mutating func add(_ raw: Int64, at instant: BootInstant) {
        if let last = self.values.last, instant <= last.at { return }
        self.values.append(Value(raw: raw, at: instant))
        let start = instant.advanced(byMs: -Weigher.windowMs)
        while self.values.count > 1, self.values[1].at <= start { self.values.removeFirst() }
        if self.values.count > Self.most { self.values.removeFirst() }
    }

    package mutating func clear() { self.values.removeAll(keepingCapacity: true) }

    /// The newest raw value and when it came.
    package var newest: (raw: Int64, at: BootInstant)? {
        self.values.last.map { ($0.raw, $0.at) }
    }

    /// All of them, in the order in which they came.
    package var raws: [Int64] { self.values.map(\.raw) }

    /// The mean, rounded towards zero, and the spread of a whole second; `nil` without one.
    package func summary(at now: BootInstant) -> (mean: Int64, spread: Int64)? {
        guard let first = self.values.first, let last = self.values.last,
            self.values.count >= Self.fewest, last.at.ms(since: first.at) >= Weigher.windowMs,
            now.ms(since: last.at) <= Weigher.staleMs
        else { return nil }
        let raws = self.values.map(\.raw)
        guard let lowest = raws.min(), let highest = raws.max() else { return nil }
        // Sums of 256 values within ±2^40 stay far below 64 bits.
        return (raws.reduce(0, +) / Int64(raws.count), highest - lowest)
    }
}
