import BinCore
import Records

/// A cut of a story, or of a recovery.
struct Cut: Sendable {
    /// How many cuts came before it.
    var depth: Int
    var operations: Int
    var seed: UInt64
}

/// How the bin goes dark, and what happens until it starts again.
struct Dark: Sendable {
    private enum Kind {
        /// The power is cut; nobody has set the clock at the next start.
        case power
        /// The power is cut for a second; the clock is right at once.
        case blink
        /// Only the process dies.
        case killed
    }

    private let kind: Kind
    /// What a passer-by does to the bin in the dark, grams.
    private let change: Int64

    init(_ dice: inout Dice) {
        self.kind = dice.pick([.power, .power, .power, .power, .blink, .blink, .killed])
        self.change = self.kind == .power ? Int64(dice.pick([0, 0, 430, -220, 4])) : 0
    }

    func pass(_ world: inout World, at scene: Scene, _ dice: inout Dice) {
        switch self.kind {
        case .power: world.nowMs += Int64(1 + dice.roll(30)) * 60_000
        case .blink, .killed: world.nowMs += 1_000
        }
        let compartment = dice.pick(scene.compartments)
        let load = world.loads[compartment] ?? 0
        world.loads[compartment] = max(0, load + self.change * 1000)
    }

    func files(_ medium: Medium, seed: UInt64) -> CrashDisk.Files {
        switch self.kind {
        case .power, .blink:
            var survival = Survival(seed: seed)
            return medium.remains(&survival)
        case .killed: return medium.everything()
        }
    }

    func start(_ world: World, _ cut: Cut) -> DiskBin.Start {
        DiskBin.Start(
            bootID: "after \(cut.depth) \(cut.operations) \(cut.seed)",
            isClockSet: self.kind != .power, machineStartedMs: world.nowMs - 20_000)
    }
}

/// What a start made of what was left.
struct Recovery {
    let disk: CrashDisk
    /// How many operations it took.
    let operations: Int
    let history: History
    /// How many records it found.
    let from: RecordNumber
    /// It found an order open, and weight could still be credited to it.
    let mayCredit: Bool
    let hadOrder: Bool

    /// However often a recovery is cut, the weights and orders that it records are the same.
    func check(against first: Recovery) throws {
        // Time goes by between the cuts: after too much of it weight may not be credited any more.
        guard !self.hadOrder || self.mayCredit == first.mayCredit else { return }
        let (mine, its) = (
            self.history.outcome(after: first.from), first.history.outcome(after: first.from)
        )
        guard mine == its else {
            throw Finding("cut once it records \(its), cut again \(mine)")
        }
    }
}
