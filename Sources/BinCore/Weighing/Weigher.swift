/// What a scale says at an instant.
package enum Weight: Hashable, Sendable {
    /// At rest: the mean of the window.
    case stable(Milligrams)
    /// In motion: the newest reading, and between what the load certainly is. Of a window of five
    /// readings or more one may be a spike on either side.
    case moving(Milligrams, lowest: Milligrams, highest: Milligrams)
    /// Above Max + 9 e.
    case overload
    /// More than 20 divisions below zero: the bucket was lifted, or the cell hangs in the air.
    case underload
    /// No reading, or only ones older than the limit, or the converter reports an error.
    case none
}

/// Turns readings of one scale into stable weights.
///
/// A weight is stable when the readings of the last second (`windowMs`) span at least that second,
/// are at least three, spread by no more than one division, show no trend of more than half a
/// division between the window's halves, and the converter, if it judges at all, agrees.
///
/// Source: OIML R 76-1 4.4.2 for storing (two adjacent divisions at most); the second and the trend
/// are our own choice, against foam and bags that settle slowly enough to pass a spread test.
///
/// A stable weight is steady enough for a zero or a tare when the means of the window's quarters
/// also lie within a quarter of a division (4.4.2 with the 0.25 e of zero and tare).
package struct Weigher: Hashable, Sendable {
    /// How long a weight must have been at rest.
    package static let windowMs: Int64 = 1000
    /// A reading older than this is no reading.
    package static let staleMs: Int64 = 1500
    /// A scale that shows less than this many divisions below zero weighs nothing: 20, as many as
    /// Min of class III has. Our own choice.
    private static let underloadDivisions: Int64 = 20
    private static let fewestReadings = 3
    private static let mostReadings = 256

    private let limits: ScaleLimits
    private var window: [Reading] = []
    /// What the window shows, judged once for all who ask.
    private var judged = Weight.none
    /// Whether a stable weight is steady enough to be a zero or a tare.
    package private(set) var isSteady = false

    package init(limits: ScaleLimits) { self.limits = limits }

    /// Takes the next reading. One that is not later than the last is dropped: a clock that stands
    /// still would otherwise make an old weight look fresh.
    package mutating func add(_ reading: Reading) {
        guard self.isNews(reading.at) else { return }
        self.window.append(reading)
        let start = reading.at.advanced(byMs: -Self.windowMs)
        // One reading from before the window stays, so that the window is known to be full.
        while self.window.count > 1, self.window[1].at <= start { self.window.removeFirst() }
        if self.window.count > Self.mostReadings { self.window.removeFirst() }
        self.refresh()
    }

    private mutating func refresh() {
        self.judged = self.judge()
        if case .stable = self.judged {
            self.isSteady = self.quartersAgree
        } else {
            self.isSteady = false
        }
    }

    /// How many readings the window has.
    package var count: Int { self.window.count }

    /// When the newest reading came.
    package var newest: BootInstant? { self.window.last?.at }

    /// Whether a reading of that instant is later than the last one.
    package func isNews(_ instant: BootInstant) -> Bool {
        self.window.last.map { $0.at < instant } ?? true
    }

    /// Takes `mass` off every reading: the zero moved.
    package mutating func shift(by mass: Milligrams) {
        for index in self.window.indices {
            self.window[index].mass = self.window[index].mass - mass
        }
        self.refresh()
    }

    /// Forgets all readings: what comes next is judged by itself.
    package mutating func clear() {
        self.window.removeAll(keepingCapacity: true)
        self.refresh()
    }

    package func weight(at now: BootInstant) -> Weight {
        guard let last = self.window.last, now.ms(since: last.at) <= Self.staleMs else {
            return .none
        }
        return self.judged
    }

    private func judge() -> Weight {
        guard let last = self.window.last else { return .none }
        switch last.condition {
        case .error, .unsure: return .none
        case .overload: return .overload
        case .normal: break
        }
        if last.mass > self.limits.overload { return .overload }
        if last.mass.value < -Self.underloadDivisions * self.limits.division.milligrams.value {
            return .underload
        }
        let masses = self.window.map(\.mass.value)
        guard let lowest = masses.min(), let highest = masses.max() else { return .none }
        // What came with an overload or an error is no mass.
        let known = self.window.lazy.filter { $0.condition == .normal }.map(\.mass)
        let moving = Weight.moving(
            last.mass, lowest: known.min() ?? last.mass, highest: known.max() ?? last.mass)
        guard self.isFull, last.isStable != false,
            self.window.allSatisfy({ $0.condition == .normal }),
            highest - lowest <= self.limits.division.milligrams.value
        else { return moving }
        let half = masses.count / 2
        let trend = Self.mean(masses[half...]) - Self.mean(masses[..<half])
        guard abs(trend) <= self.limits.division.milligrams.value / 2 else { return moving }
        return .stable(Milligrams(Self.mean(masses[...])))
    }

    private var quartersAgree: Bool {
        guard let last = self.window.last else { return false }
        var (lowest, highest) = (Int64.max, Int64.min)
        var (quarter, sum, count): (Int64, Int64, Int64) = (0, 0, 0)
        // From the newest on, so that each quarter comes in one piece.
        for reading in self.window.reversed() {
            let index = min(3, last.at.ms(since: reading.at) * 4 / Self.windowMs)
            if index != quarter {
                (lowest, highest) = (min(lowest, sum / count), max(highest, sum / count))
                (quarter, sum, count) = (index, 0, 0)
            }
            sum += reading.mass.value
            count += 1
        }
        (lowest, highest) = (min(lowest, sum / count), max(highest, sum / count))
        return (highest - lowest) * 4 <= self.limits.division.milligrams.value
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
