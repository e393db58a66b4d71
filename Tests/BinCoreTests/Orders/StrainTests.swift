import Testing

@testable import BinCore

/// Loads beyond a scale's range. Capacity 30 kg, division 5 g: above 30,045 g and below −100 g
/// nothing is weighed.
@Suite struct StrainTests {
    private func faults(_ bin: BinBench) -> [String] {
        bin.scaleFaults.map { "\($0.source) \($0.code)" }
    }

    @Test(
        "is told after a minute, and over when the load is",
        arguments: [(-200, ["load pet underload"]), (31_000, ["load pet overload"])]
            as [(Int64, [String])])
    func isTold(grams: Int64, faults: [String]) throws {
        var bin = try BinBench()
        try bin.settle()
        bin.put(grams, bin.pet)
        try bin.wait(BinMachine.strainMs - 1_000)
        #expect(self.faults(bin).isEmpty)
        try bin.wait(2_000)
        #expect(self.faults(bin) == faults)
        bin.put(-grams, bin.pet)
        try bin.settle()
        #expect(self.faults(bin).isEmpty)
    }

    @Test func aCollectorWhoLiftsTheBucketIsNoFault() throws {
        var bin = try BinBench()
        try bin.settle()
        try bin.tap(card("uid:04C0FFEE"), role: .collector)
        bin.put(-3_000, bin.pet)
        for _ in 0..<5 {
            bin.put(500, bin.film)
            try bin.wait(20_000)
        }
        #expect(self.faults(bin).isEmpty)
    }

    @Test func aBinWhoseScalesShowLessThanNothingServesNobody() throws {
        var bin = try BinBench()
        try bin.settle()
        for name in [bin.pet, bin.film] { bin.put(-3_000, name) }
        try bin.wait(3_000)
        try bin.tap(bin.resident)
        #expect(bin.refused == [.outOfService])
        bin.put(3_000, bin.film)
        try bin.settle()
        try bin.tap(bin.resident)
        let unlocked = bin.view.compartments.filter(\.isUnlocked).map(\.name)
        #expect(unlocked == [bin.film])
    }

    /// What is dropped on a scale that shows less than nothing can't be weighed, and isn't
    /// anybody's once it can.
    @Test func aDropUnderAnUnderloadIsNobodys() throws {
        var bin = try BinBench()
        try bin.settle()
        try bin.tap(bin.resident)
        bin.put(-3_000, bin.pet)
        try bin.wait(3_000)
        bin.put(500, bin.pet)
        try bin.wait(3_000)
        try bin.tap(bin.resident)
        try bin.wait(BinRules.settleMs)
        #expect(bin.orders.map(\.deposits) == [0])
        bin.put(3_000, bin.pet)
        try bin.wait(20_000)
        #expect(bin.unattributed.last?.cause == .noCard)
        #expect(bin.unattributed.last?.delta == Grams(500))
        #expect(bin.deposits.isEmpty)
    }

    @Test func aBucketThatIsHungBackWithinTheOrderLeavesTheDropToIt() throws {
        var bin = try BinBench()
        try bin.settle()
        try bin.tap(bin.resident)
        bin.put(-3_000, bin.pet)
        try bin.wait(3_000)
        bin.put(3_500, bin.pet)
        try bin.settle()
        #expect(bin.deposits.map(\.mass) == [Grams(500)])
    }
}
