import BinCore
import Testing

@Suite struct ClockTrustTests {
    /// 2026-11-26.
    private static let now = WallTime(millisecondsSince1970: 1_795_651_200_000)
    private static let up = BootInstant(milliseconds: 60_000)

    @Test(
        "the first look",
        arguments: [
            (nil, false, .holdover),
            (.init(clock: .synced, isOfThisStart: true), false, .holdover),
            (.init(clock: .holdover, isOfThisStart: true), false, .holdover),
            (.init(clock: .unset, isOfThisStart: true), false, .unset),
            (.init(clock: .synced, isOfThisStart: false), false, .unset),
            (.init(clock: .synced, isOfThisStart: false), true, .holdover),
            (.init(clock: .unset, isOfThisStart: false), true, .holdover),
        ] as [(ClockTrust.Newest?, Bool, ClockState)])
    func first(newest: ClockTrust.Newest?, hasBattery: Bool, state: ClockState) {
        var trust = ClockTrust(
            newest: newest, newestKnown: Self.now.advanced(byMs: -90_000), hasBattery: hasBattery)
        #expect(trust.state(at: Self.now, up: Self.up, isKept: false) == state)
        #expect(trust.state(at: Self.now, up: Self.up, isKept: true) == .synced)
        // A time server that goes away leaves a good clock behind.
        #expect(trust.state(at: Self.now, up: Self.up, isKept: false) == .holdover)
    }

    @Test func aTimeBehindWhatIsKnownIsNone() {
        var trust = ClockTrust(newest: nil, newestKnown: Self.now, hasBattery: true)
        let before = Self.now.advanced(byMs: -1)
        #expect(trust.state(at: before, up: Self.up, isKept: false) == .unset)
        #expect(trust.state(at: Self.now, up: Self.up, isKept: false) == .holdover)
    }

    @Test func aTimeBeforeTheSoftwareIsNoneWhoeverKeepsIt() {
        var trust = ClockTrust(newest: nil, newestKnown: nil, hasBattery: true)
        #expect(trust.state(at: .epoch, up: Self.up, isKept: true) == .unset)
    }

    /// Without a battery the clock stands still while the machine is off: however plausible, and
    /// however long it runs, it is months behind.
    @Test func aClockThatStoodStillIsUnsetUntilItIsSet() {
        var trust = ClockTrust(
            newest: .init(clock: .synced, isOfThisStart: false),
            newestKnown: Self.now.advanced(byMs: -3_600_000), hasBattery: false)
        for hours in 0..<72 as Range<Int64> {
            let (wall, up) = (
                Self.now.advanced(byMs: hours * 3_600_000),
                Self.up.advanced(byMs: hours * 3_600_000)
            )
            #expect(trust.state(at: wall, up: up, isKept: false) == .unset)
        }
        // Somebody sets it by hand.
        let (set, up) = (
            Self.now.advanced(byMs: 90 * 86_400_000), Self.up.advanced(byMs: 72 * 3_600_000)
        )
        #expect(trust.state(at: set, up: up, isKept: false) == .holdover)
        #expect(
            trust.state(at: set.advanced(byMs: 1000), up: up.advanced(byMs: 1000), isKept: false)
                == .holdover)
    }
}
