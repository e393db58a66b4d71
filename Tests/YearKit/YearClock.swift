import BinCore
import Synchronization

/// Both clocks of a machine in the story's time.
final class YearClock: MomentSource {
    /// What the wall clock shows while nobody has set it.
    enum Unset: Sendable {
        /// It begins anew: 2025-01-01.
        case fromTheFactory
        /// Milliseconds: behind, for it is the time that `fake-hwclock` saved last, or ahead.
        case wrong(by: Int64)
    }

    private struct State {
        var worldMs: Int64 = 0
        var startedMs: Int64 = 0
        /// The wall clock when the machine started; `nil` if it is right.
        var unset: Int64?
        /// How far it is trusted; `nil` until the journal is open.
        var trust: ClockTrust?
    }

    private static let factoryMs: Int64 = 1_735_689_600_000
    private let state = Mutex(State())

    /// The machine starts; `unset` is `nil` if a time server answers at once.
    func start(worldMs: Int64, unset: Unset?) {
        self.state.withLock { state in
            state.worldMs = worldMs
            state.startedMs = worldMs
            state.trust = nil
            switch unset {
            case nil: state.unset = nil
            case .fromTheFactory: state.unset = Self.factoryMs
            case .wrong(let ms): state.unset = Truth.beginsMs + worldMs + ms
            }
        }
    }

    /// The journal is open: as `steelyardd` judges from then on.
    ///
    /// - Parameters:
    ///   - newest: Its newest record.
    ///   - newestKnown: The newest time in it that is known.
    func trust(newest: ClockTrust.Newest?, newestKnown: WallTime?) {
        self.state.withLock {
            $0.trust = ClockTrust(newest: newest, newestKnown: newestKnown, hasBattery: false)
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
        self.state.withLock { state in
            let up = BootInstant(milliseconds: state.worldMs - state.startedMs)
            let ms = state.unset.map { $0 + up.milliseconds } ?? Truth.beginsMs + state.worldMs
            let at = WallTime(millisecondsSince1970: ms)
            let isKept = state.unset == nil
            let known = state.trust?.state(at: at, up: up, isKept: isKept)
            return Moment(up: up, at: at, clock: known ?? (isKept ? .synced : .unset))
        }
    }
}
