import Measuring
import Testing

struct SamplesTests {
    @Test(
        "the median is the middle, whatever the order",
        arguments: [
            ([7], 7),
            ([3, 1], 2),
            ([9, 1, 5], 5),
            ([4, 1, 3, 2], 2.5),
            ([1, 1, 1, 1000], 1),
        ] as [([Double], Double)])
    func median(values: [Double], expected: Double) {
        #expect(Samples(values, better: .lower).median == expected)
        #expect(Samples(values, better: .higher).median == expected)
    }

    /// Ranks counted by hand: the smallest whole number that is at least 0.99 times the count.
    @Test(
        "99 of 100 are no worse than p99",
        arguments: [(1, 1), (2, 2), (99, 99), (100, 99), (101, 100), (200, 198), (1000, 990)])
    func p99(count: Int, rank: Int) {
        let values = (1...count).map(Double.init)
        #expect(Samples(values.reversed(), better: .lower).p99 == Double(rank))
        // Of rates the slow ones are the bad ones.
        #expect(Samples(values, better: .higher).p99 == Double(count + 1 - rank))
    }

    @Test func nothingIsKnownWithoutSamples() {
        let none = Samples([], better: .lower)
        #expect(none.median == nil)
        #expect(none.p99 == nil)
        #expect(none.count == 0)
    }

    @Test func whatIsNoNumberIsLeftOut() {
        let samples = Samples([.nan, 2, .infinity], better: .lower)
        #expect(samples.count == 1)
        #expect(samples.median == 2)
    }
}
