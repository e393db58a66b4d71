/// A picture of values over time for a terminal, in braille dots: two across and four down in each
/// character.
package struct Plot: Sendable {
    package struct Point: Hashable, Sendable {
        package var x: Int64
        package var y: Int64

        package init(x: Int64, y: Int64) {
            self.x = x
            self.y = y
        }
    }

    /// The dots of one character, by column and row. Source: Unicode, block Braille Patterns.
    private static let dots: [[UInt32]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]

    private let width: Int
    private let height: Int
    private let xs: (low: Int64, high: Int64)
    private let ys: (low: Int64, high: Int64)
    private var cells: [[UInt32]]

    /// - Parameters:
    ///   - points: Of any order; values within ±2^60. Without any there is no plot.
    ///   - width: Characters across, at least 1.
    ///   - height: Lines, at least 1.
    package init?(_ points: [Point], width: Int = 64, height: Int = 12) {
        guard let left = points.map(\.x).min(), let right = points.map(\.x).max(),
            let low = points.map(\.y).min(), let high = points.map(\.y).max(),
            width >= 1, height >= 1
        else { return nil }
        self.width = width
        self.height = height
        self.xs = (left, right)
        self.ys = (low, high)
        self.cells = [[UInt32]](
            repeating: [UInt32](repeating: 0, count: width), count: height)
        for point in points {
            let column = Self.place(point.x, in: self.xs, of: 2 * width)
            let row = 4 * height - 1 - Self.place(point.y, in: self.ys, of: 4 * height)
            self.cells[row / 4][column / 2] |= Self.dots[column % 2][row % 4]
        }
    }

    /// Which of `count` steps from `low` to `high` a value falls on.
    private static func place(
        _ value: Int64, in range: (low: Int64, high: Int64), of count: Int
    ) -> Int {
        guard range.high > range.low else { return 0 }
        let share = Int128(value - range.low) * Int128(count - 1)
        return Int(share / Int128(range.high - range.low))
    }

    /// The picture, the highest and the lowest value before its first and last line.
    ///
    /// - Parameters:
    ///   - yText: Words a value.
    ///   - xText: Words a time.
    package func lines(yText: (Int64) -> String, xText: (Int64) -> String) -> [String] {
        let (high, low) = (yText(self.ys.high), yText(self.ys.low))
        let margin = max(high.count, low.count)
        var lines = self.cells.enumerated().map { index, row in
            let label = index == 0 ? high : index == self.height - 1 ? low : ""
            let pad = String(repeating: " ", count: margin - label.count)
            let picture = row.compactMap { Unicode.Scalar(0x2800 + $0) }.map { Character($0) }
            return pad + label + " ┤" + String(picture)
        }
        let (first, last) = (xText(self.xs.low), xText(self.xs.high))
        let gap = max(1, self.width - first.count - last.count)
        lines.append(
            String(repeating: " ", count: margin + 2) + first
                + String(repeating: " ", count: gap) + last)
        return lines
    }
}
