import BinCore
import BinRuntime
import CrashKit
import Records
import Synchronization

/// Notes what the bin showed and when something was committed, each with the number of disk
/// operations at that moment.
final class YearWitness: Sendable {
    /// What a resident was shown to be recorded.
    enum Shown: Hashable, Sendable {
        case deposit(DepositFact)
        case order(OrderFact)
    }

    private struct State {
        var commits: [(operations: Int, last: RecordNumber)] = []
        var shown: [(operations: Int, what: Shown)] = []
        var view: BinView?
        var disk: CrashDisk?
    }

    private let state = Mutex(State())

    /// Watches a bin on another disk from now on.
    func begin(on disk: CrashDisk) {
        self.state.withLock { state in
            state.disk = disk
            state.view = nil
        }
    }

    /// What the bin shows.
    var view: BinView? { self.state.withLock { $0.view } }

    func committed(_ seq: RecordNumber) {
        self.state.withLock { state in
            state.commits.append((state.disk?.count ?? 0, seq))
        }
    }

    func saw(_ view: BinView) {
        self.state.withLock { state in
            defer { state.view = view }
            guard view.phase != state.view?.phase else { return }
            let operations = state.disk?.count ?? 0
            switch view.phase {
            case .deposited(let fact): state.shown.append((operations, .deposit(fact)))
            case .thanks(let fact): state.shown.append((operations, .order(fact)))
            case .idle, .greeting, .weighing, .refused, .collecting, .fault: break
            }
        }
    }

    /// The newest record that was committed by then.
    func committed(by operations: Int) -> RecordNumber {
        self.state.withLock { state in
            state.commits.last { $0.operations <= operations }?.last ?? 0
        }
    }

    /// What was shown until then, since the last call; what came later was never seen.
    func takeShown(until operations: Int) -> [Shown] {
        self.state.withLock { state in
            defer { (state.shown, state.commits) = ([], []) }
            return state.shown.filter { $0.operations <= operations }.map(\.what)
        }
    }
}
