/// What a scale says at an instant.
package enum Weight: Hashable, Sendable {
    /// At rest: the mean of the window.
    case stable(Milligrams)
    /// In motion: the newest reading, and the lowest one of the window.
    case moving(Milligrams, lowest: Milligrams)
    /// Above Max + 9 e.
    case overload
    /// No reading, or only ones older than the limit, or the converter reports an error.
    case none
}

/// Turns raw readings of one scale into stable weights.
///
/// A weight is stable when the readings of the last second (`windowMs`) span at least that second,
/// are at least three, spread by no more than one division, show no trend of more than half a
/// division between the window's halves, and the converter, if it judges at all, agrees.
///
/// Source: OIML R 76-1 4.4.2 for storing (two adjacent divisions at most); the second and the trend
/// are our own choice, against foam and bags that settle slowly enough to pass a spread test.
package struct Weigher: Hashable, Sendable {
    /// How long a weight must have been at rest.
    package static let windowMs: Int64 = 1000
    /// A reading older than this is no reading.
    package static let staleMs: Int64 = 1500
    private static let fewestReadings = 3
    private static let mostReadings = 256

    private let limits: ScaleLimits
    private var window: [Reading] = []

    package init(limits: ScaleLimits) { self.limits = limits }

    /// Takes the next reading. One that is not later than the last is dropped: a clock that stands
    /// still would otherwise make an old weight look fresh.
    package mutating func add(_ reading: Reading) {
        if let last = self.window.last, reading.at <= last.at { return }
        self.window.append(reading)
        let start = reading.at.advanced(byMs: -Self.windowMs)
        // One reading from before the window stays, so that the window is known to be full.
        while self.window.count > 1, self.window[1].at <= start { self.window.removeFirst() }
        if self.window.count > Self.mostReadings { self.window.removeFirst() }
    }

    /// Forgets all readings: what comes next is judged by itself.
    package mutating func clear() { self.window.removeAll(keepingCapacity: true) }

    package func weight(at now: BootInstant) -> Weight {
        guard let last = self.window.last, now.ms(since: last.at) <= Self.staleMs else {
            return .none
        }
        switch last.condition {
        case .error: return .none
        case .overload: return .overload
        case .normal: break
        }
        if last.mass > self.limits.overload { return .overload }
        let masses = self.window.map(\.mass.value)
        guard let lowest = masses.min(), let highest = masses.max() else { return .none }
        let moving = Weight.moving(last.mass, lowest: Milligrams(lowest))
        guard self.isFull, last.isStable != false,
            self.window.allSatisfy({ $0.condition == .normal }),
            highest - lowest <= self.limits.division.milligrams.value
        else { return moving }
        let half = masses.count / 2
        let trend = Self.mean(masses[half...]) - Self.mean(masses[..<half])
        guard abs(trend) <= self.limits.division.milligrams.value / 2 else { return moving }
        return .stable(Milligrams(Self.mean(masses[...])))
    }

    /// The readings reach back a whole window without a hole longer than the stale limit.
    private var isFull: Bool {
        guard let first = self.window.first, let last = self.window.last,
            self.window.count >= Self.fewestReadings
        else { return false }
        let holes = zip(self.window, self.window.dropFirst())
            .contains { $1.at.ms(since: $0.at) > Self.staleMs }
        return last.at.ms(since: first.at) >= Self.windowMs && !holes
    }

    /// The mean, cut off towards zero; the sums stay far below 64 bits by `Milligrams.readable`.
    private static func mean(_ values: ArraySlice<Int64>) -> Int64 {
        values.isEmpty ? 0 : values.reduce(0, +) / Int64(values.count)
    }
}
