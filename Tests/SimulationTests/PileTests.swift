import BinCore
import Simulation
import Testing

@Suite struct PileTests {
    @Test func aPourArrivesEvenlyAndExactly() {
        var pile = Pile()
        #expect(pile.add(Milligrams(1001), overMs: 2000, at: ms(100)) == true)
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
            if pile.add(Milligrams(mass), overMs: overMs, at: ms(now)) { expected += mass }
            #expect(pile.final == Milligrams(expected))
            #expect(expected >= 0)
            now += Int64.random(in: 0...20, using: &random)
        }
        #expect(pile.mass(at: ms(now + 100)) == Milligrams(expected))
        #expect(pile.empty(at: ms(now + 100)) == Milligrams(expected))
        #expect(pile.final == .zero)
    }

    @Test func moreThanIsThereOrThanALimitIsRefused() {
        var pile = Pile(grams(100))
        #expect(pile.add(Milligrams(-100_001), overMs: 0, at: ms(0)) == false)
        #expect(pile.add(grams(-100), overMs: 0, at: ms(0)) == true)
        #expect(pile.add(Milligrams(Pile.limit.value + 1), overMs: 0, at: ms(0)) == false)
        #expect(pile.add(Milligrams(.max), overMs: 0, at: ms(0)) == false)
        #expect(pile.add(Pile.limit, overMs: 5, at: ms(0)) == true)
    }

    @Test func poursAreBounded() {
        var pile = Pile()
        for _ in 0..<Pile.poursMax { #expect(pile.add(grams(1), overMs: 10, at: ms(0)) == true) }
        #expect(pile.add(grams(1), overMs: 10, at: ms(0)) == false)
        #expect(pile.add(grams(1), overMs: 10, at: ms(10)) == true)
    }
}
