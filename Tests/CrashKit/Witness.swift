import BinCore
import BinRuntime
import Records
import Synchronization

/// Notes what the bin showed and when something was committed, each with the number of disk
/// operations at that moment.
final class Witness: Sendable {
    private struct State {
        var commits: [History.Commit] = []
        var views: [(Int, BinView)] = []
        /// What was shown last, without the live weights.
        var shown: Shown?
        var count: @Sendable () -> Int = { 0 }
    }

    /// What of a view rests on records.
    private struct Shown: Equatable {
        var phase: BinView.Phase
        var order: BinView.Order?
    }

    private let state = Mutex(State())

    /// Tells how many operations the disk has done.
    var count: @Sendable () -> Int {
        get { self.state.withLock { $0.count } }
        set { self.state.withLock { $0.count = newValue } }
    }

    func committed(_ seq: RecordNumber) {
        self.state.withLock { state in
            state.commits.append(History.Commit(operations: state.count(), last: seq))
        }
    }

    func saw(_ view: BinView) {
        self.state.withLock { state in
            let shown = Shown(phase: view.phase, order: view.order)
            guard shown != state.shown else { return }
            state.shown = shown
            state.views.append((state.count(), view))
        }
    }

    /// What came since the last call.
    func take() -> (commits: [History.Commit], views: [(Int, BinView)]) {
        self.state.withLock { state in
            defer { (state.commits, state.views) = ([], []) }
            return (state.commits, state.views)
        }
    }
}

/// Both clocks of a machine in the story's time.
final class WorldClock: MomentSource {
    private struct State {
        var upMs: Int64 = 0
        var worldMs: Int64 = 0
        var isSet = false
    }

    /// When the story begins: 2026-09-21.
    private static let beginsMs: Int64 = 1_790_000_000_000
    /// Where the wall clock starts as long as nobody sets it: 2025-01-01.
    private static let unsetMs: Int64 = 1_735_689_600_000

    private let state = Mutex(State())

    var isSet: Bool {
        get { self.state.withLock { $0.isSet } }
        set { self.state.withLock { $0.isSet = newValue } }
    }

    func turn(worldMs: Int64, upMs: Int64) {
        self.state.withLock { ($0.worldMs, $0.upMs) = (worldMs, upMs) }
    }

    func now() -> BootInstant { BootInstant(milliseconds: self.state.withLock { $0.upMs }) }

    func moment() -> Moment {
        let state = self.state.withLock { $0 }
        let at = state.isSet ? Self.beginsMs + state.worldMs : Self.unsetMs + state.upMs
        return Moment(
            up: BootInstant(milliseconds: state.upMs), at: WallTime(millisecondsSince1970: at),
            clock: state.isSet ? .synced : .unset)
    }
}

extension History {
    /// The newest record that a view rests on.
    ///
    /// - Throws: `Finding` if the resident sees something that is not recorded.
    func seq(behind view: BinView) throws -> RecordNumber {
        var seq: RecordNumber = 0
        switch view.phase {
        case .idle, .greeting, .weighing, .collecting: break
        case .deposited(let fact):
            seq = try self.seq("a deposit") { $0 == .deposit(fact) }
        case .thanks(let fact):
            seq = try self.seq("an order") { $0 == .order(fact) }
        case .refused(let reason):
            seq = try self.seq("a refusal") { fact in
                if case .refused(let refused) = fact { refused.reason == reason } else { false }
            }
        case .fault(let code):
            guard code != "storage" else { throw Finding("the medium refused a record") }
        }
        if let order = view.order { seq = max(seq, try self.seq(behind: order)) }
        return seq
    }

    /// The sums of an open order are those of its records.
    private func seq(behind order: BinView.Order) throws -> RecordNumber {
        let opened = try self.seq("the opening of an order") { fact in
            if case .opened(let opened) = fact { opened.card == order.card } else { false }
        }
        var open: OpenOrder?
        var last = opened
        for record in self.records[(Int(opened) - 1)...] {
            switch record.fact {
            case .opened(let fact): open = open ?? OpenOrder(fact)
            case .deposit(let fact):
                _ = open?.add(fact, madeGood: .zero)
                last = record.header.seq
            case .boot, .clock, .order, .refused, .collection, .unattributed, .bulletin, .config,
                .calibration, .fault, .cleared:
                break
            }
        }
        guard let open, open.deposits == order.deposits, open.mass == order.mass,
            open.value == order.value, open.co2e == order.co2e
        else { throw Finding("the sums of order \(opened) are not those of its records") }
        return last
    }

    private func seq(_ what: String, where fits: (Fact) -> Bool) throws -> RecordNumber {
        guard let record = self.records.last(where: { fits($0.fact) }) else {
            throw Finding("\(what) was shown and is not recorded")
        }
        return record.header.seq
    }
}
