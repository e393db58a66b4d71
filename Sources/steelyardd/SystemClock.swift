import BinCore
import CClock
import Console
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The clocks of this machine.
final class SystemClock: MomentSource {
    private let trust: Mutex<ClockTrust>

    /// See `ClockTrust`.
    init(newest: ClockTrust.Newest?, newestKnown: WallTime?) {
        self.trust = Mutex(
            ClockTrust(newest: newest, newestKnown: newestKnown, hasBattery: Self.hasBattery))
    }

    func now() -> BootInstant { BootInstant(milliseconds: cclock_boot_ms()) }

    func moment() -> Moment {
        self.trust.withLock { trust in
            let at = WallTime(millisecondsSince1970: cclock_wall_ms())
            let up = self.now()
            let isKept = cclock_is_kept() == 1
            return Moment(up: up, at: at, clock: trust.state(at: at, up: up, isKept: isKept))
        }
    }

    /// A real-time clock without a battery runs too, from 1970 on.
    private static let batteryAgreesWithinSeconds: Int64 = 60

    /// Whether the machine has a real-time clock that says the same as the wall clock.
    private static var hasBattery: Bool {
        // `try?`: most of the machines that this runs on have none.
        guard let bytes = try? Console.read("/sys/class/rtc/rtc0/since_epoch"),
            let seconds = Int64(String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self))
        else { return false }
        let away = seconds - cclock_wall_ms() / 1000
        return (-Self.batteryAgreesWithinSeconds...Self.batteryAgreesWithinSeconds).contains(away)
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
