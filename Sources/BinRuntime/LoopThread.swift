import BinCore
import Dispatch
import Records

/// Where the bin's loop runs: away from the cooperative pool, for a commit blocks for as long as
/// the medium takes. What comes in wakes this one thread, which decides, commits and shows.
actor LoopThread {
    private let queue = LoopQueue()
    private let loop: BinLoop

    init(_ loop: sending BinLoop) { self.loop = loop }

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        self.queue.asUnownedSerialExecutor()
    }

    func begin() throws(JournalError) { try self.loop.begin() }

    /// Takes one input after the other until there will be no more.
    ///
    /// - Parameter wake: Sees to it that a tick is among the inputs at that time.
    func take(
        _ inputs: AsyncStream<BinService.Input>,
        wake: @escaping @Sendable (BootInstant) async -> Void
    ) async {
        await withDiscardingTaskGroup { group in
            for await input in inputs {
                self.loop.take(input)
                if let due = self.loop.timerToSet() { group.addTask { await wake(due) } }
            }
            group.cancelAll()
        }
    }
}

/// One job after the other, on a thread that may block.
private final class LoopQueue: SerialExecutor {
    private let queue = DispatchQueue(label: "bin-loop")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = self.asUnownedSerialExecutor()
        self.queue.async { job.runSynchronously(on: executor) }
    }
}
