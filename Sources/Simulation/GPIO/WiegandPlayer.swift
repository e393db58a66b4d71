import Dispatch
import Glibc

/// A Wiegand reader at two lines of a simulated chip.
package final class WiegandPlayer: Sendable {
    private let d0: SimulatedLine
    private let d1: SimulatedLine
    private let queue: DispatchQueue

    /// Connects the reader; both wires rest high.
    package init(
        chip: SimulatedChip, d0: Int, d1: Int
    ) throws(SimulatedGPIOError) {
        self.d0 = try chip.line(d0)
        self.d1 = try chip.line(d1)
        self.queue = DispatchQueue(label: "wiegand \(chip.label) \(d0) \(d1)")
        try self.d0.pull(high: true)
        try self.d1.pull(high: true)
    }

    /// Sends a frame on a thread of its own, after those before it.
    ///
    /// - Throws: `.refused` if the chip has been removed.
    package func play(_ wave: WiegandWave) async throws(SimulatedGPIOError) {
        try await withCheckedContinuation {
            (done: CheckedContinuation<Result<Void, SimulatedGPIOError>, Never>) in
            self.queue.async {
                done.resume(
                    returning: Result { () throws(SimulatedGPIOError) in
                        try self.playHere(wave)
                    })
            }
        }.get()
    }

    /// Sends a frame on the calling thread, which sleeps in between.
    package func playHere(_ wave: WiegandWave) throws(SimulatedGPIOError) {
        let slack = Self.setTimerSlack("1")
        defer { if let slack { Self.setTimerSlack(slack) } }
        let start = MonotonicInstant.now().advanced(byUs: Self.leadUs)
        for move in wave.moves {
            start.advanced(byUs: move.atUs).sleep()
            switch move.wire {
            case .d0: try self.d0.pull(high: move.isHigh)
            case .d1: try self.d1.pull(high: move.isHigh)
            }
        }
    }

    /// How much later than asked for the kernel may wake this thread, in nanoseconds. Usually that
    /// is 50 µs, half a pulse.
    ///
    /// - Returns: What it was before; `nil` where it can't be told, and pulses may be longer.
    @discardableResult
    private static func setTimerSlack(_ text: String) -> String? {
        // `<process>/task/<thread>`; the file itself is only in the folder `/proc/<thread>`.
        var bytes = [CChar](repeating: 0, count: 64)
        let count = readlink("/proc/thread-self", &bytes, bytes.count)
        let slash = CChar(bitPattern: UInt8(ascii: "/"))
        guard let thread = bytes.prefix(max(count, 0)).split(separator: slash).last else {
            return nil
        }
        let name = String(decoding: thread.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let path = "/proc/\(name)/timerslack_ns"
        // It serves punctuality alone.
        guard let before = try? KernelFile.read(path) else { return nil }
        // The same.
        try? KernelFile.write(text, to: path)
        return before
    }

    /// Before the first pulse, so that it comes as punctually as the others.
    private static let leadUs = 1000
}

/// A point on the clock by which the kernel stamps edges.
struct MonotonicInstant {
    private let nanoseconds: Int

    static func now() -> Self {
        var time = timespec()
        // It fails for a clock that doesn't exist only.
        _ = clock_gettime(CLOCK_MONOTONIC, &time)
        return Self(nanoseconds: time.tv_sec * 1_000_000_000 + time.tv_nsec)
    }

    func advanced(byUs microseconds: Int) -> Self {
        Self(nanoseconds: self.nanoseconds + microseconds * 1000)
    }

    /// Sleeps until then, whatever signals come in between.
    func sleep() {
        var time = timespec(
            tv_sec: self.nanoseconds / 1_000_000_000, tv_nsec: self.nanoseconds % 1_000_000_000)
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }
}
