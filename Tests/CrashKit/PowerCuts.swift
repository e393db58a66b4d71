import BinCore
import Records

/// Cuts the power at every operation of a history, and again at every operation of the recovery
/// from it, and checks what each start makes of what is left.
package struct PowerCuts: Sendable {
    let site: Site
    let plan: Plan
    let seed: UInt64
    package private(set) var tally = Tally()
    private var hasLinks = true

    package init(at site: Site, _ plan: Plan, seed: UInt64) {
        (self.site, self.plan, self.seed) = (site, plan, seed)
    }

    /// Cuts a story at the operations that are `part` modulo `parts` of those planned, from the
    /// operation `first` on.
    package mutating func sweep(
        _ history: History, on disk: CrashDisk, from first: Int, part: Int, of parts: Int
    ) async throws {
        self.hasLinks = disk.hasLinks
        var medium = Medium(of: disk)
        var number = 0
        for operations in stride(from: first, through: disk.count, by: self.plan.every) {
            guard self.plan.goesOn else { return }
            number += 1
            guard number % parts == part else { continue }
            medium.advance(to: operations)
            for way in 0..<self.plan.ways {
                let seed = Dice.seed(self.seed, operations &* 16 &+ way)
                let cut = Cut(depth: 0, operations: operations, seed: seed)
                let isTwice = (number / parts + way) % self.plan.twiceEvery == 0
                try await self.perform(cut, of: history, medium, isDeeper: isTwice)
            }
        }
    }

    private mutating func perform(
        _ cut: Cut, of history: History, _ medium: Medium, isDeeper: Bool
    ) async throws {
        do {
            var dice = Dice(seed: cut.seed)
            let dark = Dark(&dice)
            var world = history.world(after: cut.operations, &dice)
            dark.pass(&world, at: self.site.scene, &dice)
            let files = dark.files(medium, seed: dice.roll())
            let recovery = try await self.recover(
                files, from: history, cut, in: dark, world, isFirst: true)
            if isDeeper {
                try await self.cutAgain(recovery, depth: 1, cut, dark, firstly: recovery)
            }
        } catch {
            throw Finding(
                "cut at \(cut.operations), medium seed \(cut.seed), story seed \(self.seed): "
                    + "\(error)")
        }
    }

    /// Cuts a recovery at each of its own operations.
    private mutating func cutAgain(
        _ recovery: Recovery, depth: Int, _ first: Cut, _ dark: Dark, firstly: Recovery
    ) async throws {
        var medium = Medium(of: recovery.disk)
        for operations in 0...recovery.operations {
            guard self.plan.goesOn else { return }
            medium.advance(to: operations)
            let seed = Dice.seed(first.seed, operations &* 4 &+ depth)
            var dice = Dice(seed: seed)
            var world = recovery.history.world(after: operations, &dice)
            world.nowMs += 1_000
            let files = dark.files(medium, seed: dice.roll())
            let cut = Cut(depth: depth, operations: operations, seed: seed)
            do {
                let next = try await self.recover(
                    files, from: recovery.history, cut, in: dark, world, isFirst: false)
                try next.check(against: firstly)
                if depth == 1, dice.roll(self.plan.thriceEvery) == 0 {
                    try await self.cutAgain(next, depth: 2, cut, dark, firstly: firstly)
                }
            } catch { throw Finding("cut again at \(operations) (depth \(depth)): \(error)") }
        }
    }

    /// Starts a bin on what is left, checks what it finds, and lets it come to rest.
    private mutating func recover(
        _ files: CrashDisk.Files, from past: History, _ cut: Cut, in dark: Dark,
        _ world: World, isFirst: Bool
    ) async throws -> Recovery {
        self.tally.cuts[cut.depth] += 1
        let disk = try CrashDisk(files)
        disk.hasLinks = self.hasLinks
        let may = past.mayRemain(after: cut.operations)
        let bin = DiskBin(at: self.site, on: disk, history: past, world: world)
        // Whatever is found, the next bin needs the folder.
        defer { bin.kill() }
        let (queue, bodies) = try await bin.open(dark.start(world, cut))
        try Self.check(bodies, queue, against: past, cut)
        let last = queue.last
        if last > may[0] { self.tally.kept += 1 }
        try bin.goOn(from: try Self.goingOn(after: past, queue, bodies, cut, opened: disk.count))
        let hadOrder = bin.memory?.openOrder != nil
        let mayCredit = bin.mayCredit
        if hadOrder { self.tally.openOrders += 1 }
        if hadOrder, mayCredit { self.tally.credited += 1 }
        try await bin.begin()
        try await bin.comeToRest()
        let recovery = Recovery(
            disk: disk, operations: disk.count, history: bin.history, from: last,
            mayCredit: hadOrder && mayCredit, hadOrder: hadOrder)
        if isFirst, cut.operations % 16 == 0 { try await bin.serveSomebody() }
        return recovery
    }

    /// What the new disk begins with.
    private static func goingOn(
        after past: History, _ queue: QueueState, _ bodies: [[UInt8]], _ cut: Cut, opened: Int
    ) throws -> History {
        let certain = min(queue.last, past.certain(after: cut.operations))
        var history = History(
            past, through: certain, acknowledged: queue.acknowledged, cut: queue.first - 1)
        for body in bodies.suffix(Int(queue.last - certain)) { try history.append(body) }
        history.committed(queue.last, after: 0)
        if certain < queue.last { history.madeUp(after: certain, settledAfter: opened) }
        return history
    }

    private static func check(
        _ bodies: [[UInt8]], _ queue: QueueState, against past: History, _ cut: Cut
    ) throws {
        guard queue.last == queue.first - 1 + RecordNumber(bodies.count) else {
            throw Finding(
                "the journal says \(queue.first) to \(queue.last) and has \(bodies.count)")
        }
        let promised = past.promised(after: cut.operations)
        guard queue.last >= promised else {
            throw Finding("record \(promised) was shown, and \(queue.last) is the last one left")
        }
        let may = past.mayRemain(after: cut.operations)
        guard may.contains(queue.last) else {
            throw Finding("\(queue.last) records are left, and only \(may) may be")
        }
        try Self.checkBytes(bodies, queue, against: past, cut)
        let acknowledged = past.mayBeAcknowledged(after: cut.operations)
        guard acknowledged.contains(queue.acknowledged) else {
            throw Finding("\(queue.acknowledged) is acknowledged, and only \(acknowledged) may be")
        }
        let cuts = past.mayBeCut(after: cut.operations)
        guard cuts.contains(queue.first - 1) else {
            throw Finding("\(queue.first - 1) is where it was cut, and only \(cuts) may be")
        }
    }

    private static func checkBytes(
        _ bodies: [[UInt8]], _ queue: QueueState, against past: History, _ cut: Cut
    ) throws {
        let certain = past.certain(after: cut.operations)
        let count = max(0, Int(min(queue.last, certain) - queue.first + 1))
        let committed = past.bodies.dropFirst(Int(queue.first - 1)).prefix(count)
        guard bodies.prefix(count).elementsEqual(committed) else {
            throw Finding("a record is not the one that was committed")
        }
        let madeUp = try bodies.dropFirst(count).map { try Record(bytes: $0).fact }
        guard madeUp.allSatisfy(\.isMadeUp) else {
            throw Finding("after \(certain) there are records that nobody wrote")
        }
        guard certain < queue.last || queue.chain == past.chain(at: queue.last) else {
            throw Finding("the chain broke")
        }
    }
}
