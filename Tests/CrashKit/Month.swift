import BinCore
import Records

/// A bin's days, from a seed: residents who drop, take out again and leave, passers-by, a
/// collector, refused cards, bulletins, acknowledgements, faults, and the daemon and the machine
/// starting again.
package struct Month {
    private static let dayMs: Int64 = 86_400_000
    private static let retainDays = 5

    private var bin: DiskBin
    private let scene: Scene
    private var dice: Dice
    /// Counts starts of the machine.
    private var boots = 0
    private var versions: [BulletinKind: Int64] = [:]

    /// How a story begins.
    package enum Beginning: CaseIterable, Sendable {
        /// On an empty disk.
        case new
        /// On a database that lost a sector; its daemon had ended in order.
        case damaged
        /// The same on a medium that knows no second names.
        case damagedWithoutLinks
        /// The database was deleted after the process had died.
        case gone
        /// An older copy of the database was put back, and the file beside it wasn't.
        case older

        package static let losses: [Beginning] = [.damaged, .damagedWithoutLinks, .gone, .older]
    }

    private static let daysBefore = 3

    /// Plays `days` days and returns the bin as it stands then.
    package static func play(
        _ beginning: Beginning = .new, days: Int, seed: UInt64, at site: Site
    ) async throws -> DiskBin {
        var month = Month(
            bin: DiskBin(
                at: site, on: try CrashDisk(), history: History(of: site.scene.device),
                world: World()),
            scene: site.scene, dice: Dice(seed: seed))
        try await month.powerOn(isClockSet: true)
        let first = beginning == .new ? 0 : Self.daysBefore
        for day in 0..<first { try await month.play(day: day) }
        if beginning != .new { try await month.lose(beginning, on: first, at: site) }
        for day in first..<first + days { try await month.play(day: day) }
        return month.bin
    }

    private init(bin: DiskBin, scene: Scene, dice: Dice) {
        (self.bin, self.scene, self.dice) = (bin, scene, dice)
    }

    private mutating func play(day: Int) async throws {
        let midnight = Int64(day) * Self.dayMs
        if day % 7 == 0 { try await self.publish() }
        for visit in 0..<(2 + self.dice.roll(3)) {
            let hour = midnight + Int64(7 + visit * 3) * 3_600_000
            let time = hour + Int64(self.dice.roll(3_000_000))
            self.bin.pass(max(1_000, time - self.bin.world.nowMs))
            try await self.bin.wait(2_000)
            try await self.visit()
        }
        if day % 4 == 1 { try await self.crowd() }
        if self.dice.chance(60) { try await self.bin.acknowledge() }
        if day % 6 == 4 { try await self.bin.tidy(olderThan: Self.retainDays) }
        switch day % 10 {
        case 3: try await self.restart()
        case 4: try await self.runShort()
        case 5: try await self.stopAndStart()
        case 6: try await self.collect()
        case 8: try await self.loseAndGetBackPower()
        default: break
        }
    }

    // MARK: People

    private mutating func visit() async throws {
        switch self.dice.roll(12) {
        case 0: try await self.bin.tap(self.scene.blocked)
        case 1: try await self.strangerComes()
        case 2: try await self.somebodyWithoutACard()
        case 3: try await self.scaleFails()
        default: try await self.order()
        }
        try await self.bin.wait(Int64(self.dice.roll(4)) * 1_000)
    }

    private mutating func order() async throws {
        var card = self.dice.pick(self.scene.residents)
        try await self.bin.tap(card)
        for _ in 0...self.dice.roll(3) {
            try await self.drop(by: card)
            if self.dice.chance(12) {
                // The next one doesn't wait until the first is done.
                card = self.dice.pick(self.scene.residents.filter { $0 != card })
                try await self.bin.tap(card)
                try await self.bin.wait(6_000)
            }
        }
        if self.dice.chance(65) {
            try await self.bin.tap(card)
            try await self.bin.wait(2_000)
        } else {
            try await self.bin.wait(36_000)
        }
    }

    /// From crumbs below the division to bags, at rest or not when it goes on.
    private mutating func drop(by card: CardNumber) async throws {
        let compartment = self.dice.pick(self.scene.compartments)
        let grams = self.dice.pick([2, 4, 12, 19, 60, 250, 700]) + self.dice.roll(50)
        let mass = Int64(grams * 1000 + self.dice.roll(1000))
        self.bin.put(mass, into: compartment, by: card)
        try await self.bin.wait(self.dice.pick([500, 1_500, 2_000, 2_500]))
        guard self.dice.chance(20) else { return }
        // Takes half of it out again, all, or more than that.
        let percent = self.dice.pick([50, 100, 200] as [Int64])
        self.bin.put(-mass * percent / 100, into: compartment)
        try await self.bin.wait(self.dice.pick([500, 2_000]))
    }

    /// A card that no list holds: served or refused, by the policy.
    private mutating func strangerComes() async throws {
        let card = self.scene.stranger
        try await self.bin.tap(card)
        try await self.drop(by: card)
        try await self.bin.wait(2_000)
        try await self.bin.tap(card)
        try await self.bin.wait(2_000)
    }

    private mutating func somebodyWithoutACard() async throws {
        let compartment = self.dice.pick(self.scene.compartments)
        self.bin.put(self.dice.pick([3_000, 240_000, -150_000, -9_000_000]), into: compartment)
        try await self.bin.wait(2_500)
    }

    private mutating func collect() async throws {
        try await self.bin.wait(2_000)
        try await self.bin.tap(self.scene.collector)
        for compartment in self.scene.compartments {
            self.bin.put(-(self.bin.world.loads[compartment] ?? 0), into: compartment)
            try await self.bin.wait(2_000)
        }
        try await self.bin.tap(self.scene.collector)
        try await self.bin.wait(2_000)
    }

    private mutating func scaleFails() async throws {
        let scale = self.dice.pick(self.scene.compartments)
        let fault = FaultFact(source: "scale \(scale)", code: "timeout", detail: "no answer")
        self.bin.silent.insert(scale)
        try await self.bin.tell(.failed(fault, at: self.bin.now))
        try await self.bin.wait(3_000)
        self.bin.silent.remove(scale)
        try await self.bin.tell(.restored(fault, at: self.bin.now))
        try await self.bin.wait(2_000)
    }

    /// A school class tries what happens with cards that were blocked.
    private mutating func crowd() async throws {
        for _ in 0..<60 {
            try await self.bin.tap(self.scene.blocked)
            self.bin.pass(1_000)
        }
    }

    /// The medium has no room for an order for a while, and is tried.
    private mutating func runShort() async throws {
        self.bin.mayRefuse = true
        self.bin.disk.freeBytes = 1 << 20
        try await self.bin.wait(3_000)
        try await self.bin.tap(self.scene.residents[0])
        try await self.bin.wait(1_000)
        self.bin.disk.freeBytes = 1 << 40
        try await self.bin.probe()
        try await self.bin.wait(3_000)
        self.bin.mayRefuse = false
    }

    // MARK: The hub

    private mutating func publish() async throws {
        let price = Int64(2_000 + self.dice.roll(1_000))
        try await self.adopt(.tariff, ["prices": ["pet-bottle": .integer(price), "pe-film": 900]])
        if self.versions[.cards] == nil {
            try await self.adopt(.carbon, ["factors": ["pet-bottle": 1164]])
            try await self.adopt(.cards, self.scene.cards)
        } else {
            try await self.adopt(
                .policy,
                [
                    "unknown-cards": .string(self.dice.pick(["accept", "refuse"])),
                    "minimum-mass": 10, "daily-limit": 3_000,
                ])
        }
    }

    private mutating func adopt(_ kind: BulletinKind, _ body: JSONValue) async throws {
        let version = (self.versions[kind] ?? 0) + 1
        self.versions[kind] = version
        try await self.bin.adopt(try self.scene.bulletin(kind, version, body))
    }

    // MARK: Starts

    private mutating func powerOn(isClockSet: Bool) async throws {
        self.boots += 1
        try await self.open(
            DiskBin.Start(
                bootID: "month-\(self.boots)", isClockSet: isClockSet,
                machineStartedMs: self.bin.world.nowMs))
    }

    private mutating func open(_ start: DiskBin.Start) async throws {
        _ = try await self.bin.open(start)
        try await self.bin.begin()
    }

    /// The daemon is killed in the middle of an order and started again at once.
    private mutating func restart() async throws {
        let card = self.dice.pick(self.scene.residents)
        try await self.bin.tap(card)
        try await self.drop(by: card)
        self.bin.kill()
        self.bin.pass(1_000)
        try await self.open(self.bin.start)
        try await self.bin.wait(12_000)
    }

    /// The daemon is updated: it stops cleanly, and its log goes into its database.
    private mutating func stopAndStart() async throws {
        try await self.bin.stop()
        self.bin.pass(5_000)
        try await self.open(self.bin.start)
        try await self.bin.wait(3_000)
    }

    /// The power is off for a night; the clock is right only some time later.
    private mutating func loseAndGetBackPower() async throws {
        self.bin.kill()
        self.bin.pass(Int64(1 + self.dice.roll(8)) * 3_600_000)
        try await self.powerOn(isClockSet: false)
        try await self.bin.wait(4_000)
        try await self.order()
        self.bin.setWallClock()
        try await self.bin.wait(3_000)
    }

    // MARK: Losses

    /// Loses what `beginning` says, and starts on what is left, on a new disk.
    private mutating func lose(_ beginning: Beginning, on day: Int, at site: Site) async throws {
        var files = CrashDisk.Files()
        switch beginning {
        case .new: break
        case .damaged, .damagedWithoutLinks:
            try await self.bin.stop()
            files = self.bin.disk.everything
            let sector = self.dice.roll((files["journal.sqlite"]?.count ?? 0) / 512)
            files["journal.sqlite"]?.replaceSubrange(
                sector * 512..<(sector + 1) * 512, with: repeatElement(0, count: 512))
            // Whatever the sector held, this start finds it.
            files["check-at-start"] = []
        case .gone:
            self.bin.kill()
            files = self.bin.disk.everything
            for name in ["journal.sqlite", "journal.sqlite-wal"] { files[name] = nil }
        case .older:
            try await self.stopAndStart()
            let old = self.bin.disk.everything["journal.sqlite"]
            try await self.play(day: day)
            self.bin.kill()
            files = self.bin.disk.everything
            files["journal.sqlite"] = old
            files["journal.sqlite-wal"] = nil
        }
        let (past, world) = (self.bin.history, self.bin.world)
        self.bin = DiskBin(at: site, on: try CrashDisk(files), history: past, world: world)
        self.bin.disk.hasLinks = beginning != .damagedWithoutLinks
        self.bin.pass(60_000)
        self.boots += 1
        let (queue, bodies) = try await self.bin.open(
            DiskBin.Start(
                bootID: "month-\(self.boots)", isClockSet: true,
                machineStartedMs: self.bin.world.nowMs))
        let history = try History(
            salvaged: past, as: queue, bodies, after: self.bin.disk.count)
        try self.bin.goOn(from: history)
        self.versions = self.bin.bulletins
        try await self.bin.begin()
        try await self.bin.wait(12_000)
    }
}
