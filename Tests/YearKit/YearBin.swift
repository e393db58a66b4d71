import BinCore
import BinJournal
import BinRuntime
import CrashKit
import Logging
import Records
import Synchronization

/// The bin's medium: what other files take, and what the journal may take of the rest.
final class YearMedium: Sendable {
    private struct State {
        var disk: CrashDisk?
        /// What the journal's files may take.
        var limit: Int64 = 0
    }

    private let state = Mutex(State())

    /// The journal's files lie on this disk from now on, and find this much room beyond themselves.
    func begin(on disk: CrashDisk, free: Int64) {
        self.state.withLock { state in
            state.disk = disk
            state.limit = disk.bytes + free
            disk.limit(to: state.limit)
        }
    }

    /// Other files come or go.
    func set(free: Int64) {
        guard let disk = self.state.withLock({ $0.disk }) else { return }
        self.begin(on: disk, free: free)
    }

    var free: Int64 { self.state.withLock { $0.limit - ($0.disk?.bytes ?? 0) } }
}

/// A bin with the real journal and the real loop, on a crash disk and in virtual time.
final class YearBin {
    let path: String
    let clock = YearClock()
    let witness = YearWitness()
    let medium = YearMedium()
    private let settings: BinSettings
    private let owner: Journal.Owner
    private(set) var disk: CrashDisk
    private var loop: BinLoop?
    private var opened: Journal?
    /// When each start of the machine began, in the story's time.
    private(set) var starts: [Int64: Int64] = [:]
    private var bootCount = 0

    /// - Parameters:
    ///   - key: The hub's.
    ///   - path: Where its disk is mounted: of all bins of this process here alone, and where the
    ///     year is played again the same, since records name it.
    init(_ town: Town, trusting key: VerifyingKey, at path: String) throws {
        self.path = path
        self.settings = try town.scene.settings(directory: self.path)
        self.owner = Journal.Owner(
            device: town.scene.device, community: town.scene.community, trust: [key])
        self.disk = try CrashDisk()
    }

    deinit { CrashDisk.unmount(self.path) }

    var journal: Journal {
        get throws {
            guard let journal = self.opened else { throw Finding("the bin isn't running") }
            return journal
        }
    }

    /// Opens the journal on what a medium holds, in a machine that starts now; `nil` if it ran on.
    func open(_ files: CrashDisk.Files?, free: Int64, isNewBoot: Bool) throws {
        self.disk = try files.map { try CrashDisk($0) } ?? self.disk
        try self.disk.mount(at: self.path)
        self.medium.begin(on: self.disk, free: free)
        if isNewBoot { self.bootCount += 1 }
        let medium = self.medium
        let directory = try StorageDirectory(
            path: self.path, files: CrashFiles(disk: self.disk), room: { medium.free })
        let journal = try Journal(
            in: directory, of: self.owner, bootID: "year-\(self.bootCount)",
            at: self.clock.moment())
        self.opened = journal
        self.starts[journal.boot] = self.clock.startedMs
        self.clock.trust(
            newest: journal.lastHeaders.any.map {
                ClockTrust.Newest(clock: $0.clock, isOfThisStart: $0.boot == journal.boot)
            }, newestKnown: try journal.newestKnownTime)
    }

    /// Starts the bin on the open journal, as `steelyardd` composes it.
    func begin() throws {
        let journal = try self.journal
        let last = journal.lastHeaders
        let sameBoot = last.any.flatMap { $0.boot == journal.boot ? $0 : nil }
        var memory = journal.memory
        memory.mayCredit =
            last.openOrder.map { header in
                BinMemory.mayCredit(
                    last: BinMemory.Recorded(
                        boot: header.boot,
                        moment: Moment(up: header.up, at: header.at, clock: header.clock)),
                    now: BinMemory.Recorded(boot: journal.boot, moment: self.clock.moment()),
                    idleMs: Int64(self.settings.session.idleSeconds) * 1000)
            } ?? false
        let witness = self.witness
        witness.begin(on: self.disk)
        let loop = BinLoop(
            start: BinStart(
                settings: self.settings, memory: memory,
                boot: BootFact(
                    version: "year", config: String(repeating: "0", count: 64),
                    reason: sameBoot == nil ? .power : .restart),
                lastRecorded: sameBoot),
            journal: WatchedJournal(journal) { witness.committed($0) }, clock: self.clock,
            publish: { witness.saw($0.view) },
            watchers: [], logger: Logger(label: "year") { _ in SwiftLogNoOpLogHandler() })
        self.loop = loop
        try loop.begin()
    }

    func take(_ input: BinService.Input) throws { try self.take([input]) }

    func take(_ inputs: [BinService.Input]) throws {
        guard let loop = self.loop else { throw Finding("the bin isn't running") }
        for input in inputs { loop.take(input) }
    }

    func adopt(_ bulletin: Bulletin) async throws -> Adoption {
        guard let loop = self.loop else { throw Finding("the bin isn't running") }
        let result = await withCheckedContinuation { loop.take(.adopt(bulletin, $0)) }
        return try result.get()
    }

    /// The bytes of all records after `seq`.
    func bodies(after seq: RecordNumber) async throws -> [[UInt8]] {
        let journal = try self.journal
        var bodies: [[UInt8]] = []
        while true {
            let page = try await journal.records(
                from: seq + RecordNumber(bodies.count) + 1, limit: Batch.mostRecords)
            bodies += page
            if page.count < Batch.mostRecords { return bodies }
        }
    }

    /// The process is gone: nothing that it does reaches the disk any more.
    func kill() {
        self.disk.disconnect()
        (self.loop, self.opened) = (nil, nil)
    }

    /// The daemon is told to stop, and ends in order.
    func stop() throws {
        try self.take(.stop)
        try self.journal.close()
        (self.loop, self.opened) = (nil, nil)
    }
}
