package import BinCore
import Records

/// A bin on a medium that refuses operations, and gets well again.
package struct Refusals {
    /// What the medium refuses.
    package struct Fault: Sendable, CustomStringConvertible {
        package var kind: CrashDisk.Refused
        /// The first operation of the kind that is refused, counted from when the bin is running.
        package var nth: Int
        package var isFull: Bool
        package var isForGood: Bool

        package init(_ kind: CrashDisk.Refused, nth: Int, isFull: Bool, isForGood: Bool) {
            (self.kind, self.nth, self.isFull, self.isForGood) = (kind, nth, isFull, isForGood)
        }

        package var description: String {
            "\(self.isFull ? "ENOSPC" : "EIO") at \(self.kind) \(self.nth)"
                + (self.isForGood ? " and all that follow" : "")
        }
    }

    package struct Outcome: Sendable {
        /// How many operations the medium refused.
        package var refused: Int
        /// How often the bin said that nothing can be stored.
        package var outages: Int
    }

    private let site: Site

    package init(at site: Site) { self.site = site }

    /// Plays a morning while the medium refuses what `fault` says, and then heals it.
    ///
    /// - Parameter commits: So many go before it: its first commit finds a log that is as long as
    ///   they make it, and may have to write it back.
    /// - Throws: `Finding` if anything is shown that isn't stored, if something durable is lost, or
    ///   if the bin doesn't go on by itself.
    package func play(_ fault: Fault, after commits: Int = 0) async throws -> Outcome {
        let start = DiskBin.Start(bootID: "morning", isClockSet: true, machineStartedMs: 0)
        do {
            let (disk, bin) = try await self.beforeTheMorning(after: commits)
            defer { bin.kill() }
            bin.mayRefuse = true
            disk.refuse(
                fault.kind, nth: fault.nth, isFull: fault.isFull, isForGood: fault.isForGood)
            try await self.morning(bin)
            let refused = disk.refused
            disk.heal()
            try await self.goOn(bin)
            try await self.startAgain(bin, start)
            return Outcome(refused: refused, outages: bin.outages)
        } catch { throw Finding("\(fault): \(error)") }
    }

    /// After how many commits a morning finds the log so long that it is written back, and which of
    /// the morning's writes go into the database then, counted from 1.
    package func checkpoint() async throws -> (commits: Int, writes: [Int]) {
        let (disk, bin) = try await self.beforeTheMorning()
        defer { bin.kill() }
        let scene = self.site.scene
        var (commits, seen) = (0, disk.count)
        while try Self.databaseWrites(on: disk, from: seen).isEmpty {
            guard commits < 4_000 else { throw Finding("the log is never written back") }
            seen = disk.count
            try await bin.tap(scene.blocked)
            bin.pass(10_000)
            commits += 1
        }
        // Some tens of commits are a morning's.
        let before = commits - 12
        let (again, other) = try await self.beforeTheMorning(after: before)
        defer { other.kill() }
        let began = again.count
        try await self.morning(other)
        return (before, try Self.databaseWrites(on: again, from: began))
    }

    /// A bin that has made so many commits.
    private func beforeTheMorning(after commits: Int = 0) async throws -> (CrashDisk, DiskBin) {
        let scene = self.site.scene
        let disk = try CrashDisk()
        let bin = DiskBin(
            at: self.site, on: disk, history: History(of: scene.device), world: World())
        _ = try await bin.open(
            DiskBin.Start(bootID: "morning", isClockSet: true, machineStartedMs: 0))
        try await bin.begin()
        try await bin.adopt(try scene.bulletin(.cards, 1, scene.cards))
        for _ in 0..<commits {
            try await bin.tap(scene.blocked)
            bin.pass(10_000)
        }
        return (disk, bin)
    }

    /// Which of the writes from an operation on go into the database itself.
    private static func databaseWrites(on disk: CrashDisk, from began: Int) throws -> [Int] {
        let database = try Self.database(on: disk)
        var (writes, places): (Int, [Int]) = (0, [])
        for index in began..<disk.count {
            guard case .write(let file, _, _) = disk[index] else { continue }
            writes += 1
            if file == database { places.append(writes) }
        }
        return places
    }

    private static func database(on disk: CrashDisk) throws -> Int {
        for index in 0..<disk.count {
            if case .create(let file, "journal.sqlite") = disk[index] { return file }
        }
        throw Finding("there is no database on the disk")
    }

    /// Orders, a tariff, an acknowledgement, a collection, and the upkeep. What the bin refuses
    /// meanwhile is its right.
    private func morning(_ bin: DiskBin) async throws {
        let scene = self.site.scene
        for (index, card) in scene.residents.prefix(3).enumerated() {
            try await bin.wait(2_000)
            try await bin.tap(card)
            bin.put(Int64(300_000 + index * 7_000), into: scene.pet, by: card)
            try await bin.wait(2_500)
            try await bin.tap(card)
            try await bin.wait(1_500)
            try await Self.permit { try await bin.acknowledge() }
            let prices: JSONValue = ["prices": ["pet-bottle": .integer(Int64(2_000 + index))]]
            let version = Int64(index + 1)
            let tariff = try scene.bulletin(.tariff, version, prices)
            try await Self.permit { try await bin.adopt(tariff) }
        }
        try await bin.tap(scene.collector)
        bin.put(-(bin.world.loads[scene.pet] ?? 0), into: scene.pet)
        try await bin.wait(2_500)
        try await bin.tap(scene.collector)
        try await bin.wait(2_500)
        try await Self.permit { try await bin.tidy(olderThan: 0) }
    }

    private static func permit(_ body: () async throws -> Void) async throws {
        do { try await body() } catch let error as JournalError {
            guard error.code == .storage else { throw error }
        }
    }

    /// Plays on a medium on which the blocks of one file are bad. The bin goes on.
    ///
    /// - Parameter commits: So many, and then a morning.
    /// - Returns: How often writing the log back was refused.
    package func playWorn(_ name: String, commits: Int) async throws -> Int {
        let start = DiskBin.Start(bootID: "morning", isClockSet: true, machineStartedMs: 0)
        do {
            let (disk, bin) = try await self.beforeTheMorning()
            defer { bin.kill() }
            disk.wearOut(name)
            var told = 0
            for number in 0..<commits {
                try await bin.tap(self.site.scene.blocked)
                bin.pass(10_000)
                guard number % 100 == 99 else { continue }
                do throws(JournalError) { try await bin.writeBack() } catch { told += 1 }
            }
            guard disk.refused > 0 else { throw Finding("nothing was written there") }
            try await bin.serveSomebody()
            guard bin.outages == 0 else { throw Finding("the bin was out of service") }
            disk.heal()
            try await bin.writeBack()
            try await self.startAgain(bin, start)
            return told
        } catch { throw Finding("\(name) is worn out: \(error)") }
    }

    /// The medium takes records again: the bin finds that out, and serves.
    private func goOn(_ bin: DiskBin) async throws {
        try await bin.wait(40_000)
        bin.mayRefuse = false
        try await bin.comeToRest()
        try await bin.serveSomebody()
    }

    /// What was recorded is there after the process died, and nothing else.
    private func startAgain(_ bin: DiskBin, _ start: DiskBin.Start) async throws {
        let history = bin.history
        let files = bin.disk.everything
        bin.kill()
        let again = DiskBin(
            at: self.site, on: try CrashDisk(files), history: history, world: bin.world)
        defer { again.kill() }
        let (queue, bodies) = try await again.open(start)
        // Long mornings prune.
        guard bodies == Array(history.bodies.suffix(bodies.count)), queue.last == history.last,
            bodies.count == Int(queue.last - queue.first + 1), queue.chain == history.chain
        else {
            throw Finding("\(history.last) were recorded, and \(queue.last) are there")
        }
    }

    /// Opens a journal while the medium refuses one operation of the start, and again without.
    ///
    /// - Returns: Whether that start was refused.
    package func open(_ fault: Fault, on left: Left) async throws -> Bool {
        let disk = try CrashDisk(left.files)
        let history = History(of: self.site.scene.device)
        let start = DiskBin.Start(bootID: "next", isClockSet: true, machineStartedMs: 0)
        let bin = DiskBin(at: self.site, on: disk, history: history, world: World())
        defer { bin.kill() }
        var isRefused = false
        do {
            disk.refuse(
                fault.kind, nth: fault.nth, isFull: fault.isFull, isForGood: fault.isForGood)
            do { _ = try await bin.open(start) } catch let error as JournalError {
                guard error.code == .storage else { throw error }
                isRefused = true
            }
            bin.kill()
            while disk.isInUse { await Task.yield() }
            disk.heal()
            let (queue, _) = try await bin.open(start)
            guard queue.last == left.last else { throw Finding("it goes on after \(queue.last)") }
            return isRefused
        } catch { throw Finding("\(fault): \(error)") }
    }

    /// Opens a journal while one read of the start fails, and again once the medium is well. Every
    /// record that was there is there, be it that the database was set aside for it.
    ///
    /// - Returns: Whether a read failed at all.
    package func openUnreadable(nth: Int, on left: Left) async throws -> Bool {
        let disk = try CrashDisk(left.files)
        let history = History(of: self.site.scene.device)
        let start = DiskBin.Start(bootID: "next", isClockSet: true, machineStartedMs: 0)
        let bin = DiskBin(at: self.site, on: disk, history: history, world: World())
        defer { bin.kill() }
        do {
            disk.refuse(.reads, nth: nth, isFull: false, isForGood: false)
            do { _ = try await bin.open(start) } catch let error as JournalError {
                guard error.code == .storage else { throw error }
            }
            let hasFailed = disk.refused > 0
            bin.kill()
            while disk.isInUse { await Task.yield() }
            disk.heal()
            let (_, bodies) = try await bin.open(start)
            guard Array(bodies.prefix(left.bodies.count)) == left.bodies else {
                throw Finding("\(bodies.count) records are left of \(left.bodies.count)")
            }
            return hasFailed
        } catch { throw Finding("EIO at read \(nth): \(error)") }
    }

    /// What a daemon leaves that was killed.
    package struct Left: Sendable {
        package var files: CrashDisk.Files
        package var last: RecordNumber
        package var bodies: [[UInt8]]
    }

    /// Some tens of records.
    package func left() async throws -> Left {
        let disk = try CrashDisk()
        let bin = DiskBin(
            at: self.site, on: disk, history: History(of: self.site.scene.device), world: World())
        defer { bin.kill() }
        _ = try await bin.open(
            DiskBin.Start(bootID: "first", isClockSet: true, machineStartedMs: 0))
        try await bin.begin()
        for _ in 0..<40 {
            try await bin.tap(self.site.scene.blocked)
            bin.pass(10_000)
        }
        guard bin.history.last > 20 else { throw Finding("only \(bin.history.last) records") }
        return Left(
            files: disk.everything, last: bin.history.last, bodies: bin.history.bodies)
    }
}
