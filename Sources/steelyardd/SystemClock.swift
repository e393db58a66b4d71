import BinCore
import CClock
import Console

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The clocks of this machine.
struct SystemClock: MomentSource {
    /// Wall time before this can't be right: the software didn't exist (2026-01-01).
    private static let firstPlausible = WallTime(millisecondsSince1970: 1_767_225_600_000)

    /// The newest record's time: a wall clock behind it was never set since.
    private let newestRecord: WallTime

    init(newestRecord: WallTime?) { self.newestRecord = newestRecord ?? Self.firstPlausible }

    func now() -> BootInstant { BootInstant(milliseconds: Self.read(CLOCK_BOOTTIME)) }

    func moment() -> Moment {
        let at = WallTime(millisecondsSince1970: Self.read(CLOCK_REALTIME))
        return Moment(up: self.now(), at: at, clock: self.state(at))
    }

    private func state(_ at: WallTime) -> ClockState {
        guard at >= Self.firstPlausible else { return .unset }
        if cclock_is_kept() == 1 { return .synced }
        return at >= self.newestRecord ? .holdover : .unset
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// The kernel's id of this start of the machine.
    static func bootID() throws(Failure) -> String {
        let path = "/proc/sys/kernel/random/boot_id"
        guard let file = fopen(path, "r") else {
            throw Failure("\(path) can't be read; is /proc mounted?", .unavailable)
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count).prefix { $0 != 0x0A }, as: UTF8.self)
    }
}
