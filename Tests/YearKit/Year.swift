import BinCore
import BinJournal
import BinRuntime
import CrashKit
import HubCore
import HubStore
import Records

/// A year of a busy bin and its hub, from a seed: its days, and what is checked after each of them.
package final class Year {
    /// As seldom as three readings still span the second that a weight must be at rest for.
    static let readingEveryMs: Int64 = 600
    /// A bin is open from 6:00 on, for 16 hours.
    private static let opensMs: Int64 = 6 * 3_600_000
    private static let openMs: Int64 = 16 * 3_600_000

    let plan: YearPlan
    let town: Town
    let hub: YearHub
    let bin: YearBin
    var dice: Dice
    var truth = Truth()
    var ledger: Ledger
    var report = YearReport()
    /// What the hub answers to what was sent last.
    var answers: Task<[Acknowledgement], any Error>?
    /// Whoever is being served.
    var visit: Visit?
    var people: [CardNumber: Person] = [:]
    /// The power fails meanwhile: nobody can say what will be credited.
    var isDoubtful = false
    var day = 0
    /// When a time server is reached, in the story's time; `nil` if it is, or never will be.
    var syncsAt: Int64?

    /// Plays the year. No other of the same seed may be played at the same time.
    ///
    /// - Throws: `Finding` with what was wrong, and when.
    package static func play(_ plan: YearPlan, seed: UInt64) async throws -> YearReport {
        let year = try await Year(plan, seed: seed)
        do { return try await year.run() } catch {
            throw Finding("day \(year.day), \(year.truth.wall.rfc3339): \(error)")
        }
    }

    private init(_ plan: YearPlan, seed: UInt64) async throws {
        let town = try Town(residents: plan.residents)
        self.plan = plan
        self.town = town
        self.hub = try await YearHub(town)
        self.bin = try YearBin(town, trusting: self.hub.key, at: "/year-\(seed)")
        self.dice = Dice(seed: seed)
        self.ledger = Ledger(of: town.scene.device)
    }

    private func run() async throws -> YearReport {
        self.bin.clock.start(worldMs: 0, unset: nil)
        try self.bin.open(nil, free: self.usualRoom, isNewBoot: true)
        try self.bin.begin()
        try await self.hub.register(at: self.truth.wall)
        for day in 0..<self.plan.days {
            self.day = day
            try await self.play(day)
        }
        try await self.reckon()
        return self.report
    }

    // MARK: Days

    private func play(_ day: Int) async throws {
        self.bin.medium.set(free: self.usualRoom)
        try await self.hub.publish(on: day, at: self.truth.wall, into: &self.ledger.published)
        if day == 0 { try await self.exchange() }
        let isCut = day % self.plan.cutEveryDays == 5 % self.plan.cutEveryDays
        let cutAt = isCut ? self.dice.roll(self.plan.ordersADay) : -1
        // Somebody fills the medium for some hours: so that no order may be opened, or wholly.
        let shortAt = [17, 36].contains(day % 61) ? self.dice.roll(self.plan.ordersADay) : -1
        let quarter = max(1, self.plan.ordersADay / 4)
        for number in 0..<self.plan.ordersADay {
            let slot = Self.openMs / Int64(self.plan.ordersADay)
            let time =
                Int64(day) * Truth.dayMs + Self.opensMs + Int64(number) * slot
                + Int64(self.dice.roll(Int(slot / 2)))
            self.pass(max(1_000, time - self.truth.nowMs))
            if number == shortAt { self.bin.medium.set(free: day % 61 == 17 ? 4 << 20 : 0) }
            if number == shortAt + 15 { self.bin.medium.set(free: self.usualRoom) }
            if number == cutAt {
                try await self.cutSomewhere()
            } else {
                try await self.happen()
            }
            if number % quarter == quarter - 1 { try await self.exchange() }
        }
        self.pass(
            max(1_000, Int64(day) * Truth.dayMs + 23 * 3_600_000 - self.truth.nowMs))
        if day % 30 == 11 { try await self.restart() }
        try await self.upkeep()
        try await self.endDay()
    }

    /// What is free when the day begins.
    var usualRoom: Int64 { self.plan.mediumBytes * self.plan.freePercent / 100 }

    /// What finds no room at all is put off, as by the daemon.
    var hasRoom: Bool { self.bin.medium.free >= 1 << 20 }

    private func endDay() async throws {
        try await self.check()
        try await self.checkLevels()
        let taken = self.plan.mediumBytes - self.bin.medium.free
        self.report.fullest = max(
            self.report.fullest, taken * 1000 / self.plan.mediumBytes)
    }

    /// Reads what came since the last call, and checks it.
    func check() async throws {
        let shown = self.bin.witness.takeShown(until: .max)
        let bodies = try await self.bin.bodies(after: self.ledger.last)
        try self.ledger.take(bodies, shown: shown, starts: self.bin.starts)
        let queue = try self.bin.journal.queue
        guard queue.last == self.ledger.last, queue.chain == self.ledger.chain else {
            throw Finding("the chain doesn't end as its records do")
        }
    }

    /// Each compartment is recorded within a division of what its scale shows, and of what lies in
    /// it but for the scale's own drift.
    private func checkLevels() async throws {
        // Two periods in which a change waits for the one before it, and the scale's rest.
        try self.wait(BinRules.unattributedMs + 3_000)
        let memory = try self.bin.journal.memory
        for (index, name) in self.town.compartments.enumerated() {
            let level = (memory.compartments[name]?.level ?? .zero).value * 1000
            let load = self.truth.loads[index]
            let (drift, noise) = (self.truth.drift(of: index), Int64(500))
            guard abs(drift) <= Truth.mostDrift,
                abs(level - load.mass - drift) <= Scene.division * 1000 + noise
            else {
                throw Finding(
                    "\(name) is recorded with \(level) mg, holds \(load.mass) mg and drifted by "
                        + "\(drift) mg")
            }
        }
    }

    // MARK: Time

    /// Lets time go by in which nobody comes and no scale is read.
    func pass(_ ms: Int64) {
        self.truth.pass(ms)
        self.bin.clock.turn(to: self.truth.nowMs)
        if let time = self.syncsAt, self.truth.nowMs >= time {
            self.bin.clock.set()
            self.syncsAt = nil
        }
    }

    /// Lets time go by, with a reading of each scale every `readingEveryMs`.
    func wait(_ ms: Int64) throws {
        let end = self.truth.nowMs + ms
        while self.truth.nowMs < end {
            self.pass(min(Self.readingEveryMs, end - self.truth.nowMs))
            let now = self.bin.clock.now()
            var readings: [BinService.Input] = []
            for (index, name) in self.town.compartments.enumerated()
            where !self.truth.loads[index].isSilent {
                let mass = self.truth.reading(of: index, self.dice.roll(1 << 30))
                let reading = Reading(
                    mass: Milligrams(mass), isStable: nil, condition: .normal, at: now)
                readings.append(.hardware(.reading(scale: name, reading)))
            }
            try self.bin.take(readings)
        }
    }

    /// Waits until something is so, and at most `ms`. Returns whether it is.
    @discardableResult
    func wait(upTo ms: Int64, until isSo: () -> Bool) throws -> Bool {
        let end = self.truth.nowMs + ms
        while !isSo() {
            guard self.truth.nowMs < end else { return false }
            try self.wait(Self.readingEveryMs)
        }
        return true
    }
}
