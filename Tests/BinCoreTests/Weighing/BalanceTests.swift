import BinCore
import Testing

@Suite struct BalanceTests {
    /// Tared where the record says.
    private func balance(_ level: Int64 = 1_000) -> Balance {
        var balance = Balance(division: Grams(5), level: Grams(level))
        balance.tare(at: Grams(level).milligrams)
        return balance
    }

    /// The table in the documentation of `Balance`.
    @Test func whatDriftedBeforeTheTareIsNotNet() {
        var balance = self.balance()
        #expect(balance.net(of: Milligrams(1_055_000)) == Grams(55))
        balance.tare(at: Milligrams(1_003_000))
        #expect(balance.net(of: Milligrams(1_003_000)) == .zero)
        #expect(balance.net(of: Milligrams(1_055_000)) == Grams(50))
        balance.move(by: Grams(50))
        balance.carry(at: Milligrams(1_055_000))
        #expect(balance.carried == Milligrams(2_000))
        #expect(balance.drift == Milligrams(3_000))
    }

    @Test func whatIsCarriedIsNotTakenForDrift() {
        var balance = self.balance()
        balance.carry(at: Milligrams(1_004_000))
        balance.tare(at: Milligrams(1_006_000))
        #expect(balance.drift == Milligrams(2_000))
        #expect(balance.net(of: Milligrams(1_007_000)) == Grams(5))
        #expect(balance.exactNet(of: Milligrams(1_007_000)) == Milligrams(5_000))
    }

    @Test(
        "below a division nothing is due",
        arguments: [(4_999, 0), (5_000, 5), (-4_999, 0), (-5_000, -5), (7_500, 10), (7_499, 5)]
            as [(Int64, Int64)])
    func divisions(milligrams: Int64, grams: Int64) {
        let mass = Milligrams(1_000_000 + milligrams)
        #expect(self.balance().net(of: mass) == Grams(grams))
        #expect(self.balance().gap(of: mass) == Grams(grams))
    }

    @Test func aLevelOffTheGridIsBroughtBack() {
        #expect(self.balance(303).gap(of: Milligrams(303_000)) == Grams(2))
    }

    @Test func recordedDriftMovesLevelAndTareTogether() {
        var balance = self.balance()
        balance.tare(at: Milligrams(1_004_900))
        let net = balance.exactNet(of: Milligrams(1_007_000))
        balance.record(drift: balance.gap(of: Milligrams(1_007_000)))
        #expect(balance.level == Grams(1_005))
        #expect(balance.exactNet(of: Milligrams(1_007_000)) == net)
    }

    /// What a neighbour left: 1,058 g are shown, 4 g of them drift.
    @Test func whatIsNobodysIsTheReferenceUntilTheNextTare() {
        var balance = self.balance()
        balance.tare(at: Milligrams(1_004_000))
        #expect(!balance.isTareDue)
        let mass = Milligrams(1_058_000)
        balance.move(by: balance.gap(of: mass))
        balance.disown(at: mass)
        #expect(balance.level == Grams(1_060))
        #expect(balance.exactNet(of: mass) == .zero)
        #expect(balance.isTareDue)
    }

    @Test(
        "a tare that is due is taken within a quarter of a division, and keeps what is carried",
        arguments: [(1_250, true), (-1_250, true), (1_251, false), (-1_251, false)]
            as [(Int64, Bool)])
    func due(away: Int64, isTaken: Bool) {
        var balance = self.balance()
        balance.carry(at: Milligrams(1_002_000))
        balance.begin(at: Milligrams(1_004_000))
        balance.tareIfDue(at: Milligrams(1_004_000 + away))
        #expect(balance.isTareDue != isTaken)
        #expect(balance.carried == Milligrams(2_000))
        let reference = Milligrams(1_004_000 + (isTaken ? away : 0))
        #expect(balance.exactNet(of: reference) == Milligrams(2_000))
    }

    @Test func besideARoughReferenceNothingIsCarried() {
        var balance = self.balance()
        balance.carry(at: Milligrams(1_002_000))
        balance.begin(at: Milligrams(1_004_000))
        balance.move(by: Grams(50))
        balance.carry(at: Milligrams(1_055_500))
        #expect(balance.carried == Milligrams(2_000))
        #expect(balance.exactNet(of: Milligrams(1_055_500)) == Milligrams(2_000))
        balance.tare(at: Milligrams(1_055_000))
        balance.carry(at: Milligrams(1_056_000))
        #expect(balance.carried == Milligrams(3_000))
    }

    /// After a restart nobody knows what is drift.
    @Test func beforeTheFirstTareNothingIsCarried() {
        var balance = Balance(division: Grams(5), level: Grams(1_000))
        balance.move(by: Grams(50))
        balance.carry(at: Milligrams(1_054_000))
        #expect(balance.carried == .zero)
        #expect(balance.exactNet(of: Milligrams(1_054_000)) == .zero)
    }

    @Test func noTareIsDueOnceSomethingWasRecorded() {
        var balance = self.balance()
        balance.begin(at: Milligrams(1_004_000))
        balance.move(by: Grams(50))
        balance.tareIfDue(at: Milligrams(1_054_500))
        #expect(balance.exactNet(of: Milligrams(1_054_500)) == Milligrams(500))
    }
}
