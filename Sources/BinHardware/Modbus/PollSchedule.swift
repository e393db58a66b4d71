import BinCore

/// Which device of a bus is asked next, and when.
///
/// A device that answers is asked at its period. One that doesn't is asked again soon, so that a
/// reply that was spoiled on the line costs no reading. One that has failed for two seconds, and
/// five times in a row, is down and is probed at growing intervals, with a pause between the probes
/// of any two devices that are down: however many there are, they take at most one failed exchange
/// out of every second. Between two polls of devices that fail each healthy one that is due gets
/// its turn, and makes up for one poll that it missed.
struct PollSchedule: Hashable, Sendable {
    /// Five readings a second fill the second over which a weight is judged (`Weigher`), and a card
    /// that is held for a moment is not missed.
    static let periodMs: Int64 = 200
    /// After a failure: the others that are due come first, and a reply that is a little late is
    /// gone by then. After `failuresUntilDown` of them it is asked at its period again.
    static let retryMs: Int64 = 20
    static let failuresUntilDown = 5
    /// A weight that is older than 1.5 s is none any more (`Weigher`), whatever is told of the
    /// device. On a line that spoils a fifth of all replies one that is well hardly ever fails for
    /// so long.
    static let failingMs: Int64 = 2000
    /// Probes of a silent device come after 1, 2, 4, 8, 16, 30, 30, … s. One that answers, if only
    /// with an exception, is probed every second: it holds nobody up.
    static let firstProbeMs: Int64 = 1000
    static let longestProbeMs: Int64 = 30_000
    static let probePauseMs: Int64 = 1000

    enum Step: Hashable, Sendable {
        case poll(Int)
        case wait(until: BootInstant)
    }

    enum Change: Hashable, Sendable { case none, wentDown, cameBack }

    private struct Entry: Hashable, Sendable {
        let periodMs: Int64
        /// When the next regular poll is due.
        var regular: BootInstant
        var due: BootInstant
        /// The number of the last poll; 0 before the first.
        var turn: Int64 = 0
        var failures = 0
        /// When the first of them was.
        var failed = BootInstant(milliseconds: 0)
        var probeMs: Int64 = 0
        var isDown = false

        init(periodMs: Int64, start: BootInstant) {
            self.periodMs = periodMs
            self.regular = start
            self.due = start
        }

        var isHealthy: Bool { !self.isDown && self.failures == 0 }

        /// Whether another failure now would be one too many, or has been long ago.
        func isLost(at now: BootInstant) -> Bool {
            self.isDown
                || self.failures >= PollSchedule.failuresUntilDown - 1
                    && now.ms(since: self.failed) >= PollSchedule.failingMs
        }

        /// After a poll: one period after it was due, so that the rhythm holds; at once if that has
        /// passed, making up for one missed poll and no more. A poll between two that are due
        /// changes nothing.
        mutating func step(at now: BootInstant) {
            guard self.regular <= now else { return }
            self.regular = max(self.regular, now.advanced(byMs: -2 * self.periodMs))
                .advanced(byMs: self.periodMs)
        }
    }

    private var entries: [Entry]
    private var turns: Int64 = 0
    /// The last poll of a device that fails.
    private var failingTurn: Int64 = 0
    /// When a device that is down was last probed.
    private var probed: BootInstant?

    /// All devices are due at `start`.
    init(devices: Int, start: BootInstant) {
        self.init(periodsMs: Array(repeating: Self.periodMs, count: devices), start: start)
    }

    /// - Parameter periodsMs: Of each device, at least 1.
    init(periodsMs: [Int64], start: BootInstant) {
        self.entries = periodsMs.map { Entry(periodMs: max($0, 1), start: start) }
    }

    /// Makes all devices due at once, after the port was away.
    mutating func restart(at now: BootInstant) {
        self.probed = nil
        for index in self.entries.indices {
            self.entries[index].regular = now
            self.entries[index].due = now
            self.entries[index].failures = 0
            self.entries[index].probeMs = Self.firstProbeMs
        }
    }

    /// The device that is due longest, the one that was asked longest ago among equals; or when the
    /// next one will be due. Without devices, `nil`.
    func next(at now: BootInstant) -> Step? {
        guard let first = self.first(of: self.entries.indices) else { return nil }
        let due = self.due(first)
        guard due <= now else { return .wait(until: due) }
        guard !self.entries[first].isHealthy else { return .poll(first) }
        let waiting = self.entries.indices.filter { index in
            let entry = self.entries[index]
            return entry.isHealthy && entry.due <= now && entry.turn < self.failingTurn
        }
        return .poll(self.first(of: waiting) ?? first)
    }

    mutating func succeeded(_ index: Int, at now: BootInstant) -> Change {
        let wasDown = self.entries[index].isDown
        self.note(index, at: now)
        self.entries[index].failures = 0
        self.entries[index].isDown = false
        self.entries[index].step(at: now)
        self.entries[index].due = self.entries[index].regular
        return wasDown ? .cameBack : .none
    }

    /// - Parameter answered: Whether the device said anything of use, be it an exception.
    mutating func failed(_ index: Int, answered: Bool, at now: BootInstant) -> Change {
        self.note(index, at: now)
        self.failingTurn = self.turns
        var entry = self.entries[index]
        let wasDown = entry.isDown
        let isLost = entry.isLost(at: now)
        if entry.failures == 0 { entry.failed = now }
        // Beyond that the count has done its duty, and may not run over in years of silence.
        entry.failures = min(entry.failures + 1, Self.failuresUntilDown)
        entry.step(at: now)
        if wasDown {
            let doubled = min(entry.probeMs * 2, Self.longestProbeMs)
            entry.probeMs = answered ? Self.firstProbeMs : doubled
            entry.due = now.advanced(byMs: entry.probeMs)
        } else if isLost {
            entry.isDown = true
            entry.probeMs = Self.firstProbeMs
            entry.due = now.advanced(byMs: entry.probeMs)
        } else {
            let isHasty = !answered && entry.failures < Self.failuresUntilDown
            let retry = isHasty ? now.advanced(byMs: Self.retryMs) : entry.regular
            entry.due = min(entry.regular, retry)
        }
        self.entries[index] = entry
        return entry.isDown && !wasDown ? .wentDown : .none
    }

    /// Called with the device as it was before the poll.
    private mutating func note(_ index: Int, at now: BootInstant) {
        self.turns += 1
        self.entries[index].turn = self.turns
        if self.entries[index].isDown { self.probed = now }
    }

    /// How often in a row a device has failed, up to `failuresUntilDown`.
    func failures(_ index: Int) -> Int { self.entries[index].failures }

    /// Whether a device is down, or goes down if it fails now.
    func isLost(_ index: Int, at now: BootInstant) -> Bool { self.entries[index].isLost(at: now) }

    private func due(_ index: Int) -> BootInstant {
        let entry = self.entries[index]
        guard entry.isDown, let probed = self.probed else { return entry.due }
        return max(entry.due, probed.advanced(byMs: Self.probePauseMs))
    }

    private func first(of indices: some Sequence<Int>) -> Int? {
        indices.min { left, right in
            (self.due(left), self.entries[left].turn, left)
                < (self.due(right), self.entries[right].turn, right)
        }
    }
}
