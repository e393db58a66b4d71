import Dispatch

/// Runs the jobs of one bus one after the other, away from the cooperative pool: reads on a serial
/// port block for up to hundreds of milliseconds.
final class BusQueue: SerialExecutor {
    private let queue: DispatchQueue

    init(label: String) { self.queue = DispatchQueue(label: label) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = self.asUnownedSerialExecutor()
        self.queue.async { job.runSynchronously(on: executor) }
    }
}
