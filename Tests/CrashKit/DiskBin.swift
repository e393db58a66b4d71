package import BinCore
import BinJournal
import BinRuntime
import Foundation
import Logging
package import Records
import Synchronization

/// Where bins run one after the other: a folder that need not be, at which their disks are mounted
/// in turn.
package final class Site: Sendable {
    package let scene: Scene
    package let path: String
    let settings: BinSettings

    package init(_ scene: Scene) throws {
        self.scene = scene
        self.path =
            FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appending(path: "steelyard-cuts-\(UUID().uuidString)").path
        self.settings = try scene.settings(directory: self.path)
    }

    deinit { CrashDisk.unmount(self.path) }

    var owner: Journal.Owner {
        Journal.Owner(
            device: self.scene.device, community: self.scene.community,
            trust: [self.scene.hub.publicKey])
    }
}

/// A bin with the real journal and the real loop, on a crash disk and in virtual time.
package final class DiskBin {
    /// How the machine starts.
    package struct Start: Sendable {
        /// The kernel's id of this start of the machine.
        package var bootID: String
        /// Whether the wall clock is right; without a real-time clock it isn't at first.
        package var isClockSet: Bool
        /// The machine ran on, and only the daemon starts again.
        package var machineStartedMs: Int64

        package init(bootID: String, isClockSet: Bool, machineStartedMs: Int64) {
            self.bootID = bootID
            self.isClockSet = isClockSet
            self.machineStartedMs = machineStartedMs
        }
    }

    private static let readingEveryMs: Int64 = 500

    package let site: Site
    package let disk: CrashDisk
    package var world: World
    package private(set) var history: History
    package private(set) var start = Start(
        bootID: "none", isClockSet: false, machineStartedMs: 0)
    private let clock = WorldClock()
    private let witness = Witness()
    private var journal: Journal?
    private var loop: BinLoop?
    /// Scales that don't answer.
    package var silent: Set<Name> = []
    /// Whether the bin may say that nothing can be stored.
    package var mayRefuse = false
    /// How often it said so.
    package private(set) var outages = 0

    package init(at site: Site, on disk: CrashDisk, history: History, world: World) {
        self.site = site
        self.disk = disk
        self.history = history
        self.world = world
    }

    package var memory: BinMemory? { self.journal?.memory }
    package var acknowledged: RecordNumber { self.journal?.queue.acknowledged ?? 0 }
    package var bulletins: [BulletinKind: Int64] { self.journal?.bulletinVersions ?? [:] }

    /// Opens the journal on what the disk holds.
    ///
    /// - Returns: How many records it has, the bytes of them all, and its chain value.
    package func open(
        _ start: Start
    ) async throws -> (queue: QueueState, bodies: [[UInt8]]) {
        self.start = start
        try self.disk.mount(at: self.site.path)
        self.clock.isSet = start.isClockSet
        self.turnClock()
        let directory = try StorageDirectory(
            path: self.site.path, files: CrashFiles(disk: self.disk))
        let journal = try Journal(
            in: directory, of: self.site.owner, bootID: start.bootID, at: self.clock.moment())
        self.journal = journal
        let queue = journal.queue
        return (queue, try await Self.bodies(of: journal, after: queue.first - 1))
    }

    /// Starts the bin on the open journal, as `steelyardd` composes it.
    package func begin() async throws {
        guard let journal = self.journal else { throw Finding("the journal isn't open") }
        let last = journal.lastHeaders
        let sameBoot = last.any.flatMap { $0.boot == journal.boot ? $0 : nil }
        var memory = journal.memory
        memory.mayCredit = self.mayCredit
        let boot = BootFact(
            version: "test", config: String(repeating: "0", count: 64),
            reason: sameBoot == nil ? .power : .restart)
        let (disk, witness) = (self.disk, self.witness)
        witness.count = { disk.count }
        let loop = BinLoop(
            start: BinStart(
                settings: self.site.settings, memory: memory, boot: boot, lastRecorded: sameBoot),
            journal: WatchedJournal(journal) { witness.committed($0) }, clock: self.clock,
            publish: { witness.saw($0.view) }, watchers: [],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        self.loop = loop
        try loop.begin()
        try await self.look()
    }

    /// Whether what the scales gained while the bin was dark is still the open order's.
    package var mayCredit: Bool {
        guard let journal = self.journal, let header = journal.lastHeaders.openOrder else {
            return false
        }
        let then = Moment(up: header.up, at: header.at, clock: header.clock)
        return BinMemory.mayCredit(
            last: BinMemory.Recorded(boot: header.boot, moment: then),
            now: BinMemory.Recorded(boot: journal.boot, moment: self.clock.moment()),
            idleMs: Int64(self.site.settings.session.idleSeconds) * 1000)
    }

    /// The process is killed: what it wrote is in the page cache, and nothing more will come.
    package func kill() {
        self.disk.disconnect()
        (self.loop, self.journal) = (nil, nil)
    }

    /// The daemon is told to stop, and closes its journal.
    package func stop() async throws {
        try await self.take(.stop)
        let journal = self.journal
        (self.loop, self.journal) = (nil, nil)
        try journal?.close()
        // SQLite closes on a queue of its own.
        while self.disk.isInUse { await Task.yield() }
        self.history.note(self.world, after: self.disk.count)
    }

    /// Goes on from what a cut left, after it was found to be what it may be.
    func goOn(from history: History) throws {
        self.history = history
        let (mine, recorded) = (self.bulletins, history.bulletins)
        let isPart = mine.allSatisfy { kind, version in version <= recorded[kind] ?? 0 }
        guard history.mayLackBulletins ? isPart : mine == recorded else {
            throw Finding("the bulletins are \(mine), and recorded are \(recorded)")
        }
    }

    // MARK: What happens at the bin

    /// Lets time go by, with a reading of each scale twice a second.
    package func wait(_ ms: Int64) async throws {
        let end = self.world.nowMs + ms
        while self.world.nowMs < end {
            self.pass(min(Self.readingEveryMs, end - self.world.nowMs))
            for scale in self.site.scene.compartments where !self.silent.contains(scale) {
                let reading = Reading(
                    mass: Milligrams(self.world.loads[scale] ?? 0), isStable: nil,
                    condition: .normal, at: self.clock.now())
                try await self.take(.hardware(.reading(scale: scale, reading)))
            }
            try await self.take(.tick)
        }
    }

    /// Lets hours go by in which nobody comes and nobody looks.
    package func pass(_ ms: Int64) {
        self.world.nowMs += ms
        self.turnClock()
    }

    package func tap(_ card: CardNumber) async throws {
        let event = HardwareEvent.presented(
            reader: self.site.scene.reader, card: card, at: self.clock.now())
        try await self.take(.hardware(event))
    }

    /// Puts something in, or takes it out.
    package func put(_ milligrams: Int64, into name: Name, by card: CardNumber? = nil) {
        let load = self.world.loads[name] ?? 0
        let change = max(-load, milligrams)
        self.world.loads[name] = load + change
        if let card, change > 0 { self.world.put[card, default: 0] += change }
        self.history.note(self.world, after: self.disk.count)
    }

    package func tell(_ event: HardwareEvent) async throws { try await self.take(.hardware(event)) }
    package var now: BootInstant { self.clock.now() }

    /// A time server is reached.
    package func setWallClock() { self.clock.isSet = true }

    package func adopt(_ bulletin: Bulletin) async throws {
        guard let loop = self.loop else { throw Finding("the bin isn't running") }
        let result = await withCheckedContinuation { loop.take(.adopt(bulletin, $0)) }
        try await self.look()
        _ = try result.get()
    }

    /// The hub acknowledges what the bin has so far.
    package func acknowledge() async throws {
        guard let journal = self.journal else { throw Finding("the journal isn't open") }
        let queue = journal.queue
        guard queue.last > queue.acknowledged else { return }
        try await journal.acknowledge(
            try Acknowledgement(
                device: self.site.scene.device, through: queue.last, chain: queue.chain,
                signedBy: self.site.scene.hub))
        self.history.acknowledged(queue.last, after: self.disk.count)
        self.history.note(self.world, after: self.disk.count)
    }

    // MARK: The journal's upkeep

    /// Writes the log back, as the upkeep does.
    func writeBack() async throws(JournalError) { try await self.journal?.writeBack() }

    /// Prunes what is older than `days` and acknowledged, and gives the room back.
    package func tidy(olderThan days: Int) async throws {
        guard let journal = self.journal else { throw Finding("the journal isn't open") }
        if journal.isLogLong { try await journal.writeBack() }
        while try await journal.prune(olderThan: days, at: self.clock.moment()) {
            self.noteCut(journal)
        }
        self.noteCut(journal)
        while try await journal.shrink(keeping: 8) {}
        self.history.note(self.world, after: self.disk.count)
    }

    private func noteCut(_ journal: Journal) {
        self.history.pruned(journal.queue.first - 1, after: self.disk.count)
        self.history.note(self.world, after: self.disk.count)
    }

    /// Writes to see whether the medium takes anything, as after an outage.
    package func probe() async throws {
        try self.journal?.probe()
        self.history.note(self.world, after: self.disk.count)
    }

    // MARK: What comes of it

    private func turnClock() {
        self.clock.turn(
            worldMs: self.world.nowMs, upMs: self.world.nowMs - self.start.machineStartedMs)
    }

    private func take(_ input: BinService.Input) async throws {
        guard let loop = self.loop else { throw Finding("the bin isn't running") }
        loop.take(input)
        try await self.look()
    }

    /// Notes what was committed and shown in the last turn.
    private func look() async throws {
        guard let journal = self.journal else { return }
        let (commits, views) = self.witness.take()
        if journal.nextSeq - 1 > self.history.last {
            for body in try await Self.bodies(of: journal, after: self.history.last) {
                try self.history.append(body)
            }
        }
        for commit in commits { self.history.committed(commit.last, after: commit.operations) }
        for (operations, view) in views {
            if self.mayRefuse, view.phase == .fault("storage") {
                self.outages += 1
                continue
            }
            let seq = try self.history.seq(behind: view)
            self.history.promised(seq, after: operations)
        }
        if !commits.isEmpty || !views.isEmpty || self.history.notes.isEmpty {
            self.history.note(self.world, after: self.disk.count)
        }
    }

    private static func bodies(
        of journal: Journal, after seq: RecordNumber
    ) async throws -> [[UInt8]] {
        var bodies: [[UInt8]] = []
        while true {
            let first = seq + RecordNumber(bodies.count) + 1
            let page = try await journal.records(from: first, limit: 1000)
            bodies += page
            if page.count < 1000 { return bodies }
        }
    }
}
