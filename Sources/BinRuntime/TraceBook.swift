import BinCore
import Records

/// The traces that are being made: a deposit's goes on for a while after it, to show what came
/// next, and only then is handed on.
struct TraceBook: Sendable {
    /// A trace that isn't complete yet.
    private struct Page: Sendable {
        let seq: RecordNumber
        let compartment: Name
        let calibration: Calibration?
        let linearity: Linearity
        /// When the deposit was recorded.
        let at: BootInstant

        var end: BootInstant { self.at.advanced(byMs: TraceRing.afterMs) }
    }

    /// Deposits in the time of one trace's end. With more of them the oldest one's is handed on
    /// before its time.
    private static let mostPages = 64

    private let keeper: (any TraceKeeping)?
    /// The last seconds of each compartment's scale.
    private var rings: [Name: TraceRing] = [:]
    /// Oldest first.
    private var pages: [Page] = []

    /// - Parameter keeper: Who takes the traces; without one none is made.
    init(keeper: (any TraceKeeping)?) { self.keeper = keeper }

    mutating func add(_ raw: Int64, of compartment: Name, at instant: BootInstant) {
        guard self.keeper != nil else { return }
        self.rings[compartment, default: TraceRing()].add(raw, at: instant)
    }

    /// Begins the trace of a deposit that was recorded now.
    mutating func open(
        _ seq: RecordNumber, of compartment: Name, calibration: Calibration?,
        linearity: Linearity, at now: BootInstant
    ) {
        guard self.keeper != nil else { return }
        if self.pages.count == Self.mostPages {
            let oldest = self.pages.removeFirst()
            self.handOn(oldest)
        }
        self.pages.append(
            Page(
                seq: seq, compartment: compartment, calibration: calibration,
                linearity: linearity, at: now))
    }

    /// Hands on the traces whose time is over.
    mutating func close(at now: BootInstant) {
        let due = self.pages.prefix { $0.end < now }
        self.pages.removeFirst(due.count)
        due.forEach(self.handOn)
    }

    /// Hands on all traces as they are.
    mutating func closeAll() {
        self.pages.forEach(self.handOn)
        self.pages = []
    }

    private func handOn(_ page: Page) {
        guard let ring = self.rings[page.compartment] else { return }
        self.keeper?.keep(
            WeightTrace(
                compartment: page.compartment, calibration: page.calibration,
                linearity: page.linearity, samples: ring.samples(around: page.at)),
            of: page.seq)
    }
}
