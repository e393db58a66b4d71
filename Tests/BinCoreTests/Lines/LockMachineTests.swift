import BinCore
import Testing

@Suite struct LockMachineTests {
    private func lock(
        _ powered: LockSettings.Powered = .opens, longestMs: Int? = 500, restMs: Int = 4_500
    ) -> LockMachine {
        LockMachine(
            LockSettings(
                line: LineSettings(chip: "c", line: 1), powered: powered, longestMs: longestMs,
                restMs: restMs))
    }

    @Test func theCoilIsOffUntilSomethingIsWantedAndAfterIt() {
        for powered in LockSettings.Powered.allCases {
            var lock = self.lock(powered)
            #expect(!lock.isDriven)
            lock.advance(to: at(100))
            #expect(!lock.isDriven && lock.nextChange == nil)
            lock.want(open: powered == .opens, at: at(200))
            #expect(lock.isDriven)
            lock.release(at: at(300))
            #expect(!lock.isDriven && lock.nextChange == nil)
        }
    }

    @Test func aCoilThatOpensIsDrivenForItsLongestTimeAndThenRests() {
        var lock = self.lock()
        lock.want(open: true, at: at(1_000))
        #expect(lock.nextChange == at(1_500))
        lock.advance(to: at(1_499))
        #expect(lock.isDriven)
        lock.advance(to: at(1_500))
        #expect(!lock.isDriven && lock.isResting)
        #expect(lock.nextChange == at(6_000))
        lock.advance(to: at(5_999))
        #expect(!lock.isDriven)
        lock.advance(to: at(6_000))
        #expect(lock.isDriven)
        #expect(lock.nextChange == at(6_500))
    }

    @Test func aCoilThatLocksIsDrivenWhileTheLidIsToBeLocked() {
        var lock = self.lock(.locks, longestMs: nil)
        lock.want(open: false, at: at(0))
        #expect(lock.isDriven && lock.nextChange == nil)
        lock.advance(to: at(1_000_000_000_000))
        #expect(lock.isDriven)
        lock.want(open: true, at: at(1_000_000_000_001))
        #expect(!lock.isDriven)
    }

    @Test func aShortOpeningLeavesTheRestOfTheTime() {
        var lock = self.lock()
        lock.want(open: true, at: at(0))
        lock.want(open: false, at: at(200))
        #expect(lock.nextChange == nil)
        lock.want(open: true, at: at(200))
        #expect(lock.nextChange == at(500))
        // 900 ms off cool what 100 ms on have warmed.
        lock.want(open: false, at: at(300))
        lock.want(open: true, at: at(1_200))
        #expect(lock.nextChange == at(1_500))
    }

    @Test func aClockThatStandsStillOrGoesBackDoesNoHarm() {
        var lock = self.lock()
        lock.want(open: true, at: at(1_000))
        lock.advance(to: at(900))
        #expect(lock.nextChange == at(1_500))
        lock.advance(to: at(1_500))
        #expect(!lock.isDriven)
    }

    /// Wishes that come and go at random, and machines that are late: in no stretch of
    /// `longest + rest` is the coil driven for longer than `longest` plus its share, and never for
    /// more than `longest` without a break.
    @Test("a wish that flaps cannot overheat the coil", arguments: 0..<50)
    func flapping(seed: Int) {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func random(_ below: UInt64) -> Int64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int64((state >> 33) % below)
        }
        let (longest, rest): (Int64, Int64) = (500, 4_500)
        var lock = self.lock()
        var driven: [Bool] = []
        var now: Int64 = 0
        for _ in 0..<4_000 {
            let next = now + random(40) + 1
            // The shell wakes up when a change is due.
            while let due = lock.nextChange?.milliseconds, due <= next {
                driven += Array(repeating: lock.isDriven, count: Int(due - now))
                now = due
                lock.advance(to: at(due))
            }
            driven += Array(repeating: lock.isDriven, count: Int(next - now))
            now = next
            lock.want(open: random(3) > 0, at: at(now))
        }
        var stretch: Int64 = 0
        for isOn in driven {
            stretch = isOn ? stretch + 1 : 0
            #expect(stretch <= longest)
            if stretch > longest { return }
        }
        let sums = driven.reduce(into: [Int64(0)]) { $0.append(($0.last ?? 0) + ($1 ? 1 : 0)) }
        let window = Int(longest + rest)
        for start in stride(from: 0, to: sums.count - window, by: 100) {
            #expect(sums[start + window] - sums[start] <= 2 * longest)
        }
        let share = (sums.last ?? 0) * (longest + rest)
        #expect(share <= now * longest + longest * (longest + rest))
    }
}
