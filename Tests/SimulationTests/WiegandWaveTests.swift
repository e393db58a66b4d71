import Simulation
import Testing

struct WiegandWaveTests {
    private static let timing = WiegandWave.Timing(pulseUs: 100, intervalUs: 2000)

    /// `0-100` is a low pulse from 0 to 100 µs.
    private func lows(_ wire: WiegandWave.Wire, _ wave: WiegandWave) -> [String] {
        let moves = wave.moves.filter { $0.wire == wire }
        return stride(from: 0, to: moves.count, by: 2).map {
            #expect(!moves[$0].isHigh && moves[$0 + 1].isHigh)
            return "\(moves[$0].atUs)-\(moves[$0 + 1].atUs)"
        }
    }

    @Test(
        "a frame of 0 1, and what goes wrong with it",
        arguments: [
            ([], "0-100", "2000-2100"),
            ([.missing(bit: 0)], "", "2000-2100"),
            ([.missing(bit: 9)], "0-100", "2000-2100"),
            ([.extra(true, at: 1)], "0-100", "2000-2100 4000-4100"),
            ([.extra(false, at: 0)], "0-100 2000-2100", "4000-4100"),
            ([.extra(true, at: 99)], "0-100", "2000-2100 4000-4100"),
            ([.both(bit: 0)], "0-100", "0-100 2000-2100"),
            ([.both(bit: 2)], "0-100", "2000-2100"),
            ([.stray(.d1, after: 0, widthUs: 5)], "0-100", "1000-1005 2000-2100"),
            ([.stray(.d0, after: 1, widthUs: 100)], "0-100 3000-3100", "2000-2100"),
            ([.stray(.d0, after: 1, widthUs: 0)], "0-100", "2000-2100"),
            ([.stuck(.d0, from: 0, forUs: 9000)], "0-9000", "2000-2100"),
            ([.stuck(.d1, from: 0, forUs: 2050)], "0-100", "0-2100"),
            ([.missing(bit: 0), .missing(bit: 1)], "", ""),
        ] as [([WiegandWave.Defect], String, String)])
    func defects(defects: [WiegandWave.Defect], d0: String, d1: String) {
        let wave = WiegandWave(bits: [false, true], timing: Self.timing, defects: defects)
        #expect(self.lows(.d0, wave).joined(separator: " ") == d0)
        #expect(self.lows(.d1, wave).joined(separator: " ") == d1)
    }

    @Test func movesComeInTheOrderOfTime() {
        let wave = WiegandWave(
            bits: [true, false, true, true], timing: Self.timing,
            defects: [.both(bit: 1), .stray(.d0, after: 2, widthUs: 10)])
        #expect(wave.moves.map(\.atUs) == wave.moves.map(\.atUs).sorted())
        #expect(wave.moves.filter { $0.atUs == 2000 }.map(\.wire) == [.d0, .d1])
    }
}
