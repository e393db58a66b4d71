import BinCore
import Synchronization

/// Both clocks of a machine in the story's time.
final class YearClock: MomentSource {
    /// What the wall clock shows while nobody has set it.
    enum Unset: Sendable {
        /// It begins anew: 2025-01-01.
        case fromTheFactory
        /// The time that was saved last, as `fake-hwclock` does.
        case saved(WallTime)
    }

    private struct State {
        var worldMs: Int64 = 0
        var startedMs: Int64 = 0
        /// The wall clock when the machine started; `nil` if it is right.
        var unset: Int64?
        /// The newest time that stands in the journal.
        var newestMs: Int64 = 0
    }

    private static let factoryMs: Int64 = 1_735_689_600_000
    /// Before this the software didn't exist: 2026-01-01.
    private static let firstPlausibleMs: Int64 = 1_767_225_600_000

    private let state = Mutex(State())

    /// The machine starts; `unset` is `nil` if a time server answers at once.
    func start(worldMs: Int64, unset: Unset?, newest: WallTime) {
        self.state.withLock { state in
            state.worldMs = worldMs
            state.startedMs = worldMs
            state.newestMs = newest.millisecondsSince1970
            switch unset {
            case nil: state.unset = nil
            case .fromTheFactory: state.unset = Self.factoryMs
            case .saved(let time): state.unset = time.millisecondsSince1970
            }
        }
    }

    /// A time server is reached.
    func set() { self.state.withLock { $0.unset = nil } }

    var isSet: Bool { self.state.withLock { $0.unset == nil } }

    /// When the machine started, in the story's time.
    var startedMs: Int64 { self.state.withLock { $0.startedMs } }

    func turn(to worldMs: Int64) { self.state.withLock { $0.worldMs = worldMs } }

    func now() -> BootInstant {
        BootInstant(milliseconds: self.state.withLock { $0.worldMs - $0.startedMs })
    }

    func moment() -> Moment {
        let state = self.state.withLock { $0 }
        let upMs = state.worldMs - state.startedMs
        guard let unset = state.unset else {
            return Moment(
                up: BootInstant(milliseconds: upMs),
                at: WallTime(millisecondsSince1970: Truth.beginsMs + state.worldMs),
                clock: .synced)
        }
        let at = unset + upMs
        // What `steelyardd` says of a clock that no time server keeps.
        let isPlausible = at >= max(Self.firstPlausibleMs, state.newestMs)
        return Moment(
            up: BootInstant(milliseconds: upMs), at: WallTime(millisecondsSince1970: at),
            clock: isPlausible ? .holdover : .unset)
    }
}
