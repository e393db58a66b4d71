import BinCore
import Simulation
import Testing

/// What comes of everything that people, doors and weather do to real load cells, with a
/// transmitter (5 g) and with a converter (10 g).
@Suite struct SituationTests {
    private static let seeds: ClosedRange<UInt64> = 1...2

    private func opened(_ seed: UInt64) throws -> PhysicsBench {
        var bin = try PhysicsBench(seed: seed)
        for name in [bin.pet, bin.film] { try bin.drop(2_000, name) }
        try bin.wait(15_000)
        try bin.tap(bin.resident)
        return bin
    }

    /// Ends the order and returns what each compartment earned.
    private func settled(_ bin: inout PhysicsBench) throws -> [Name: Int64] {
        try bin.wait(3_000)
        try bin.tap(bin.resident)
        try bin.wait(BinRules.settleMs)
        try #require(bin.orders.count == 1)
        var earned = [bin.pet: Int64(0), bin.film: 0]
        for deposit in bin.deposits { earned[deposit.compartment]? += deposit.mass.value }
        return earned
    }

    private func expect(
        _ grams: Int64, _ earned: [Name: Int64], _ bin: PhysicsBench, divisions: Int64 = 1,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for (name, mass) in earned {
            let division = bin.places[name]?.rules.limits.division.value ?? 0
            #expect(
                abs(mass - grams) <= division * divisions, "\(name) earned \(mass) g",
                sourceLocation: sourceLocation)
        }
    }

    private func both(_ bin: PhysicsBench) -> [Name] { [bin.pet, bin.film] }

    @Test("a slow pour is paid whole", arguments: Self.seeds, [3, 40] as [Int64])
    func slowPour(seed: UInt64, gramsASecond: Int64) throws {
        var bin = try self.opened(seed)
        for _ in 0..<300 {
            for name in self.both(bin) { bin.put(Milligrams(gramsASecond * 100), name) }
            try bin.wait(100)
        }
        let earned = try self.settled(&bin)
        self.expect(gramsASecond * 30, earned, bin)
        // What comes last may be less than the scale's minimum.
        #expect(
            bin.deposits.dropLast(2).allSatisfy { $0.flags.subtracting([.noFactor]).isEmpty })
    }

    @Test("many small drops are paid whole", arguments: Self.seeds, [4, 17] as [Int64])
    func smallDrops(seed: UInt64, mass: Int64) throws {
        var bin = try self.opened(seed)
        for _ in 0..<40 {
            for name in self.both(bin) { bin.put(grams(mass), name) }
            try bin.wait(1_500)
        }
        self.expect(mass * 40, try self.settled(&bin), bin)
    }

    /// A hand trembles by a few percent of what it presses with, ten times a second.
    @Test("leaning on the bin earns nothing", arguments: Self.seeds)
    func leaning(seed: UInt64) throws {
        var bin = try self.opened(seed)
        var dice = SeededRandom(seed: seed)
        for step in 0..<80 {
            let share = Double(min(step, 10, 79 - step)) / 10
            let tremor = 1 + 0.03 * dice.gaussian()
            for name in self.both(bin) {
                bin.press(Milligrams(Int64(9_000_000 * share * tremor)), name)
            }
            try bin.wait(100)
        }
        for name in self.both(bin) { bin.press(.zero, name) }
        self.expect(0, try self.settled(&bin), bin, divisions: 0)
        #expect(bin.deposits.isEmpty)
    }

    @Test("wind delays a deposit and changes nothing", arguments: Self.seeds)
    func wind(seed: UInt64) throws {
        var bin = try self.opened(seed)
        for name in self.both(bin) {
            bin.blow(6, name)
            bin.put(grams(400), name)
        }
        try bin.wait(20_000)
        for name in self.both(bin) { bin.blow(0, name) }
        self.expect(400, try self.settled(&bin), bin)
    }

    /// What the wind presses with for a whole second can't be told from a load: it is recorded, and
    /// earns nothing. A calm second before that pays all.
    @Test("wind without end pays what a calm second shows or nothing", arguments: Self.seeds)
    func windWithoutEnd(seed: UInt64) throws {
        var bin = try self.opened(seed)
        for name in self.both(bin) {
            bin.blow(6, name)
            bin.put(grams(400), name)
        }
        try bin.wait(3_000)
        try bin.tap(bin.resident)
        try bin.wait(bin.rules.idleMs + BinRules.settleMs)
        #expect(bin.orders.count == 1)
        for deposit in bin.deposits {
            if deposit.flags.contains(.unstable) {
                #expect(deposit.value == .zero && deposit.co2e == .zero)
            } else {
                let away = (deposit.mass - Grams(400)).value.magnitude
                #expect(away <= deposit.division.value)
            }
        }
        for name in self.both(bin) { bin.blow(0, name) }
        try bin.wait(25_000)
        for name in self.both(bin) {
            let place = try #require(bin.places[name])
            let away = (bin.level(name).milligrams - place.load).magnitude
            #expect(
                away <= place.rules.limits.division.milligrams + bin.allowance(name),
                "\(name) is \(away.value) mg off")
        }
    }

    @Test("a door that slams is no weight, in an order or out of it", arguments: Self.seeds)
    func slam(seed: UInt64) throws {
        var bin = try self.opened(seed)
        let records = bin.facts.count
        for _ in 0..<6 {
            for name in self.both(bin) { bin.slam(grams(3_000), name) }
            try bin.wait(2_300)
        }
        #expect(bin.facts.count == records)
        self.expect(0, try self.settled(&bin), bin, divisions: 0)
        let after = bin.facts.count
        for name in self.both(bin) { bin.slam(grams(3_000), name) }
        try bin.wait(20_000)
        #expect(bin.facts.count == after)
    }

    @Test("what is taken out again is paid back", arguments: Self.seeds)
    func removal(seed: UInt64) throws {
        var bin = try self.opened(seed)
        for name in self.both(bin) { try bin.drop(700, name) }
        for name in self.both(bin) { try bin.drop(-700, name) }
        self.expect(0, try self.settled(&bin), bin)
        #expect(bin.unattributed.allSatisfy { $0.cause != .removal })
        #expect(try #require(bin.orders.first).value >= .zero)
    }

    @Test("two compartments at once are two deposits", arguments: Self.seeds)
    func twoAtOnce(seed: UInt64) throws {
        var bin = try self.opened(seed)
        for name in self.both(bin) { bin.put(grams(650), name) }
        self.expect(650, try self.settled(&bin), bin)
        #expect(Set(bin.deposits.map(\.compartment)) == [bin.pet, bin.film])
    }

    @Test("a drop while another settles is paid with it", arguments: Self.seeds)
    func whileSettling(seed: UInt64) throws {
        var bin = try self.opened(seed)
        for delay in [300, 700] as [Int64] {
            for name in self.both(bin) { bin.put(grams(300), name) }
            try bin.wait(delay)
        }
        for name in self.both(bin) { bin.put(grams(300), name) }
        self.expect(900, try self.settled(&bin), bin)
    }

    /// 8 °C in an hour, while nobody comes: the zero of the converter's empty scale follows, and a
    /// drop is worth what it weighs.
    @Test("an empty scale follows the temperature", arguments: Self.seeds)
    func zeroTracking(seed: UInt64) throws {
        var bin = try PhysicsBench(seed: seed)
        bin.celsiusPerHour = 8
        for _ in 0..<120 {
            try bin.pass(22_000)
            try bin.wait(8_000)
        }
        bin.celsiusPerHour = 0
        #expect(bin.level(bin.film) == .zero)
        try bin.tap(bin.resident)
        for name in self.both(bin) { bin.put(grams(500), name) }
        self.expect(500, try self.settled(&bin), bin)
        try bin.wait(15_000)
        let away = (bin.level(bin.film).milligrams - grams(500)).magnitude
        #expect(away <= grams(10), "the film is \(away.value) mg off")
    }

    /// Half a division of dirt, which a technician calls zero: at any later load it is gone.
    @Test("a technician's zero takes dirt away", arguments: Self.seeds)
    func semiAutomaticZero(seed: UInt64) throws {
        var bin = try PhysicsBench(seed: seed)
        bin.put(grams(300), bin.film)
        try bin.wait(3_000)
        try bin.calibrate(.zero)
        try bin.pass(BinRules.serviceMs + 60_000)
        #expect(bin.level(bin.film) == .zero)
        try bin.tap(bin.resident)
        for name in self.both(bin) { bin.put(grams(500), name) }
        self.expect(500, try self.settled(&bin), bin)
    }
}
