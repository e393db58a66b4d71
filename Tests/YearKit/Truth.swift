import BinCore

/// What is true at the bin, whatever any journal says. All masses in milligrams.
struct Truth {
    static let dayMs: Int64 = 86_400_000
    /// When the story begins: 2026-12-01T00:00:00Z.
    static let beginsMs: Int64 = 1_796_083_200_000
    /// Highest less lowest of what a scale at rest shows.
    private static let noise = 1_000
    /// How far the temperature of a day, and of a year, moves a scale's zero.
    private static let dayDrift: Int64 = 3_000
    private static let yearDrift: Int64 = 2_000
    /// A loaded cell creeps by 1/5000 of its load (OIML R 60 allows class C3 about so much in half
    /// an hour), half of it in `creepMs`.
    private static let creepShare: Int64 = 5_000
    private static let creepMs: Int64 = 600_000
    /// How far moving the bin tilts a scale's zero.
    static let tilt: Int64 = 4_000
    /// How far all of it together can move a scale that holds 30 kg.
    static let mostDrift = Self.dayDrift + Self.yearDrift + 30_000_000 / Self.creepShare + Self.tilt

    /// One compartment.
    struct Load {
        /// What lies in it.
        var mass: Int64 = 0
        var creep: Int64 = 0
        var tilt: Int64 = 0
        /// The scale doesn't answer.
        var isSilent = false
        /// Somebody leans on it, or shakes it: readings are anywhere within this.
        var shaking: Int64 = 0
    }

    /// Since the story began.
    private(set) var nowMs: Int64 = 0
    var loads = [Load(), Load()]
    /// What rains into each compartment, per second.
    var rain: Int64 = 0

    mutating func pass(_ ms: Int64) {
        self.nowMs += ms
        for index in self.loads.indices {
            self.loads[index].mass += self.rain * ms / 1000
            let target = self.loads[index].mass / Self.creepShare
            self.loads[index].creep +=
                (target - self.loads[index].creep) * ms / (ms + Self.creepMs)
        }
    }

    /// How far a scale at rest is from what lies in it.
    func drift(of index: Int) -> Int64 {
        Self.wave(self.nowMs, period: Self.dayMs, height: Self.dayDrift)
            + Self.wave(self.nowMs, period: 365 * Self.dayMs, height: Self.yearDrift)
            + self.loads[index].creep + self.loads[index].tilt
    }

    /// A triangle between -height and height.
    private static func wave(_ ms: Int64, period: Int64, height: Int64) -> Int64 {
        let phase = ms % period * 4 * height / period
        return phase <= 2 * height ? phase - height : 3 * height - phase
    }

    /// The next reading of a scale.
    func reading(of index: Int, _ chance: Int) -> Int64 {
        let load = self.loads[index]
        let noise = Int64(chance % (Self.noise + 1)) - Int64(Self.noise / 2)
        let shake = load.shaking == 0 ? 0 : Int64(chance) % load.shaking - load.shaking / 2
        return load.mass + self.drift(of: index) + noise + shake
    }

    var wall: WallTime { WallTime(millisecondsSince1970: Self.beginsMs + self.nowMs) }
}

/// What one card's holder did at the bin, milligrams.
struct Person {
    /// Put in while it was their turn, less what they took out; by order and compartment never
    /// below zero at its end. That may be paid.
    var net: Int64 = 0
    /// The same, never below zero at any time: what the deposits of the order must add up to.
    var recorded: Int64 = 0
    /// Of `recorded`, what may not be credited: the power failed meanwhile.
    var doubt: Int64 = 0
}

/// Somebody at the bin whom it serves.
struct Visit {
    let card: CardNumber
    /// Put in less taken out, by compartment; and what the order's deposits must add up to.
    private(set) var put: [Int64] = [0, 0]
    private(set) var recorded: [Int64] = [0, 0]

    init(card: CardNumber) { self.card = card }

    mutating func move(_ change: Int64, in index: Int) {
        self.put[index] += change
        self.recorded[index] = max(0, self.recorded[index] + change)
    }
}
