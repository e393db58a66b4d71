import BinCore
import Testing

/// Division 5 g, Max 30 kg: overload above 30,045 g.
struct WeigherTests {
    private var weigher = Weigher(
        limits: ScaleLimits(capacity: Grams(30_000), division: Grams(5), minimum: Grams(20)))

    private func at(_ ms: Int64) -> BootInstant { BootInstant(milliseconds: ms) }

    private mutating func add(
        _ milligrams: Int64, at ms: Int64, stable: Bool? = nil,
        condition: Reading.Condition = .normal
    ) {
        self.weigher.add(
            Reading(
                mass: Milligrams(milligrams), isStable: stable, condition: condition,
                at: self.at(ms)))
    }

    /// Readings every `step` ms, the last one at 10,000 ms.
    private mutating func fill(_ masses: [Int64], step: Int64) {
        for (index, mass) in masses.enumerated() {
            self.add(mass, at: 10_000 - Int64(masses.count - 1 - index) * step)
        }
    }

    private var now: Weight { self.weigher.weight(at: self.at(10_000)) }

    @Test func withoutReadingsThereIsNoWeight() {
        #expect(self.now == .none)
    }

    @Test(
        "a weight is stable after a whole second and three readings",
        arguments: [
            (4, 333, false), (4, 334, true), (5, 250, true), (5, 249, false), (3, 500, true),
            (3, 499, false), (3, 700, true), (2, 1000, false), (2, 1400, false), (11, 100, true),
            (10, 100, false), (81, 12, false), (85, 12, true),
        ] as [(Int, Int64, Bool)])
    mutating func settles(readings: Int, step: Int64, stable: Bool) {
        self.fill([Int64](repeating: 500_000, count: readings), step: step)
        let moving = moves(500_000...500_000, newest: 500_000)
        #expect(self.now == (stable ? .stable(Milligrams(500_000)) : moving))
    }

    @Test(
        "the spread may be one division and no more",
        arguments: [(5_000, true), (5_001, false), (4_999, true)] as [(Int64, Bool)])
    mutating func spread(spread: Int64, stable: Bool) {
        self.fill([0, spread, 0, spread, 0, spread], step: 250)
        if stable {
            #expect(self.now == .stable(Milligrams(spread * 3 / 5)))
        } else {
            #expect(self.now == moves(0...spread, newest: spread))
        }
    }

    /// The window keeps the last five readings, of which the first two and the last three lie 2.5
    /// steps apart on average.
    @Test(
        "a trend of more than half a division is motion, though the spread passes",
        arguments: [
            (1_000, true), (1_001, false), (-1_000, true), (-1_001, false), (1_250, false),
        ] as [(Int64, Bool)])
    mutating func trend(step: Int64, stable: Bool) {
        self.fill((0..<6).map { 100_000 + $0 * step }, step: 250)
        let isStable = if case .stable = self.now { true } else { false }
        #expect(isStable == stable)
    }

    @Test func movingTellsTheNewestTheLowestAndTheHighestReading() {
        var test = self
        test.fill([800_000, 300_000, 700_000, 600_000, 650_000], step: 250)
        #expect(test.now == moves(300_000...800_000, newest: 650_000))
    }

    @Test func aReadingIsStaleAfterItsLimitAndNotBefore() {
        var test = self
        test.fill([Int64](repeating: 1_000, count: 6), step: 250)
        let last = 10_000 + Weigher.staleMs
        #expect(test.weigher.weight(at: test.at(last)) == .stable(Milligrams(1_000)))
        #expect(test.weigher.weight(at: test.at(last + 1)) == .none)
    }

    @Test(
        "overload begins above Max + 9 e",
        arguments: [(30_045_000, false), (30_045_001, true)] as [(Int64, Bool)])
    mutating func overload(milligrams: Int64, over: Bool) {
        self.fill([Int64](repeating: milligrams, count: 6), step: 250)
        #expect(self.now == (over ? .overload : .stable(Milligrams(milligrams))))
    }

    @Test mutating func theConvertersOverloadAndErrorCountAtOnceAndSpoilTheWindow() {
        self.fill([Int64](repeating: 1_000, count: 6), step: 250)
        self.add(1_000, at: 10_250, condition: .overload)
        #expect(self.weigher.weight(at: self.at(10_250)) == .overload)
        self.add(1_000, at: 10_500, condition: .error)
        #expect(self.weigher.weight(at: self.at(10_500)) == .none)
        for ms in stride(from: Int64(10_750), through: 11_250, by: 250) { self.add(1_000, at: ms) }
        let moving = moves(1_000...1_000, newest: 1_000)
        #expect(self.weigher.weight(at: self.at(11_250)) == moving)
        for ms in stride(from: Int64(11_500), through: 11_750, by: 250) { self.add(1_000, at: ms) }
        #expect(self.weigher.weight(at: self.at(11_750)) == .stable(Milligrams(1_000)))
    }

