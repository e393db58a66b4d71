import BinCore

/// The round of an HX711: wait for the falling edge that says "ready", clock the word out, rest
/// while the edges that the data bits made run in, throw those away, wait again.
///
/// The rest also bounds what an open data line can cost: whatever it picks up, there are no more
/// than two attempts in the time of one conversion.
struct HX711Cycle: Sendable {
    private enum Phase: Hashable, Sendable {
        case waiting
        /// Since the read that ended then.
        case resting(endNs: Int64)
    }

    private let selection: HX711Selection
    private let timing: HX711Timing
    private var phase = Phase.waiting
    private var rhythm: ConverterRhythm
    private(set) var teller: ConverterTeller

    init(selection: HX711Selection, timing: HX711Timing, teller: ConverterTeller) {
        self.selection = selection
        self.timing = timing
        self.rhythm = ConverterRhythm(timing)
        self.teller = teller
    }

    /// Powers the chip down and up, since nobody knows what it counted before.
    mutating func opened<Access: HX711Access & ~Copyable>(
        _ access: borrowing Access
    ) throws(LineError) -> LineWait {
        try self.reset(access)
        self.teller.started()
        return self.wait()
    }

    mutating func came<Access: HX711Access & ~Copyable>(
        _ batch: EdgeBatch, _ access: borrowing Access
    ) throws(LineError) -> LineWait {
        guard let edge = batch.edges.last else { return self.wait() }
        self.listen(to: batch.edges)
        return try self.read(access, announcedNs: edge.atNs)
    }

    mutating func timedOut<Access: HX711Access & ~Copyable>(
        _ access: borrowing Access
    ) throws(LineError) -> LineWait {
        switch self.phase {
        case .resting(let endNs):
            // Who rested too long may find the next announcement among what the bits made.
            let earliest = endNs + self.timing.periodNs / 4
            let edges = try access.edges().edges.filter { $0.atNs > earliest }
            guard let edge = edges.last else { return self.wait() }
            self.listen(to: edges)
            return try self.read(access, announcedNs: edge.atNs)
        case .waiting:
            guard try access.isDataHigh() else {
                return try self.read(access, announcedNs: nil)
            }
            if self.teller.take(.noReply) { try self.reset(access) }
            return self.wait()
        }
    }

    mutating func failed(_ error: LineError) {
        self.teller.lost(code: error.code, hint: error.hint)
    }

    /// Takes announcements. After a silence the converter has to settle.
    private mutating func listen(to edges: [LineEdge]) {
        var isSilence = false
        for edge in edges where self.rhythm.announced(atNs: edge.atNs) { isSilence = true }
        if isSilence { _ = self.teller.take(.silence) }
    }

    /// What was announced before announces nothing any more.
    private mutating func reset<Access: HX711Access & ~Copyable>(
        _ access: borrowing Access
    ) throws(LineError) {
        try access.reset()
        _ = try access.edges()
        self.rhythm.reset()
    }

    private mutating func wait() -> LineWait {
        self.phase = .waiting
        return .edges(withinNs: self.teller.machine.timeoutNs)
    }

    private mutating func read<Access: HX711Access & ~Copyable>(
        _ access: borrowing Access, announcedNs: Int64?
    ) throws(LineError) -> LineWait {
        let read = try access.read(
            self.selection, timing: self.timing, announcedNs: announcedNs)
        if self.teller.take(read) { try self.reset(access) }
        self.phase = .resting(endNs: try access.nowNs())
        return .pause(ns: self.timing.periodNs / 2)
    }
}
