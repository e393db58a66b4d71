/// How long a device is waited for: as long as its timeout at first, and once it is known how fast
/// it answers, twice that and some.
///
/// On a line that spoils replies most of a timeout is time that the other devices lack. A device
/// that gets slower is not lost by it: with each failure in a row it is given twice as much, up to
/// its timeout, and what it takes then counts.
///
/// | nine of ten of the last 32 took, ms | waited for, ms: at first | after 1 failure | 2 | 3 |
/// | ---: | ---: | ---: | ---: | ---: |
/// | 5 | 30 | 60 | 120 | 200 |
/// | 25 | 60 | 120 | 200 | 200 |
/// | 100 | 200 | 200 | 200 | 200 |
///
/// with a timeout of 200 ms.
struct ReplyTimes: Hashable, Sendable {
    /// So many replies are looked at. The slowest tenth is left out: what was held up by something
    /// else, for once, would cost all of them.
    static let window = 32
    /// Before so many nothing is known.
    static let least = 8
    /// Waited for in any case: adapters hold bytes back for 16 ms, and a busy machine is late.
    static let shortestMs = 30
    static let marginMs = 10

    private var recentMs: [Int] = []
    private var next = 0

    /// A reply came so long after its request.
    mutating func replied(us: Int) {
        let ms = (min(max(us, 0), 120_000_000) + 999) / 1000
        if self.recentMs.count < Self.window {
            self.recentMs.append(ms)
        } else {
            self.recentMs[self.next] = ms
            self.next = (self.next + 1) % Self.window
        }
    }

    /// What is known of a device is not known of the one that comes in its place.
    mutating func forget() { self = ReplyTimes() }

    /// How long the device is waited for, in ms; 1 to `responseMs`.
    ///
    /// - Parameters:
    ///   - responseMs: The longest.
    ///   - failures: How often in a row it has failed.
    func patienceMs(responseMs: Int, failures: Int) -> Int {
        guard self.recentMs.count >= Self.least, failures < PollSchedule.failuresUntilDown else {
            return responseMs
        }
        let usualCount = self.recentMs.count * 9 / 10
        let slow = self.recentMs.sorted().prefix(usualCount).last ?? 0
        let usual = max(Self.shortestMs, 2 * slow + Self.marginMs)
        return min(usual << max(failures, 0), responseMs)
    }
}
