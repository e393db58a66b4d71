import BinCore
import Testing

/// Full at 150 mm, clear at 200 mm.
@Suite struct FillGaugeTests {
    private func gauge() -> FillGauge {
        FillGauge(
            UltrasonicSettings(
                trigger: LineSettings(chip: "c", line: 1), echo: LineSettings(chip: "c", line: 2),
                fullMm: 150, clearMm: 200))
    }

    /// Reckoned by hand from 343.2 m/s: µs × 0.1716, cut off.
    @Test(
        "turns echoes into distances",
        arguments: [
            (0, nil), (116, nil), (117, 20), (583, 100), (5_828, 1_000), (23_315, 4_000),
            (23_316, 4_001), (38_000, nil), (-1, nil), (Int64.max, nil),
        ] as [(Int64, Int64?)])
    func distances(echo: Int64, expected: Int64?) {
        #expect(FillGauge.distanceMm(ofEcho: echo) == (expected == 4_001 ? nil : expected))
    }

    private func echo(_ mm: Int64) -> Int64 { mm * 10_000 / 1716 + 1 }

    @Test func theMedianOfFiveDecidesWithHysteresis() {
        var gauge = self.gauge()
        var told: [FillGauge.Notice] = []
        func take(_ distances: Int64?...) {
            for mm in distances { told += gauge.take(echoMicroseconds: mm.map(self.echo)) }
        }
        take(900, 900)
        #expect(told.isEmpty)
        take(900)
        #expect(told == [.full(false)])
        // A bottle falls past: one or two near echoes change nothing.
        take(60, 900, 60, 900, 900)
        #expect(told == [.full(false)])
        take(150, 150, 150)
        #expect(told == [.full(false), .full(true)])
        take(190, 190, 190, 190, 190)
        #expect(told == [.full(false), .full(true)])
        take(200, 200, 200)
        #expect(told == [.full(false), .full(true), .full(false)])
    }

    @Test func withoutEchoesItIsBrokenAndNeverFull() {
        var gauge = self.gauge()
        for _ in 0..<5 { _ = gauge.take(echoMicroseconds: self.echo(100)) }
        #expect(gauge.take(echoMicroseconds: nil) == [])
        #expect(gauge.take(echoMicroseconds: nil) == [])
        #expect(gauge.take(echoMicroseconds: 38_000) == [.full(false), .noEcho])
        #expect(gauge.take(echoMicroseconds: nil) == [])
        for _ in 0..<2 { #expect(gauge.take(echoMicroseconds: self.echo(100)) == []) }
        #expect(gauge.take(echoMicroseconds: self.echo(100)) == [.restored, .full(true)])
    }

    @Test func aSensorThatNeverAnsweredIsBrokenAfterThreeTries() {
        var gauge = self.gauge()
        #expect(gauge.take(echoMicroseconds: nil) == [])
        #expect(gauge.take(echoMicroseconds: nil) == [])
        #expect(gauge.take(echoMicroseconds: nil) == [.noEcho])
    }
}
