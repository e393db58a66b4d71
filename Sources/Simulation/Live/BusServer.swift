import BinCore
import Dispatch
import Synchronization

/// One RS-485 bus with everything on it, on a thread of its own: bytes that come on the port are
/// split into requests, and replies go out when they are due.
final class BusServer: Sendable {
    typealias Answering = @Sendable (RTUFrame, BootInstant) -> DelayedReply?

    /// What the thread is told to do.
    private enum Order: Sendable {
        case plugIn(CheckedContinuation<Result<Void, SimulationError>, Never>)
        case unplug(CheckedContinuation<Void, Never>)
        case stop(CheckedContinuation<Void, Never>)
    }

    private let port: String
    private let clock: any MonotonicClock
    private let answer: Answering
    private let queue: DispatchQueue
    /// Bounded by the callers, each of whom waits for its order to be done.
    private let orders = Mutex<[Order]>([])
    private let bell: Doorbell

    init(
        bus: BusSettings, clock: any MonotonicClock, answer: @escaping Answering
    ) throws(SimulationError) {
        self.port = bus.port
        self.clock = clock
        self.answer = answer
        self.queue = DispatchQueue(label: "bus \(bus.name)")
        self.bell = try Doorbell.make()
    }

    /// Begins to answer; the port is there when this returns. When it throws, nothing is left.
    func start() async throws(SimulationError) {
        self.queue.async { self.run() }
        do { try await self.plugIn() } catch {
            await self.stop()
            throw error
        }
    }

    /// Makes the port, if it isn't there.
    func plugIn() async throws(SimulationError) {
        try await withCheckedContinuation { self.give(.plugIn($0)) }.get()
    }

    /// Takes the port away; whoever has it open gets an input/output error.
    func unplug() async {
        await withCheckedContinuation { self.give(.unplug($0)) }
    }

    /// Takes the port away and ends the thread. Only after `start`, and once.
    func stop() async {
        await withCheckedContinuation { self.give(.stop($0)) }
    }

    private func give(_ order: Order) {
        self.orders.withLock { $0.append(order) }
        self.bell.ring()
    }

    private func takeOrders() -> [Order] {
        self.orders.withLock { orders in
            defer { orders.removeAll() }
            return orders
        }
    }

    private func run() {
        var line = BusLine()
        while true {
            line.wait(for: self.bell, from: self.clock.now())
            for order in self.takeOrders() {
                switch order {
                case .plugIn(let done):
                    done.resume(returning: line.plugIn(port: self.port))
                case .unplug(let done):
                    line.unplug()
                    done.resume()
                case .stop(let done):
                    line.unplug()
                    done.resume()
                    return
                }
            }
            line.serve(at: self.clock.now(), answer: self.answer)
        }
    }
}
