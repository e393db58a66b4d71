import BinCore
import Console

/// Weight over time as a technician sees it in a terminal.
enum TraceText {
    static func lines(_ trace: WeightTrace) -> [String] {
        let last = trace.samples.last?.up ?? BootInstant(milliseconds: 0)
        let points = trace.samples.compactMap { sample in
            trace.mass(of: sample).map {
                Plot.Point(x: sample.up.ms(since: last), y: $0.value)
            }
        }
        guard let plot = Plot(points) else { return ["no weights were kept"] }
        return plot.lines(
            yText: { "\($0 / 1000) g" }, xText: { "\($0 / 1000) s" })
    }
}
