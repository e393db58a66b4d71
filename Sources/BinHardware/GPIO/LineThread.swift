import CGPIO
package import Logging
import ServiceLifecycle

/// Lines that one thread uses together: some are watched, some are driven.
package struct LinePlan: Hashable, Sendable {
    /// Name, label or path.
    package var chip: String
    package var inputs: [Int]
    package var setup: InputSetup
    /// Inactive at first.
    package var outputs: [Int]

    package init(chip: String, inputs: [Int], setup: InputSetup, outputs: [Int] = []) {
        self.chip = chip
        self.inputs = inputs
        self.setup = setup
        self.outputs = outputs
    }
}

/// The lines of a plan while they are held.
package struct HeldLines: ~Copyable {
    package let inputs: GPIOLines
    package let outputs: GPIOLines?

    init(_ plan: LinePlan) throws(LineError) {
        let inputs = try GPIOLines(chip: plan.chip, inputs: plan.inputs, plan.setup)
        let outputs = try Self.outputs(of: plan)
        self.inputs = inputs
        self.outputs = outputs
    }

    private static func outputs(of plan: LinePlan) throws(LineError) -> GPIOLines? {
        guard !plan.outputs.isEmpty else { return nil }
        return try GPIOLines(
            chip: plan.chip, outputs: plan.outputs, values: plan.outputs.map { _ in false })
    }
}

/// What a line thread waits for next.
package enum LineWait: Hashable, Sendable {
    /// The next edges, for as long as this; `nil`: for ever.
    case edges(withinNs: Int64?)
    /// Nothing: edges queue up meanwhile. For lines that may chatter faster than anyone can look.
    case pause(ns: Int64)
}

/// What a line thread does for its lines. Called on that thread only, so that state needs no lock;
/// whatever it throws has the lines closed and opened again.
package protocol LineHandling: Sendable {
    /// The lines are held, for the first time or again.
    mutating func opened(_ lines: borrowing HeldLines) throws(LineError) -> LineWait
    /// Edges came, at least one.
    mutating func came(
        _ batch: EdgeBatch, _ lines: borrowing HeldLines
    ) throws(LineError) -> LineWait
    /// The time of the last `LineWait` is over.
    mutating func timedOut(_ lines: borrowing HeldLines) throws(LineError) -> LineWait
    /// The lines can't be had, or not any more. Called at each attempt.
    mutating func failed(_ error: LineError)
}

/// Holds lines, blocks until something happens on them, and hands it on.
///
/// The thread is its own, since with libgpiod 1 the kernel keeps 16 edges a line: nothing else may
/// hold it up. Lines that can't be had are tried again after 0.5, 1, 2, 4, 5, 5, … s, and so is a
/// thread.
package struct LineThread<Handler: LineHandling>: Sendable {
    private let name: String
    private let plan: LinePlan
    private let handler: Handler
    private let urgency: DedicatedThread.Urgency
    private let logger: Logger
    private let threads: any ThreadMaking

    /// - Parameter name: Of the thread; 15 bytes are seen.
    package init(name: String, plan: LinePlan, handler: Handler, logger: Logger) {
        self.init(
            name: name, plan: plan, handler: handler, urgency: .realtime, logger: logger)
    }

    init(
        name: String, plan: LinePlan, handler: Handler, urgency: DedicatedThread.Urgency,
        logger: Logger, threads: any ThreadMaking = SystemThreads()
    ) {
        self.name = name
        self.plan = plan
        self.handler = handler
        self.urgency = urgency
        self.logger = logger
        self.threads = threads
    }

    /// Ends on graceful shutdown or cancellation, with the lines given back.
    package func run() async {
        await cancelWhenGracefulShutdown {
            var handler = self.handler
            var retrying = ReopenInterval()
            while !Task.isCancelled {
                do throws(DedicatedThread.Unavailable) {
                    return try await self.serve(handler)
                } catch {
                    handler.failed(
                        LineError(
                            .noThread(error.errno), chip: self.plan.chip, lines: self.plan.inputs))
                }
                await self.threads.pause(ns: retrying.nextNs())
            }
        }
    }

    private func serve(_ handler: Handler) async throws(DedicatedThread.Unavailable) {
        let (plan, logger) = (self.plan, self.logger)
        try await self.threads.run(named: self.name, self.urgency, logger: logger) { stop in
            var loop = LineLoop(plan: plan, handler: handler, logger: logger)
            loop.run(until: stop)
        }
    }
}

/// What a line thread does, on its thread.
private struct LineLoop<Handler: LineHandling> {
    private let plan: LinePlan
    private var handler: Handler
    private let logger: Logger
    private var reopening = ReopenInterval()

    init(plan: LinePlan, handler: Handler, logger: Logger) {
        self.plan = plan
        self.handler = handler
        self.logger = logger
    }

    mutating func run(until stop: WakeSignal) {
        while true {
            do throws(LineError) {
                let lines = try HeldLines(self.plan)
                return try self.serve(lines, until: stop)
            } catch {
                self.logger.debug(
                    "Lines lost",
                    metadata: [LogKey.code: "\(error.code)", LogKey.detail: "\(error.hint)"])
                self.handler.failed(error)
            }
            if stop.wait(until: MonotonicTime.nowNs() + self.reopening.nextNs()) { return }
        }
    }

    /// Returns when it is to stop.
    private mutating func serve(
        _ lines: borrowing HeldLines, until stop: WakeSignal
    ) throws(LineError) {
        var wait = try self.handler.opened(lines)
        var since = Self.start(of: wait)
        while true {
            switch wait {
            case .pause(let ns):
                if stop.wait(until: since + max(0, ns)) { return }
                wait = try self.handler.timedOut(lines)
            case .edges(let ns):
                let left = ns.map { max(0, since + max(0, $0) - MonotonicTime.nowNs()) }
                let happened = lines.inputs.withRaw { cgpio_wait($0, stop.descriptor, left ?? -1) }
                _ = try lines.inputs.checked(happened)
                if happened & Int32(CGPIO_WOKEN) != 0 { return }
                if happened & Int32(CGPIO_EDGES) != 0 {
                    let batch = try lines.inputs.edges()
                    wait = try self.handler.came(batch, lines)
                } else if left == 0 {
                    wait = try self.handler.timedOut(lines)
                } else {
                    continue
                }
            }
            since = Self.start(of: wait)
            self.reopening = ReopenInterval()
        }
    }

    /// From when a wait counts; asked for only if it ends, since it is a system call on some
    /// machines, for each edge.
    private static func start(of wait: LineWait) -> Int64 {
        switch wait {
        case .edges(withinNs: nil): 0
        case .edges, .pause: MonotonicTime.nowNs()
        }
    }
}

/// How long to wait before something lost is tried again: 0.5, 1, 2, 4, 5, 5, … s.
struct ReopenInterval: Hashable, Sendable {
    private static let first: Int64 = 500_000_000
    private static let longest: Int64 = 5_000_000_000

    private var next = Self.first

    mutating func nextNs() -> Int64 {
        let now = self.next
        self.next = min(2 * now, Self.longest)
        return now
    }
}
