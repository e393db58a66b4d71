import BinCore
import Testing

/// `pet` is on a converter of 20 counts a gram; division 5 g, Max 30 kg, minimum 20 g.
@Suite struct ZeroTests {
    private func bin() throws -> BinBench {
        var bin = try BinBench(converter: { 5_000 + 20 * $0 })
        try bin.calibrate()
        return bin
    }

    private func zeros(_ bin: BinBench) -> [Int64] {
        bin.calibrations.filter { $0.by == "zero-tracking" }.map(\.zero)
    }

    private func report(_ bin: BinBench) throws -> ScaleReport {
        let reports = bin.machine.scales(at: bin.now)
        return try #require(reports.first { $0.compartment == bin.pet })
    }

    @Test func anEmptyBinFollowsDirt() throws {
        var bin = try self.bin()
        for _ in 0..<20 {
            bin.put(1, bin.pet)
            try bin.wait(60_000)
        }
        #expect(bin.level(bin.pet) == 0)
        #expect(try self.report(bin).isAtZero)
        #expect(try #require(self.zeros(bin).last) >= 5_350)
        bin.restart(mayCredit: false)
        try bin.settle()
        #expect(try self.report(bin).isAtZero)
        try bin.tap(bin.resident)
        try bin.drop(100, bin.pet)
        #expect(bin.deposits.map(\.mass) == [Grams(100)])
    }

    @Test func trackingIsSlow() throws {
        var bin = try self.bin()
        bin.put(2, bin.pet)
        try bin.wait(31_000)
        let mass = try #require(try self.report(bin).mass)
        // 2.5 g in a minute: 1.25 g in the 30 s since it is at rest.
        #expect(mass > Milligrams(650) && mass < Milligrams(900))
    }

    @Test func nothingIsTrackedInAnOrderNorInACollectionNorOnALoadedBin() throws {
        var bin = try self.bin()
        try bin.tap(bin.resident)
        bin.put(2, bin.pet)
        try bin.wait(25_000)
        #expect(try self.report(bin).mass == Milligrams(2_000))
        try bin.tap(bin.resident)
        try bin.settle()
        // What the order left below a division is carried, not eaten.
        try bin.wait(120_000)
        #expect(try self.report(bin).mass == Milligrams(2_000))
        try bin.tap(bin.neighbour)
        try bin.drop(500, bin.pet)
        try bin.tap(bin.neighbour)
        try bin.wait(120_000)
        #expect(try self.report(bin).mass == Milligrams(502_000))
        try bin.tap(card("uid:04C0FFEE"), role: .collector)
        bin.put(-500, bin.pet)
        try bin.wait(20_000)
        #expect(try self.report(bin).mass == Milligrams(2_000))
        #expect(self.zeros(bin).isEmpty)
    }

    @Test func trackingEndsAtFourPercentOfMax() throws {
        var bin = try self.bin()
        bin.put(1_190, bin.pet)
        try bin.settle()
        try bin.calibrate(bin.pet, .zero)
        try bin.wait(20_000)
        bin.pause(BinRules.serviceMs)
        for _ in 0..<30 {
            bin.put(1, bin.pet)
            try bin.wait(26_000)
        }
        let last = try #require(self.zeros(bin).last)
        #expect(last <= 29_000 && last > 28_900)
        // What comes beyond is recorded.
        #expect(bin.level(bin.pet) >= 15)
    }

    @Test(
        "at switch-on an empty bin sets its zero, unless it may hold a drop",
        arguments: [(19, 0, true), (-19, 0, true), (20, 20, true), (19, 20, false)]
            as [(Int64, Int64, Bool)])
    func initialZero(grams: Int64, level: Int64, isSwitchedOn: Bool) throws {
        var bin = try self.bin()
        bin.put(grams, bin.pet)
        bin.restart(mayCredit: false, afterMs: 60_000, isSwitchedOn: isSwitchedOn)
        try bin.wait(5_000)
        #expect(bin.level(bin.pet) == level)
        #expect(self.zeros(bin) == (level == 0 ? [5_000 + 20 * grams] : []))
    }

