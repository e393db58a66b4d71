import BinCore
import CBareLimits
import Measuring
import Synchronization

/// Times slices of polls as the bus tells of them.
final class PollMeter: HardwareListening {
    private struct State {
        var polls = 0
        var startNs: Int64 = 0
        var slicesNs: [Int64] = []
        var outcome: [Int64]??
        var waiting: CheckedContinuation<[Int64]?, Never>?
    }

    private let warmUp: Int
    private let slice: Int
    private let slices: Int
    private let state = Mutex(State())

    init(warmUp: Int, slice: Int, slices: Int) {
        self.warmUp = warmUp
        self.slice = slice
        self.slices = slices
    }

    func receive(_ event: HardwareEvent) {
        switch event {
        case .reading: self.count(at: Clocks.monotonicNs())
        case .failed: self.end(with: nil)
        case .converted, .presented, .pieces, .contact, .filled, .restored: break
        }
    }

    /// How long each slice took, or `nil` after a fault. Called once.
    func done() async -> [Int64]? {
        await withCheckedContinuation { continuation in
            let outcome = self.state.withLock { state in
                if state.outcome == nil { state.waiting = continuation }
                return state.outcome
            }
            if let outcome { continuation.resume(returning: outcome) }
        }
    }

    private func count(at now: Int64) {
        let all = self.state.withLock { state -> [Int64]? in
            state.polls += 1
            let timed = state.polls - self.warmUp
            guard timed >= 0, timed.isMultiple(of: self.slice), state.slicesNs.count < self.slices
            else { return nil }
            if timed > 0 { state.slicesNs.append(now - state.startNs) }
            state.startNs = now
            return state.slicesNs.count == self.slices ? state.slicesNs : nil
        }
        if let all { self.end(with: all) }
    }

    private func end(with outcome: [Int64]?) {
        let waiting = self.state.withLock { state in
            guard state.outcome == nil else {
                return nil as CheckedContinuation<[Int64]?, Never>?
            }
            state.outcome = .some(outcome)
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(returning: outcome)
    }
}

/// The other end of the line, and the clock of what the master costs.
final class PollServer {
    let port: String
    private let raw: OpaquePointer

    init() throws(Unavailable) {
        var path = [CChar](repeating: 0, count: 64)
        var raw: OpaquePointer?
        let result = limits_server_start(&path, path.count, &raw)
        guard result >= 0, let raw else {
            throw Unavailable("there is no pseudo-terminal (errno \(-result))")
        }
        self.raw = raw
        self.port = path.withUnsafeBytes { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    deinit { limits_server_stop(self.raw) }

    /// Of all threads but the server's.
    func masterCPUNs() -> Int64 { Clocks.processCPUNs() - limits_server_cpu_ns(self.raw) }
}

/// The clock that readings are stamped with.
struct BenchClock: MonotonicClock {
    func now() -> BootInstant {
        BootInstant(milliseconds: Clocks.monotonicNs() / 1_000_000)
    }
}
