import BinCore
import Records
import Testing

/// A small generator (SplitMix64, Steele, Lea and Flood 2014), so that a failing seed can be run
/// again.
private struct Dice {
    var state: UInt64

    mutating func roll(_ sides: UInt64) -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return (z ^ (z >> 31)) % sides
    }

    /// A scale at rest, or one that hops within a division: at rest, and never steady.
    mutating func hops() -> [Int64] {
        let high = Int64(self.roll(6)) * 1_000
        return [[0], [0, 0, high, high], [0, -high], [0, high, high, 0], [0, 0, -high]][
            Int(self.roll(5))]
    }
}

@Suite struct ConservationTests {

    @Test(
        "whatever residents do and whenever the daemon dies, every gram is explained",
        arguments: 1...400 as ClosedRange<UInt64>)
    func holds(seed: UInt64) throws {
        var dice = Dice(state: seed)
        // Every fourth one has a converter, whose zero is tracked.
        let isConverter = seed % 4 == 0
        var bin = try BinBench(
            idleMs: 20_000, converter: isConverter ? { 5_000 + 20 * $0 } : nil)
        if isConverter { try bin.calibrate() }
        let people = [bin.resident, bin.neighbour, try card("uid:04C0FFEE")]
        bin.put(3_000, bin.pet)
        try bin.settle()
        for _ in 0..<40 {
            let compartment = dice.roll(2) == 0 ? bin.pet : bin.film
            switch dice.roll(14) {
            case 0...2: try bin.tap(people[Int(dice.roll(2))])
            case 3...5: bin.put(Int64(dice.roll(1_500)), compartment)
            case 6, 7:
                let present = (bin.loads[compartment] ?? 0) / 1000
                bin.put(-Int64(dice.roll(UInt64(max(1, present)))), compartment)
            case 8: bin.loads[compartment, default: 0] += Int64(dice.roll(9_000)) - 4_500
            case 9: bin.restart(mayCredit: dice.roll(2) == 0, afterMs: Int64(dice.roll(5_000)))
            case 10: try bin.tap(people[2], role: .collector)
            case 11: bin.shaking[compartment] = dice.hops()
            case 12:
                bin.shaking = [:]
                try bin.wait(60_000)
                try self.check(bin, seed)
            default: try bin.wait(Int64(dice.roll(25_000)))
            }
            if dice.roll(3) > 0 { try bin.wait(Int64(dice.roll(4_000))) }
        }
        bin.shaking = [:]
        try bin.wait(60_000)
        try self.check(bin, seed)
    }

    private func check(_ bin: BinBench, _ seed: UInt64) throws {
        #expect(bin.laws.openOrders.isEmpty, "seed \(seed)")
        #expect(bin.orders.allSatisfy { $0.value >= .zero && $0.mass >= .zero }, "seed \(seed)")
        for compartment in [bin.pet, bin.film] {
            let level = (bin.fold.memory.compartments[compartment]?.level ?? .zero).value * 1000
            let away = abs(level - (bin.loads[compartment] ?? 0))
            #expect(away <= 5_000, "seed \(seed): \(compartment) is \(away) mg off its load")
        }
    }

    @Test(
        "within an order nobody earns more than what they left in, nor less",
        arguments: 1...200 as ClosedRange<UInt64>)
    func isFair(seed: UInt64) throws {
        var dice = Dice(state: seed &* 7919)
        var bin = try BinBench(idleMs: 60_000)
        bin.put(20_000, bin.pet)
        try bin.settle()
        bin.shaking[bin.pet] = dice.hops()
        try bin.settle()
        try bin.tap(bin.resident)
        var left: Int64 = 0
        for _ in 0..<20 {
            let grams = Int64(dice.roll(1_200)) - 600
            left += grams
            bin.put(grams, bin.pet)
            if dice.roll(4) == 0 { bin.shaking[bin.pet] = dice.hops() }
            try bin.wait(dice.roll(3) == 0 ? 400 : 2_000)
        }
        bin.shaking = [:]
        try bin.settle()
        // Somebody leans on the bin until the order is over.
        let isLeaning = dice.roll(3) == 0
        if isLeaning {
            bin.put(Int64(dice.roll(9_000)), bin.pet)
            bin.shaking[bin.pet] = [0, 400_000, -300_000, 100_000]
            try bin.wait(2_000)
        }
        try bin.tap(bin.resident)
        try isLeaning ? bin.wait(bin.rules.idleMs + 10_000) : bin.settle()
        let order = try #require(bin.orders.first)
        let earned = order.value.value / 2800
        let slack = 5 * (order.deposits + 1)
        #expect(earned <= max(0, left) + slack, "seed \(seed): earned \(earned) g, left \(left) g")
        #expect(earned >= left - slack, "seed \(seed): earned \(earned) g, left \(left) g")
    }
}
