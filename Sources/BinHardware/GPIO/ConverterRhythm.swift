import BinCore

/// Notices when a converter leaves conversions out: it is silent after it changed its channel or
/// gain and after its supply was away.
///
/// What is usual is what it does, and no less than its period: one that is slower than it is said
/// to be is no fault.
struct ConverterRhythm: Hashable, Sendable {
    private static let intervalsKept = 4

    private let timing: HX711Timing
    private var lastNs: Int64?
    private var intervals: [Int64] = []

    init(_ timing: HX711Timing) { self.timing = timing }

    /// A conversion was announced. Returns whether it was overdue: later than one and a half of the
    /// shortest of the last intervals.
    mutating func announced(atNs: Int64) -> Bool {
        defer { self.lastNs = atNs }
        guard let lastNs else { return false }
        let usual = max(self.timing.periodNs, self.intervals.min() ?? 0)
        let interval = atNs - lastNs
        self.intervals.append(interval)
        if self.intervals.count > Self.intervalsKept { self.intervals.removeFirst() }
        return interval > HX711Timing.oneAndAHalf(usual)
    }

    /// It begins anew, after a silence that was expected.
    mutating func reset() { self.lastNs = nil }
}
