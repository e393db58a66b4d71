import CrashKit
import Testing

/// The rules of the medium, on operations that are written down here.
@Suite struct SurvivalTests {
    @Test func theSameSeedLeavesTheSameBytes() throws {
        for seed in 0..<200 as Range<UInt64> {
            var (one, other) = (Survival(seed: seed), Survival(seed: seed))
            #expect(self.leftOf(&one) == self.leftOf(&other))
        }
    }

    /// 10,000 bytes of 1 and 2, over 6,000 of 7 that are certain.
    private func leftOf(_ survival: inout Survival) -> [UInt8] {
        var file = [UInt8](repeating: 7, count: 6_000)
        survival.write([UInt8](repeating: 1, count: 5_000), at: 1_000, to: &file)
        survival.write([UInt8](repeating: 2, count: 4_000), at: 6_000, to: &file)
        return file
    }

    @Test func whatWasNotWrittenIsNotHarmed() {
        for seed in 0..<120 as Range<UInt64> {
            var survival = Survival(seed: seed)
            let file = self.leftOf(&survival)
            #expect(file.prefix(1_000).allSatisfy { $0 == 7 }, "seed \(seed)")
            #expect(file.count >= 6_000 && file.count <= 10_000, "seed \(seed)")
            let allowed: Set<UInt8> = [1, 2, 7, survival.filler]
            #expect(allowed.isSuperset(of: file), "seed \(seed)")
        }
    }

    @Test func seedsLeaveNothingAndAllAndHolesAndTornSectors() {
        var kinds: Set<String> = []
        for seed in 0..<120 as Range<UInt64> {
            var survival = Survival(seed: seed)
            let file = self.leftOf(&survival)
            let old = file.count(where: { $0 == 7 })
            if file.count == 6_000, old == 6_000 { kinds.insert("nothing") }
            if file.count == 10_000, old == 1_000 { kinds.insert("all") }
            if file.count == 10_000, old > 1_000 { kinds.insert("reordered") }
            var sector = [UInt8](repeating: 7, count: 512)
            var again = Survival(seed: seed)
            again.write([UInt8](repeating: 1, count: 512), at: 0, to: &sector)
            if (1..<512).contains(sector.count(where: { $0 == 1 })) { kinds.insert("torn") }
        }
        #expect(kinds == ["nothing", "all", "reordered", "torn"])
    }
}
