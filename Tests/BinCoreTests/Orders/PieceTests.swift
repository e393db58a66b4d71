import BinCore
import Testing

/// Bottles at 0.04 CNY each beside their price by mass; a piece weighs 5 g or more, the scale's
/// division is 5 g and its minimum 20 g.
@Suite struct PieceTests {
    private func opened(_ division: Int64 = 5) throws -> BinBench {
        var bin = try BinBench(division: division)
        var rates = bin.rates
        rates.tariffs[0].each = [try name("pet-bottle"): PricePerPiece(40_000)]
        bin.use(rates)
        try bin.settle()
        try bin.tap(bin.resident)
        return bin
    }

    private func paid(_ bin: BinBench) -> Int64 { bin.deposits.reduce(0) { $0 + $1.pieces } }

    @Test func bottlesAreCountedAndPaidBesideTheirMass() throws {
        var bin = try self.opened()
        for _ in 0..<3 { try bin.send(.pieces(compartment: bin.pet, 1)) }
        try bin.drop(90, bin.pet)
        let deposit = try #require(bin.deposits.first)
        #expect(deposit.pieces == 3)
        #expect(deposit.value == MicroYuan(90 * 2800 + 3 * 40_000))
    }

    @Test func whatIsCountedShortlyBeforeTheWeightRestsIsInThatDeposit() throws {
        var bin = try self.opened()
        bin.put(30, bin.pet)
        try bin.wait(800)
        try bin.send(.pieces(compartment: bin.pet, 1))
        try bin.wait(1_200)
        #expect(bin.deposits.map(\.pieces) == [1])
    }

    @Test func aTapRightAfterTheDropKeepsThePiece() throws {
        var bin = try self.opened()
        try bin.wait(2_000)
        bin.put(30, bin.pet)
        try bin.wait(200)
        try bin.tap(bin.resident)
        try bin.send(.pieces(compartment: bin.pet, 1))
        try bin.wait(BinRules.settleMs)
        #expect(bin.deposits.map(\.pieces) == [1])
        #expect(bin.orders.count == 1)
    }

    @Test func piecesOfAnotherTimeAreNobodys() throws {
        var bin = try BinBench()
        try bin.settle()
        try bin.send(.pieces(compartment: bin.pet, 4))
        try bin.tap(bin.resident)
        try bin.send(.pieces(compartment: bin.pet, 1))
        try bin.drop(40, bin.pet)
        try bin.wait(2_000)
        try bin.tap(bin.resident)
        try bin.settle()
        try bin.send(.pieces(compartment: bin.pet, 4))
        try bin.wait(2_000)
        try bin.tap(bin.neighbour)
        try bin.drop(40, bin.pet)
        #expect(bin.deposits.map(\.pieces) == [1, 0])
    }

    @Test func aHandInTheBeamEarnsNothing() throws {
        var bin = try self.opened()
        for _ in 0..<50 {
            try bin.send(.pieces(compartment: bin.pet, 1))
            try bin.wait(200)
        }
        try bin.tap(bin.resident)
        try bin.settle()
        #expect(bin.deposits.isEmpty)
        #expect(bin.orders.map(\.value) == [.zero])
    }

    @Test func wavesBeforeADropAreForgottenOnceTheScaleIsAtRest() throws {
        var bin = try self.opened()
        for _ in 0..<20 { try bin.send(.pieces(compartment: bin.pet, 1)) }
        try bin.wait(2_200)
        try bin.drop(1_000, bin.pet)
        // One remains: less than a division may have come with it unseen.
        #expect(bin.deposits.map(\.pieces) == [1])
    }

    @Test func noMorePiecesArePaidThanTheMassCanHold() throws {
        var bin = try self.opened()
        try bin.send(.pieces(compartment: bin.pet, 1_000))
        try bin.drop(20, bin.pet)
        // 20 g, and up to 4 g more that rounding hides: four pieces of 5 g.
        #expect(bin.deposits.map(\.pieces) == [4])
    }

