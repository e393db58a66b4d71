import Simulation
import Synchronization

/// Pulses on two lines in turn, of which both edges count, as fast as is asked for.
struct EdgeTrain: Sendable {
    /// Below the kernel's interrupt threads (50), so that it can't starve them, and above whoever
    /// reads (40), as the interrupts of real lines are.
    static let priority: Int32 = 45

    let lines: [SimulatedLine]
    let edges: Int
    let perSecond: Double

    /// Sends the edges on a thread of its own.
    ///
    /// - Returns: How many a second it managed, at most what was asked for.
    func send() async -> Result<Double, SimulatedGPIOError> {
        await OwnThread.run(priority: Self.priority) {
            Result { () throws(SimulatedGPIOError) in try self.sendHere() }
        }
    }

    private func sendHere() throws(SimulatedGPIOError) -> Double {
        let start = Clocks.monotonicNs()
        for edge in 0..<self.edges {
            Clocks.sleep(untilNs: start + Int64(Double(edge + 1) * 1e9 / self.perSecond))
            let line = self.lines[edge / 2 % self.lines.count]
            try line.pull(high: edge.isMultiple(of: 2))
        }
        return Double(self.edges) * 1e9 / Double(max(1, Clocks.monotonicNs() - start))
    }
}

/// How fast a train went, told by the thread that sent it.
final class Speed: Sendable {
    private let perSecond = Mutex(0.0)

    func set(_ perSecond: Double) { self.perSecond.withLock { $0 = perSecond } }
    func get() -> Double { self.perSecond.withLock { $0 } }
}
