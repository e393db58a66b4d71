import BinHardware
import CBareLimits
import Console
import Logging
import Synchronization

/// What a reader got of a train of edges.
struct EdgeCount: Sendable {
    var edges: Int
    /// Of the reader's thread, up to the last edge; `nil` if edges were lost.
    var cpuNs: Int64?
}

/// Where edges are read, and which ones are awaited.
struct EdgeWatch: Sendable {
    /// The one at which `EdgeReader` runs: BinHardware, `DedicatedThread`.
    static let priority: Int32 = 40
    /// After the last edge was sent, for what is under way.
    static let restMs: Int64 = 500

    var chip: String
    var lines: [Int]
    var target: Int

    /// Counts the edges that `EdgeReader` hands on while `send` runs.
    func countWithOurs(
        while send: @Sendable () async throws -> Void
    ) async throws -> EdgeCount {
        let meter = EdgeMeter(target: self.target)
        let reader = EdgeReader(
            name: "bench", chip: self.chip, lines: self.lines, setup: InputSetup(edges: .both),
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() },
            { input in meter.take(input) })
        let task = Task { try await reader.run() }
        guard await meter.opened() else {
            task.cancel()
            throw Failure("\(self.chip): the lines can't be had", .unavailable)
        }
        try await send()
        try await Task.sleep(for: .milliseconds(Self.restMs))
        task.cancel()
        try await task.value
        return meter.count()
    }

    /// Counts the edges that a loop in C around libgpiod reads while `send` runs.
    func countBare(
        while send: @Sendable () async throws -> Void
    ) async throws -> EdgeCount {
        let lines = try BareEdges(self)
        let target = Int64(self.target)
        async let counted = OwnThread.run(priority: Self.priority) { lines.count(until: target) }
        // Until the loop waits. Were it late, edges would be missing and the rate be tried again.
        try await Task.sleep(for: .milliseconds(50))
        try await send()
        return await counted
    }
}

/// Counts on the reader's own thread.
private final class EdgeMeter: Sendable {
    private struct State {
        var edges = 0
        var startCPUNs: Int64 = 0
        var cpuNs: Int64?
    }

    private let target: Int
    private let state = Mutex(State())
    private let openings: AsyncStream<Bool>
    private let opening: AsyncStream<Bool>.Continuation

    init(target: Int) {
        self.target = target
        (self.openings, self.opening) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func take(_ input: EdgeReader.Input) -> Int64? {
        switch input {
        case .opened:
            self.state.withLock { $0.startCPUNs = Clocks.threadCPUNs() }
            self.opening.yield(true)
        case .failed:
            self.opening.yield(false)
        case .edges(let batch):
            self.state.withLock { state in
                state.edges += batch.edges.count
                guard state.edges >= self.target, state.cpuNs == nil else { return }
                state.cpuNs = Clocks.threadCPUNs() - state.startCPUNs
            }
        case .timeout: break
        }
        return nil
    }

    /// Whether the lines are held, once that is certain.
    func opened() async -> Bool {
        for await isOpen in self.openings { return isOpen }
        return false
    }

    func count() -> EdgeCount {
        self.state.withLock { EdgeCount(edges: $0.edges, cpuNs: $0.cpuNs) }
    }
}

/// Two lines held by libgpiod alone.
private struct BareEdges: Sendable {
    /// The address, which may go from thread to thread: one at a time uses it.
    private let address: UInt

    init(_ watch: EdgeWatch) throws {
        let path = try GPIOLines.path(of: watch.chip)
        guard let first = watch.lines.first.flatMap(UInt32.init(exactly:)),
            let second = watch.lines.last.flatMap(UInt32.init(exactly:))
        else { throw Failure("two lines are needed", .internalError) }
        var raw: OpaquePointer?
        let result = limits_edges_open(path, first, second, &raw)
        guard result >= 0, let raw else {
            throw Failure("\(path): libgpiod can't request lines: errno \(-result)", .unavailable)
        }
        self.address = UInt(bitPattern: raw)
    }

    /// Counts on the calling thread and gives the lines back. Called once.
    func count(until target: Int64) -> EdgeCount {
        let raw = OpaquePointer(bitPattern: self.address)
        var cpuNs: Int64 = 0
        let idleMs = Int32(clamping: 2 * EdgeWatch.restMs)
        let edges = limits_edges_count(raw, target, idleMs, &cpuNs)
        limits_edges_close(raw)
        return EdgeCount(edges: Int(edges), cpuNs: edges >= target ? cpuNs : nil)
    }
}