    @Test func aCounterThatNeverStopsIsBoundedAndDoesNotStopTheBin() throws {
        var bin = try self.opened()
        for _ in 0..<100 {
            try bin.send(.pieces(compartment: bin.pet, Int64.max))
            try bin.send(.pieces(compartment: bin.pet, Int64.min))
        }
        try bin.drop(30, bin.pet)
        for _ in 0..<100 { try bin.send(.pieces(compartment: bin.pet, Int64.max)) }
        try bin.drop(25_000, bin.pet)
        #expect(bin.deposits.map(\.pieces) == [6, 5_000])
    }

    @Test func lightBottlesOnACoarseScaleAreNotLost() throws {
        var bin = try self.opened(20)
        // 81 g are four divisions and one gram: all nine lie in what is recorded.
        for _ in 0..<9 {
            try bin.send(.pieces(compartment: bin.pet, 1))
            try bin.drop(9, bin.pet)
            try bin.wait(3_000)
        }
        try bin.tap(bin.resident)
        try bin.settle()
        #expect(self.paid(bin) == 9)
    }

    @Test func aBottleOnAStringEarnsOnce() throws {
        var bin = try self.opened()
        for _ in 0..<10 {
            try bin.send(.pieces(compartment: bin.pet, 1))
            try bin.drop(25, bin.pet)
            try bin.send(.pieces(compartment: bin.pet, 1))
            try bin.drop(-25, bin.pet)
        }
        try bin.tap(bin.resident)
        try bin.settle()
        #expect(self.paid(bin) == 0)
        #expect(bin.orders.map(\.value) == [.zero])
    }

    /// A hand waves in the beam, 200 g go in and 190 g come out, again and again.
    @Test func takingOutNearlyEverythingTakesNearlyAllPiecesBack() throws {
        var bin = try self.opened()
        for _ in 0..<5 {
            try bin.send(.pieces(compartment: bin.pet, 40))
            try bin.drop(200, bin.pet)
            try bin.drop(-190, bin.pet)
        }
        try bin.tap(bin.resident)
        try bin.settle()
        #expect(bin.orders.first?.mass == Grams(50))
        #expect(self.paid(bin) <= 50 / 5)
    }

    @Test func whatRoundingHidesIsAllowedForOnceAnOrder() throws {
        var bin = try self.opened(50)
        for _ in 0..<4 {
            try bin.send(.pieces(compartment: bin.pet, 100))
            try bin.drop(50, bin.pet)
        }
        try bin.tap(bin.resident)
        try bin.settle()
        #expect(bin.orders.first?.mass == Grams(200))
        #expect(self.paid(bin) <= (200 + 49) / 5)
    }

    @Test func whatIsTooLightToBeWeighedIsNotPaidOverAndOver() throws {
        var bin = try self.opened(10)
        for _ in 0..<5 {
            try bin.send(.pieces(compartment: bin.pet, 1))
            try bin.drop(9, bin.pet)
            try bin.wait(2_000)
            try bin.tap(bin.resident)
            try bin.settle()
            try bin.wait(2_000)
            try bin.tap(bin.resident)
            try bin.drop(-9, bin.pet)
        }
        #expect(self.paid(bin) == 0)
    }

    @Test func fullCompartmentsAreWeighedAndPaid() throws {
        var bin = try BinBench()
        try bin.settle()
        try bin.send(.filled(compartment: bin.pet, isFull: true))
        try bin.tap(bin.resident)
        #expect(bin.view.compartments.map(\.isFull) == [false, true])
        #expect(bin.view.compartments.map(\.isUnlocked) == [true, false])
        try bin.drop(100, bin.pet)
        #expect(bin.deposits.map(\.value) == [MicroYuan(280_000)])
        try bin.send(.filled(compartment: bin.pet, isFull: false))
        #expect(bin.view.compartments.map(\.isUnlocked) == [true, true])
    }
}
