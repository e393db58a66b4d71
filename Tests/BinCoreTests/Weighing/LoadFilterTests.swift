import BinCore
import Testing

@Suite struct LoadFilterTests {
    /// Values every `step` ms after as many of 0 as it takes; what the filter makes of them.
    private func filtered(_ values: [Int64], step: Int64) -> [Int64] {
        var filter = LoadFilter()
        let quiet = [Int64](repeating: 0, count: 40)
        return (quiet + values).enumerated()
            .map { index, value in
                filter.add(value, at: BootInstant(milliseconds: Int64(index) * step))
            }
            .suffix(values.count).map(\.self)
    }

    @Test(
        "a lone spike leaves no trace",
        arguments: [5, 12, 50, 100, 200, 1_000] as [Int64], [8_388_607, -8_388_608] as [Int64])
    func spike(step: Int64, spike: Int64) {
        #expect(self.filtered([spike, 0, 0, 0, 0], step: step) == [0, 0, 0, 0, 0])
    }

    @Test func twoSpikesInARowLeaveNoTraceAtEightyASecond() {
        #expect(self.filtered([9_999, 9_999, 0, 0, 0, 0], step: 12) == [0, 0, 0, 0, 0, 0])
    }

    @Test(
        "a step is passed on whole after the stated time and not before",
        arguments: [(200, 200), (100, 100), (50, 100), (13, 117)] as [(Int64, Int64)])
    func settles(step: Int64, settlesMs: Int64) throws {
        let values = self.filtered([Int64](repeating: 1_000, count: 40), step: step)
        let whole = try #require(values.firstIndex(of: 1_000))
        #expect(Int64(whole) * step == settlesMs)
        #expect(values[whole...].allSatisfy { $0 == 1_000 })
    }

    @Test func motionAsFastAsTheValuesStaysVisible() {
        let shaken = self.filtered([0, 900, 0, 900, 0, 900], step: 100)
        #expect(Set(shaken.suffix(4)) == [0, 900])
    }

    @Test func afterASilenceTheOldValuesDontCount() {
        var filter = LoadFilter()
        for ms in stride(from: Int64(0), through: 1_000, by: 100) {
            _ = filter.add(5_000, at: BootInstant(milliseconds: ms))
        }
        let late = BootInstant(milliseconds: 1_000 + Weigher.staleMs + 1)
        #expect(filter.add(70, at: late) == 70)
        #expect(filter.add(80, at: late.advanced(byMs: 100)) == 80)
    }

    @Test func theLargestValuesDontOverflow() {
        var filter = LoadFilter()
        for ms in Int64(0)..<400 {
            let value = filter.add(1 << 40, at: BootInstant(milliseconds: ms))
            #expect(value == 1 << 40)
        }
    }
}
