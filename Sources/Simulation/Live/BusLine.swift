import BinCore
import Glibc

/// Wakes a thread that waits for a port.
struct Doorbell: ~Copyable {
    private let inner: Descriptor
    private let outer: Descriptor

    private init(inner: Int32, outer: Int32) {
        self.inner = Descriptor(inner)
        self.outer = Descriptor(outer)
    }

    /// - Throws: `.cannotCreate` if the process has no descriptors left.
    static func make() throws(SimulationError) -> Doorbell {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw SimulationError(.cannotCreate, "no pipe can be made: \(errorText())")
        }
        return Doorbell(inner: ends[0], outer: ends[1])
    }

    /// What to wait for.
    var number: Int32 { self.inner.number }

    /// A full pipe has woken the thread already.
    func ring() { self.outer.write([1]) }

    func silence() { _ = self.inner.read() }
}

/// The wire as its thread sees it: the port, the request that is coming, the replies to come.
struct BusLine: ~Copyable {
    /// A request that pauses for longer is over. Much longer than the 3.5 characters of the
    /// standard, since a pseudo-terminal passes bytes on when the scheduler likes.
    private static let silenceMs: Int64 = 50
    /// Replies that wait to be late; what comes on top is lost.
    private static let outboxMax = 16

    private struct Outgoing {
        let due: BootInstant
        let bytes: [UInt8]
    }

    private var terminal: PseudoTerminal?
    private var parser = RTURequestParser()
    private var heard = BootInstant(milliseconds: 0)
    private var outbox: [Outgoing] = []

    init() {}

    mutating func plugIn(port: String) -> Result<Void, SimulationError> {
        guard self.terminal == nil else { return .success(()) }
        do throws(SimulationError) {
            self.terminal = try PseudoTerminal.open(port: port)
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    mutating func unplug() {
        self.terminal = nil
        self.parser = RTURequestParser()
        self.outbox.removeAll()
    }

    /// Waits until bytes come, the bell rings, or something is due.
    func wait(for bell: borrowing Doorbell, from now: BootInstant) {
        var dues = self.outbox.map(\.due)
        if self.parser.isWaiting { dues.append(self.heard.advanced(byMs: Self.silenceMs)) }
        let timeout = dues.min().map { Int32(clamping: max(0, $0.ms(since: now))) } ?? -1
        var ends = [pollfd(fd: bell.number, events: Int16(POLLIN), revents: 0)]
        if let port = self.portNumber {
            ends.append(pollfd(fd: port, events: Int16(POLLIN), revents: 0))
        }
        // An interrupted wait is a short one.
        _ = poll(&ends, nfds_t(ends.count), timeout)
        bell.silence()
    }

    private var portNumber: Int32? {
        switch self.terminal {
        case .some(let terminal): terminal.far.number
        case .none: nil
        }
    }

    /// Takes what came and sends what is due.
    mutating func serve(at now: BootInstant, answer: BusServer.Answering) {
        for frame in self.received(at: now) {
            guard let reply = answer(frame, now), self.outbox.count < Self.outboxMax else {
                continue
            }
            self.outbox.append(
                Outgoing(due: now.advanced(byMs: reply.delayMs), bytes: reply.bytes))
        }
        for reply in self.outbox where reply.due <= now { self.send(reply.bytes) }
        self.outbox.removeAll { $0.due <= now }
    }

    private mutating func received(at now: BootInstant) -> [RTUFrame] {
        let bytes: [UInt8]?
        switch self.terminal {
        case .some(let terminal): bytes = terminal.far.read()
        case .none: return []
        }
        guard let bytes else {
            // Only if the near end was taken from us: waiting on it would spin.
            self.unplug()
            return []
        }
        if !bytes.isEmpty {
            self.heard = now
            return self.parser.append(bytes)
        }
        let isOver = now >= self.heard.advanced(byMs: Self.silenceMs)
        return isOver && self.parser.isWaiting ? self.parser.silence() : []
    }

    private func send(_ bytes: [UInt8]) {
        switch self.terminal {
        case .some(let terminal): terminal.far.write(bytes)
        case .none: break
        }
    }
}
