import BinCore
import Simulation
import Testing

@Suite struct PileTests {
    @Test func aPourArrivesEvenlyAndExactly() throws {
        var pile = Pile()
        try pile.add(Milligrams(1001), overMs: 2000, at: ms(100))
        #expect(pile.mass(at: ms(100)) == .zero)
        #expect(pile.mass(at: ms(1100)) == Milligrams(500))
        #expect(pile.mass(at: ms(2099)) < Milligrams(1001))
        #expect(!pile.isAtRest(at: ms(2099)))
        #expect(pile.mass(at: ms(2100)) == Milligrams(1001))
        #expect(pile.isAtRest(at: ms(2100)))
    }

    @Test func whatWasPutMinusWhatWasTakenIsThere() {
        var random = SeededRandom(seed: 11)
        var pile = Pile()
        var expected: Int64 = 0
        var now: Int64 = 0
        for _ in 0..<2_000 {
            let mass = Int64.random(in: -5_000_000...6_000_000, using: &random)
            let overMs = Bool.random(using: &random) ? Int64.random(in: 1...9, using: &random) : 0
            do throws(Pile.Refusal) {
                try pile.add(Milligrams(mass), overMs: overMs, at: ms(now))
                expected += mass
            } catch {
                #expect(error == .belowNothing && mass < 0)
            }
            #expect(pile.final == Milligrams(expected))
            #expect(pile.mass(at: ms(now)) >= .zero)
            now += Int64.random(in: 0...20, using: &random)
        }
        #expect(pile.mass(at: ms(now + 100)) == Milligrams(expected))
        #expect(pile.empty(at: ms(now + 100)) == Milligrams(expected))
        #expect(pile.final == .zero)
    }

    @Test func moreThanIsThereOrThanALimitIsRefused() throws {
        var pile = Pile(grams(100))
        #expect(throws: Pile.Refusal.belowNothing) {
            try pile.add(Milligrams(-100_001), overMs: 0, at: ms(0))
        }
        try pile.add(grams(-100), overMs: 0, at: ms(0))
        for mass in [Pile.limit.value + 1, .max] {
            #expect(throws: Pile.Refusal.aboveLimit) {
                try pile.add(Milligrams(mass), overMs: 0, at: ms(0))
            }
        }
        try pile.add(Pile.limit, overMs: 5, at: ms(0))
    }

    @Test func whatIsStillBeingPouredInCantBeTaken() throws {
        var pile = Pile(grams(10))
        try pile.add(grams(100), overMs: 1000, at: ms(0))
        try pile.add(grams(-10), overMs: 5000, at: ms(0))
        #expect(throws: Pile.Refusal.belowNothing) {
            try pile.add(grams(-51), overMs: 0, at: ms(500))
        }
        try pile.add(grams(-50), overMs: 0, at: ms(500))
        #expect(pile.available(at: ms(500)) == .zero)
        #expect(pile.final == grams(50))
    }

    @Test func poursAreBounded() throws {
        var pile = Pile()
        for _ in 0..<Pile.poursMax { try pile.add(grams(1), overMs: 10, at: ms(0)) }
        #expect(throws: Pile.Refusal.tooManyPours) {
            try pile.add(grams(1), overMs: 10, at: ms(0))
        }
        try pile.add(grams(1), overMs: 10, at: ms(10))
    }
}
