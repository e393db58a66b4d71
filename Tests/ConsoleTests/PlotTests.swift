import Console
import Testing

@Suite struct PlotTests {
    private func lines(_ points: [(Int64, Int64)], width: Int, height: Int) -> [String]? {
        Plot(points.map { Plot.Point(x: $0.0, y: $0.1) }, width: width, height: height)?
            .lines(yText: { "\($0) g" }, xText: { "\($0) s" })
    }

    @Test func aRisingLineRises() {
        // Four points on the diagonal of 4 × 4 dots: columns 0 to 3, from the bottom to the top.
        let lines = self.lines([(0, 0), (1, 1), (2, 2), (3, 3)], width: 2, height: 1)
        #expect(lines == ["3 g ┤⡠⠊", "     0 s 3 s"])
    }

    @Test func highestAndLowestStandAtTheEdge() {
        let lines = self.lines([(0, -5), (10, 1_000)], width: 4, height: 3)
        #expect(lines?[0].hasPrefix("1000 g ┤") == true)
        #expect(lines?[1].hasPrefix("       ┤") == true)
        #expect(lines?[2].hasPrefix("  -5 g ┤") == true)
    }

    @Test func oneValueAloneIsALine() {
        let lines = self.lines([(0, 7), (1, 7)], width: 1, height: 1)
        #expect(lines?.first == "7 g ┤⣀")
    }

    @Test func withoutValuesThereIsNoPlot() {
        #expect(self.lines([], width: 4, height: 4) == nil)
        #expect(self.lines([(0, 0)], width: 0, height: 4) == nil)
    }
}
