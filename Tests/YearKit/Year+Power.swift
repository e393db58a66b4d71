import BinCore
import BinJournal
import CrashKit
import Records

/// The power fails, and comes back.
extension Year {
    /// The power fails in the midst of something.
    func cutSomewhere() async throws {
        switch self.dice.roll(8) {
        case 0: try await self.cut { try await self.upkeep() }
        case 1: try await self.cut { try await self.exchange() }
        case 2: try await self.cut { try await self.collect() }
        default: try await self.cut { try await self.happen() }
        }
    }

    /// Does something, and loses what a medium loses when its power fails in the midst of that.
    private func cut(during act: () async throws -> Void) async throws {
        try await self.check()
        let before = self.bin.disk.count
        self.isDoubtful = true
        try await act()
        let after = self.bin.disk.count
        let at = before + self.dice.roll(after - before + 1)
        let written = try await self.bin.bodies(after: self.ledger.last)
        self.bin.kill()
        self.report.cuts += 1
        if at < after { self.report.lossyCuts += 1 }
        self.endVisit()
        self.isDoubtful = false
        var medium = Medium(of: self.bin.disk)
        medium.advance(to: at)
        var survival = Survival(seed: self.dice.roll())
        let files = medium.remains(&survival)
        try await self.stayDark()
        try await self.powerOn(files)
        let may = self.bin.witness.committed(by: at)...(self.ledger.last + Int64(written.count))
        try await self.checkRemains(of: written, at: at, may)
        try self.bin.begin()
        try self.wait(12_000)
    }

    /// How long the bin may be dark, and how old a saved time may be when it starts.
    private static let mostDarkMinutes = 480
    private static let mostSavedHours = 36
    /// How far the clock may be ahead of the time then.
    private static let mostAheadHours = 24 * 60

    /// The bin is off for minutes or hours; somebody passes by.
    private func stayDark() async throws {
        self.pass(Int64(1 + self.dice.roll(Self.mostDarkMinutes)) * 60_000)
        let index = self.dice.roll(2)
        let change = Int64(self.dice.pick([0, 0, 430_000, -220_000, 4_000]))
        self.truth.loads[index].mass = max(0, self.truth.loads[index].mass + change)
    }

    private func powerOn(_ files: CrashDisk.Files) async throws {
        var unset = YearClock.Unset.fromTheFactory
        switch self.dice.roll(10) {
        case 0...2: unset = .wrong(by: -Int64(self.dice.roll(Self.mostSavedHours)) * 3_600_000)
        // Somebody had set it wrong, or its battery is at its end: it steps back one day.
        case 3: unset = .wrong(by: Int64(self.dice.roll(Self.mostAheadHours)) * 3_600_000)
        default: break
        }
        self.bin.clock.start(worldMs: self.truth.nowMs, unset: unset)
        self.syncsAt = nil
        if self.dice.roll(8) > 0 {
            self.syncsAt = self.truth.nowMs + Int64(1 + self.dice.roll(72)) * 3_600_000
        }
        try self.bin.open(files, free: self.usualRoom, isNewBoot: true)
    }

    /// What is left is what was committed by the cut, and perhaps a little more; nothing else.
    private func checkRemains(
        of written: [[UInt8]], at operations: Int, _ may: ClosedRange<RecordNumber>
    ) async throws {
        let last = try self.bin.journal.queue.last
        guard may.contains(last), last >= self.ledger.last else {
            throw Finding("\(last) records are left, and \(may) may be")
        }
        let bodies = try await self.bin.bodies(after: self.ledger.last)
        guard bodies.elementsEqual(written.prefix(bodies.count)) else {
            throw Finding("a record is not the one that was committed")
        }
        let shown = self.bin.witness.takeShown(until: operations)
        try self.ledger.take(bodies, shown: shown, starts: self.bin.starts)
    }

    /// The daemon is updated: it ends in order and starts again in the same machine.
    func restart() async throws {
        try await self.check()
        try self.bin.stop()
        self.pass(5_000)
        try self.bin.open(nil, free: self.usualRoom, isNewBoot: false)
        try self.bin.begin()
        try self.wait(3_000)
    }

    /// What `steelyardd` does once a minute: prunes, and gives room back.
    func upkeep() async throws {
        let journal = try self.bin.journal
        let moment = self.bin.clock.moment()
        guard self.hasRoom else { return }
        if journal.isLogLong { try await journal.writeBack() }
        while try await journal.prune(olderThan: self.plan.retainDays, at: moment) {
            try self.checkPruned(journal.queue)
        }
        while try await journal.shrink() {}
    }

    /// Only what the hub has and what is old enough in truth may be gone.
    private func checkPruned(_ queue: QueueState) throws {
        let cut = queue.first - 1
        guard cut > 0 else { return }
        self.report.pruned = cut
        guard cut <= queue.acknowledged else {
            throw Finding("record \(cut) was pruned and isn't acknowledged")
        }
        let limit = self.truth.nowMs - Int64(self.plan.retainDays) * Truth.dayMs
        guard let time = self.ledger.time(of: cut), time <= limit else {
            throw Finding("record \(cut) was pruned before its time")
        }
    }
}
