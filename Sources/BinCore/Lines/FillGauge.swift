/// Tells from the echoes of a distance sensor whether a compartment is full.
///
/// The median of the last five distances counts, so that one bottle that falls past, or one stray
/// echo, changes nothing. Full is what is as near as `fullMm`, clear what is as far as `clearMm`;
/// between them the last opinion stands. Without three echoes among the last five the sensor has
/// failed, which is a fault and never `full`.
package struct FillGauge: Hashable, Sendable {
    package enum Notice: Hashable, Sendable {
        case full(Bool)
        case noEcho
        case restored
    }

    private static let window = 5
    private static let fewestEchoes = 3

    private let fullMm: Int64
    private let clearMm: Int64
    /// The newest last; `nil` without an echo.
    private var distances: [Int64?] = []
    private var isFull: Bool?
    private var isFailed = false

    package init(_ settings: UltrasonicSettings) {
        self.fullMm = Int64(settings.fullMm)
        self.clearMm = Int64(settings.clearMm)
    }

    /// Takes the length of an echo's pulse in µs, `nil` if there was none in time.
    package mutating func take(echoMicroseconds: Int64?) -> [Notice] {
        self.distances.append(echoMicroseconds.flatMap(Self.distanceMm(ofEcho:)))
        if self.distances.count > Self.window { self.distances.removeFirst() }
        let known = self.distances.compactMap(\.self).sorted()
        guard known.count >= Self.fewestEchoes else {
            let isOver = self.distances.count - known.count >= Self.fewestEchoes
            return isOver ? self.fail() : []
        }
        var notices: [Notice] = []
        if self.isFailed {
            self.isFailed = false
            notices.append(.restored)
        }
        let median = known[known.count / 2]
        let isFull =
            median <= self.fullMm ? true : median >= self.clearMm ? false : self.isFull ?? false
        if isFull != self.isFull {
            self.isFull = isFull
            notices.append(.full(isFull))
        }
        return notices
    }

    /// Forgets all distances: the sensor's lines were lost. Returns whether it had said full.
    package mutating func reset() -> Bool {
        let wasFull = self.isFull == true
        self.distances = []
        self.isFull = nil
        self.isFailed = false
        return wasFull
    }

    private mutating func fail() -> [Notice] {
        guard !self.isFailed else { return [] }
        self.isFailed = true
        let wasFull = self.isFull == true
        self.isFull = nil
        return (wasFull ? [.full(false)] : []) + [.noEcho]
    }

    /// The distance in mm that an echo came from, or `nil` outside of what the sensor measures.
    ///
    /// | echo, µs | distance, mm |
    /// | ---: | ---: |
    /// | 583 | 100 |
    /// | 5,828 | 1,000 |
    /// | 38,000 | none: that is how the sensor says that nothing came back |
    ///
    /// Source: sound travels 343.2 m/s in dry air at 20 °C (ISO 9613-1:1993, annex B), there and
    /// back: 0.1716 mm of distance per µs. From −10 to 40 °C that is right within 6 %.
    package static func distanceMm(ofEcho microseconds: Int64) -> Int64? {
        guard (0...1_000_000).contains(microseconds) else { return nil }
        let distance = microseconds * 1716 / 10_000
        let measurable = UltrasonicSettings.measurableMm
        return measurable.contains(Int(distance)) ? distance : nil
    }
}