    @Test(
        "the converter's own doubt counts, its silence doesn't",
        arguments: [(nil, true), (true, true), (false, false)] as [(Bool?, Bool)])
    mutating func opinion(opinion: Bool?, stable: Bool) {
        self.fill([Int64](repeating: 1_000, count: 6), step: 250)
        self.add(1_000, at: 10_250, stable: opinion)
        let isStable =
            if case .stable = self.weigher.weight(at: self.at(10_250)) { true } else { false }
        #expect(isStable == stable)
    }

    @Test mutating func readingsOutOfOrderAreDropped() {
        self.fill([Int64](repeating: 1_000, count: 6), step: 250)
        let before = self.weigher
        self.add(900_000, at: 10_000)
        self.add(900_000, at: 9_999)
        self.add(900_000, at: .min)
        #expect(self.weigher == before)
    }

    @Test(
        "a hole in the window longer than the stale limit is motion",
        arguments: [(1_500, true), (1_501, false)] as [(Int64, Bool)])
    mutating func hole(ms: Int64, stable: Bool) {
        self.add(1_000, at: 1_000)
        for late in stride(from: Int64(0), through: 300, by: 100) {
            self.add(1_000, at: 1_000 + ms + late)
        }
        let weight = self.weigher.weight(at: self.at(1_300 + ms))
        let moving = moves(1_000...1_000, newest: 1_000)
        #expect(weight == (stable ? .stable(Milligrams(1_000)) : moving))
    }

    /// What happened before the window doesn't count; one reading from before it does.
    @Test mutating func theWindowForgets() {
        self.add(900_000, at: 8_000)
        self.fill([Int64](repeating: 1_000, count: 6), step: 250)
        #expect(self.now == .stable(Milligrams(1_000)))
    }

    /// Faster than any converter: the window is cut at a bound and then never spans its second.
    @Test mutating func theWindowIsBounded() {
        for ms in Int64(0)..<5_000 { self.add(1_000, at: ms) }
        let bounded = self.weigher
        self.weigher.clear()
        for ms in Int64(4_744)..<5_000 { self.add(1_000, at: ms) }
        #expect(self.weigher == bounded)
        let moving = moves(1_000...1_000, newest: 1_000)
        #expect(bounded.weight(at: self.at(4_999)) == moving)
    }

    @Test mutating func afterClearingOnlyNewReadingsCount() {
        self.fill([Int64](repeating: 1_000, count: 6), step: 250)
        self.weigher.clear()
        #expect(self.now == .none)
        self.add(2_000, at: 10_000)
        #expect(self.now == moves(2_000...2_000, newest: 2_000))
    }

    @Test func theLargestReadableMassesDontOverflow() {
        let largest = Milligrams.readable.upperBound
        var weigher = Weigher(
            limits: ScaleLimits(
                capacity: Grams(largest.value / 1000), division: Grams(5), minimum: Grams(20)))
        for ms in stride(from: Int64(0), through: 1_275, by: 5) {
            weigher.add(
                Reading(mass: largest, isStable: nil, condition: .normal, at: self.at(ms)))
        }
        #expect(weigher.weight(at: self.at(1_275)) == .stable(largest))
        #expect(weigher.isSteady)
    }

    @Test(
        "underload begins more than 20 divisions below zero",
        arguments: [(-100_000, false), (-100_001, true)] as [(Int64, Bool)])
    mutating func underload(milligrams: Int64, under: Bool) {
        self.fill([Int64](repeating: milligrams, count: 6), step: 250)
        #expect(self.now == (under ? .underload : .stable(Milligrams(milligrams))))
    }

    @Test mutating func anOverloadsMassIsNotTheLowest() {
        self.fill([Int64](repeating: 1_000, count: 6), step: 250)
        self.add(0, at: 10_250, condition: .overload)
        self.add(1_200, at: 10_500)
        let moving = moves(1_000...1_200, newest: 1_200)
        #expect(self.weigher.weight(at: self.at(10_500)) == moving)
    }

    /// 1.25 g are a quarter of the division. Readings every 250 ms are a quarter of the window
    /// each.
    @Test(
        "a tare must be steady to a quarter of a division",
        arguments: [(1_250, true), (1_254, false), (0, true)] as [(Int64, Bool)])
    mutating func tare(spread: Int64, isTare: Bool) {
        self.fill([0, spread, 0, spread, 0, spread], step: 250)
        #expect(self.weigher.isSteady == isTare)
    }

    /// Twenty a second that hop by 1.5 g: their quarters' means don't.
    @Test mutating func noiseIsNoUnsteadiness() {
        self.fill((0..<41).map { $0 % 2 == 0 ? 0 : 1_500 }, step: 50)
        #expect(self.weigher.isSteady)
    }

    @Test mutating func aShiftOfTheZeroMovesTheWholeWindow() {
        self.fill([Int64](repeating: 1_000, count: 6), step: 250)
        self.weigher.shift(by: Milligrams(900))
        #expect(self.now == .stable(Milligrams(100)))
    }
}

/// A scale in motion, milligrams.
func moves(_ range: ClosedRange<Int64>, newest: Int64) -> Weight {
    .moving(
        Milligrams(newest), lowest: Milligrams(range.lowerBound),
        highest: Milligrams(range.upperBound))
}
