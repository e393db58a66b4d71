import BinCore
import Records
import Simulation
import Testing

/// Random days at a bin with load cells that ring, creep, drift and are blown at: what the records
/// add up to is what truly lies there.
@Suite struct MassBalanceTests {
    @Test(
        "days of drops, removals, weather and restarts: the records hold the true load",
        arguments: 1...4 as ClosedRange<UInt64>)
    func holds(seed: UInt64) throws {
        var bin = try PhysicsBench(seed: seed, idleMs: 20_000)
        var dice = SeededRandom(seed: seed).branch("people")
        for _ in 0..<3 {
            for _ in 0..<12 {
                try self.happen(at: &bin, &dice)
                try bin.wait(Int64.random(in: 0...12_000, using: &dice))
            }
            bin.celsiusPerHour = Double.random(in: -2...2, using: &dice)
            try bin.pass(Int64.random(in: 3_600_000...28_800_000, using: &dice))
            bin.celsiusPerHour = 0
        }
        for name in [bin.pet, bin.film] {
            bin.blow(0, name)
            bin.press(.zero, name)
        }
        try bin.wait(60_000)
        #expect(bin.laws.openOrders.isEmpty, "seed \(seed)")
        for name in [bin.pet, bin.film] { try self.check(bin, name, seed) }
    }

    private func happen(at bin: inout PhysicsBench, _ dice: inout SeededRandom) throws {
        let name = Bool.random(using: &dice) ? bin.pet : bin.film
        let mass = Milligrams(Int64.random(in: 1_000...1_200_000, using: &dice))
        switch Int.random(in: 0..<14, using: &dice) {
        case 0...2: try bin.tap(Bool.random(using: &dice) ? bin.resident : bin.neighbour)
        case 3...6: bin.put(mass, name)
        case 7, 8: bin.put(.zero - mass, name)
        case 9: bin.slam(grams(2_000), name)
        case 10: bin.blow(Double.random(in: 0...3, using: &dice), name)
        case 11: bin.restart(mayCredit: Bool.random(using: &dice))
        case 12: try bin.tap(bin.collector)
        default: bin.blow(0, name)
        }
    }

    private func check(_ bin: PhysicsBench, _ name: Name, _ seed: UInt64) throws {
        let place = try #require(bin.places[name])
        let away = (bin.level(name).milligrams - place.load).magnitude
        let most = place.rules.limits.division.milligrams + bin.allowance(name)
        #expect(away <= most, "seed \(seed): \(name) is \(away.value) mg off, and \(most.value)")
        #expect(bin.sum(name) == bin.level(name), "seed \(seed)")
    }

    @Test(
        "an order earns what was left in it: a division per deposit, and no more either way",
        arguments: 1...4 as ClosedRange<UInt64>)
    func isFair(seed: UInt64) throws {
        var bin = try PhysicsBench(seed: seed, idleMs: 60_000)
        var dice = SeededRandom(seed: seed).branch("people")
        for name in [bin.pet, bin.film] { try bin.drop(4_000, name) }
        try bin.wait(12_000)
        for number in 1...8 {
            bin.celsiusPerHour = Double.random(in: -2...2, using: &dice)
            try bin.pass(Int64.random(in: 600_000...7_200_000, using: &dice))
            try bin.tap(bin.resident)
            var left = [bin.pet: Milligrams.zero, bin.film: .zero]
            let before = bin.deposits.count
            for _ in 0..<Int.random(in: 1...5, using: &dice) {
                let name = Bool.random(using: &dice) ? bin.pet : bin.film
                let least = left[name] == .zero ? 0 : -(left[name]?.value ?? 0) / 2
                let mass = Milligrams(Int64.random(in: least...900_000, using: &dice))
                left[name] = (left[name] ?? .zero) + bin.put(mass, name)
                try bin.wait(Int64.random(in: 300...3_500, using: &dice))
            }
            try bin.wait(3_000)
            try bin.tap(bin.resident)
            try bin.wait(BinRules.settleMs)
            try #require(bin.orders.count == number, "seed \(seed)")
            for (name, mass) in left {
                let place = try #require(bin.places[name])
                let deposits = bin.deposits.dropFirst(before).filter { $0.compartment == name }
                let earned = deposits.reduce(Grams.zero) { $0 + $1.mass }.milligrams
                let division = place.rules.limits.division.milligrams.value
                let most = division * Int64(deposits.count + 1)
                #expect(
                    (earned - mass).magnitude.value <= most,
                    "seed \(seed), order \(number): \(earned.value) mg earned, \(mass.value) left")
            }
        }
    }
}