    @Test func aLoadedBinIsNeverZeroedAtSwitchOn() throws {
        var bin = try self.bin()
        try bin.drop(3_000, bin.pet)
        bin.put(8, bin.pet)
        bin.restart(mayCredit: false, afterMs: 60_000, isSwitchedOn: true)
        try bin.wait(5_000)
        #expect(self.zeros(bin).isEmpty)
        #expect(bin.level(bin.pet) == 3_010)
    }

    @Test func aZeroFarFromTheCalibratedOneNeedsAKnownMass() throws {
        var bin = try self.bin()
        bin.put(1_200, bin.pet)
        try bin.settle()
        try bin.calibrate(bin.pet, .zero)
        #expect(bin.calibrations.last?.zero == 29_000)
        let count = bin.calibrations.count
        bin.put(1, bin.pet)
        try bin.settle()
        try bin.calibrate(bin.pet, .zero)
        #expect(bin.calibrations.count == count)
        bin.put(10_000, bin.pet)
        try bin.settle()
        try bin.calibrate(bin.pet, .span(reference: Grams(10_000)))
        #expect(bin.calibrations.last?.zero == 29_020)
    }

    @Test func aLiftedBucketIsNoWeight() throws {
        var bin = try self.bin()
        try bin.drop(3_000, bin.pet)
        try bin.wait(20_000)
        let records = bin.facts.count
        bin.put(-4_000, bin.pet)
        try bin.wait(20_000)
        #expect(try self.report(bin).isUnderloaded)
        #expect(bin.facts.count == records)
        bin.put(4_000, bin.pet)
        try bin.wait(20_000)
        #expect(bin.facts.count == records)
    }

    @Test(
        "tracking acts up to half a division from zero, and no further",
        arguments: [(2, true), (3, false), (4, false), (-2, true), (-3, false), (-4, false)]
            as [(Int64, Bool)])
    func trackingEndsAtHalfADivision(grams: Int64, isTracked: Bool) throws {
        var bin = try self.bin()
        bin.put(grams, bin.pet)
        try bin.wait(20_000)
        let mass = try #require(try self.report(bin).mass)
        #expect((mass != Grams(grams).milligrams) == isTracked)
    }

    /// By 1 g it is at rest, and yet the quarters of a second differ by 2 g: too much for a zero.
    @Test("nothing is tracked while the scale shakes", arguments: [1_000, 4_000] as [Int64])
    func trackingWaitsForRest(milligrams: Int64) throws {
        var bin = try self.bin()
        bin.put(2, bin.pet)
        bin.shaking[bin.pet] = [
            milligrams, milligrams, -milligrams, -milligrams,
        ]
        // Two minutes would take all of it away.
        try bin.wait(120_000)
        bin.shaking = [:]
        try bin.wait(1_400)
        let mass = try #require(try self.report(bin).mass)
        #expect(mass > Milligrams(1_800) && mass < Milligrams(2_200))
        #expect(bin.level(bin.pet) == 0)
        #expect(self.zeros(bin).isEmpty)
    }

    /// A fifth of Max is 6 kg; the minimum is so high that these could be dirt.
    @Test(
        "at switch-on the zero moves by a fifth of Max at most",
        arguments: [(5_999, true), (6_000, true), (6_001, false)] as [(Int64, Bool)])
    func initialZeroRange(grams: Int64, isZeroed: Bool) throws {
        var bin = try BinBench(minimum: 7_000, converter: { 200_000 + 20 * $0 })
        try bin.calibrate()
        bin.put(grams, bin.pet)
        bin.restart(mayCredit: false, afterMs: 60_000, isSwitchedOn: true)
        try bin.wait(5_000)
        #expect(self.zeros(bin) == (isZeroed ? [200_000 + 20 * grams] : []))
    }

    @Test func theRangeOfTheInitialZeroCountsFromTheLastKnownMass() throws {
        var bin = try BinBench(minimum: 7_000, converter: { 200_000 + 20 * $0 })
        try bin.calibrate()
        for grams in [3_500, 2_500, 1] as [Int64] {
            bin.put(grams, bin.pet)
            bin.restart(mayCredit: false, afterMs: 60_000, isSwitchedOn: true)
            try bin.wait(5_000)
        }
        #expect(self.zeros(bin) == [270_000, 320_000])
    }
}
