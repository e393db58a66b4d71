import BinCore
import Testing

@testable import BinHardware

@Suite struct PollScheduleTests {
    private let start = BootInstant(milliseconds: 5000)

    @Test func asksEachDeviceAtItsPeriodInTurn() {
        var schedule = PollSchedule(devices: 3, start: self.start)
        var now = self.start
        var order: [Int] = []
        while now < self.start.advanced(byMs: 600) {
            switch schedule.next(at: now) {
            case .poll(let index):
                order.append(index)
                now = now.advanced(byMs: 10)
                #expect(schedule.succeeded(index, at: now) == .none)
            case .wait(let until):
                #expect(until > now)
                now = until
            case nil:
                Issue.record("nothing to poll")
                return
            }
        }
        #expect(order == [0, 1, 2, 0, 1, 2, 0, 1, 2])
    }

    @Test func isDueAtThePeriodAndNotBefore() {
        var schedule = PollSchedule(devices: 1, start: self.start)
        _ = schedule.succeeded(0, at: self.start.advanced(byMs: 25))
        let due = self.start.advanced(byMs: 200)
        #expect(schedule.next(at: self.start.advanced(byMs: 199)) == .wait(until: due))
        #expect(schedule.next(at: due) == .poll(0))
    }

    /// A silent device holds the line for two periods: the others lose no poll for it.
    @Test func makesUpForOneMissedPoll() {
        var schedule = PollSchedule(devices: 1, start: self.start)
        _ = schedule.succeeded(0, at: self.start.advanced(byMs: 400))
        for late in [420, 430] as [Int64] {
            #expect(schedule.next(at: self.start.advanced(byMs: late)) == .poll(0))
            _ = schedule.succeeded(0, at: self.start.advanced(byMs: late))
        }
        let due = self.start.advanced(byMs: 600)
        #expect(schedule.next(at: self.start.advanced(byMs: 430)) == .wait(until: due))
    }

    @Test func doesNotMakeUpForMorePolls() {
        var schedule = PollSchedule(devices: 1, start: self.start)
        let late = self.start.advanced(byMs: 5000)
        for ms in [0, 10, 20] as [Int64] {
            #expect(schedule.next(at: late.advanced(byMs: ms)) == .poll(0))
            _ = schedule.succeeded(0, at: late.advanced(byMs: ms))
        }
        #expect(
            schedule.next(at: late.advanced(byMs: 20)) == .wait(until: late.advanced(byMs: 200)))
    }

    /// After so many ms, with what becomes of it; `nil` is an answer.
    @Test(
        "Goes down when it has failed for two seconds and five times in a row",
        arguments: [
            ([0, 300, 600, 900, 1999], nil), ([0, 300, 600, 900, 1999, 2000], 5),
            ([0, 500, 1000, 2000], nil), ([0, 500, 1000, 1500, 2000], 4),
            ([0, 100, 200, 300, 5000, 5001], 4),
        ] as [([Int64], Int?)])
    func goesDown(failures: [Int64], down: Int?) {
        var schedule = PollSchedule(devices: 1, start: self.start)
        // An answer in between, and all begins anew.
        for ms: Int64 in [-4000, -3000] {
            let now = self.start.advanced(byMs: ms)
            #expect(schedule.failed(0, answered: false, at: now) == .none)
        }
        #expect(schedule.succeeded(0, at: self.start) == .none)
        var wentDown: Int?
        for (index, ms) in failures.enumerated() {
            let now = self.start.advanced(byMs: ms)
            let wasLost = schedule.isLost(0, at: now)
            if schedule.failed(0, answered: false, at: now) == .wentDown { wentDown = index }
            #expect(wasLost == (wentDown != nil))
        }
        #expect(wentDown == down)
        let back = schedule.succeeded(0, at: self.start.advanced(byMs: 6000))
        #expect(back == (down == nil ? .none : .cameBack))
    }

    /// A reply that was spoiled, and one that was spoiled twice: the rhythm of 200 ms holds.
    @Test("Asks again soon, and keeps its rhythm", arguments: [1, 2])
    func retries(failures: Int) {
        var schedule = PollSchedule(devices: 1, start: self.start)
        var now = self.start
        for _ in 0..<failures {
            #expect(schedule.next(at: now) == .poll(0))
            now = now.advanced(byMs: 30)
            _ = schedule.failed(0, answered: false, at: now)
            let retry = now.advanced(byMs: PollSchedule.retryMs)
            #expect(schedule.next(at: now) == .wait(until: retry))
            now = retry
        }
        _ = schedule.succeeded(0, at: now.advanced(byMs: 10))
        let regular = self.start.advanced(byMs: PollSchedule.periodMs)
        #expect(schedule.next(at: now.advanced(byMs: 10)) == .wait(until: regular))
    }

    /// One that says something is not asked more often for that.
    @Test func doesNotHurryADeviceThatRefuses() {
        var schedule = PollSchedule(devices: 1, start: self.start)
        _ = schedule.failed(0, answered: true, at: self.start)
        let regular = self.start.advanced(byMs: PollSchedule.periodMs)
        #expect(schedule.next(at: self.start) == .wait(until: regular))
    }

    @Test func probesASilentDeviceAtGrowingIntervals() {
        #expect(
            self.intervals(answered: false)
                == [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
    }

    @Test func probesADeviceThatRefusesEverySecond() {
        #expect(self.intervals(answered: true) == [Int64](repeating: 1000, count: 8))
    }

    private func intervals(answered: Bool) -> [Int64] {
        var schedule = PollSchedule(devices: 1, start: self.start)
        let now = self.down(0, of: &schedule, answered: answered)
        var last = now
        return (0..<8).map { _ in
            guard case .wait(let until) = schedule.next(at: last) else { return 0 }
            defer { last = until }
            _ = schedule.failed(0, answered: answered, at: until)
            return until.ms(since: last)
        }
    }

    /// Lets a device go down. Returns when it did.
    private func down(
        _ index: Int, of schedule: inout PollSchedule, answered: Bool
    ) -> BootInstant {
        var now = self.start
        for ms: Int64 in [0, 500, 1000, 1500, 2000] {
            now = self.start.advanced(byMs: ms)
            _ = schedule.failed(index, answered: answered, at: now)
        }
        return now
    }

    /// Exchanges take 25 ms, failed ones 400 ms: a timeout of 200 ms and as long until the line is
    /// known to be quiet.
    @Test("Dead devices don't slow the healthy one", arguments: [1, 2, 3, 8])
    func deadDevices(dead: Int) {
        var schedule = PollSchedule(devices: dead + 1, start: self.start)
        var now = self.start
        var last = self.start
        var longestEarly: Int64 = 0
        var longest: Int64 = 0
        var good = 0
        while now < self.start.advanced(byMs: 600_000) {
            switch schedule.next(at: now) {
            case .poll(0):
                now = now.advanced(byMs: 25)
                _ = schedule.succeeded(0, at: now)
                let gap = now.ms(since: last)
                let isSettled = now.ms(since: self.start) > 30_000
                if isSettled {
                    longest = max(longest, gap)
                } else {
                    longestEarly = max(longestEarly, gap)
                }
                last = now
                good += 1
            case .poll(let index):
                now = now.advanced(byMs: 400)
                _ = schedule.failed(index, answered: false, at: now)
            case .wait(let until):
                now = until
            case nil:
                Issue.record("nothing to poll")
                return
            }
        }
        // Until the first of them has failed once each looks as good as the others.
        #expect(longestEarly <= Int64(dead) * 400 + 25 + 200)
        #expect(longest <= 400 + 25 + 200)
        // Of 3,000 polls in ten minutes, no more than one for each probe is lost.
        #expect(good >= 3000 - dead * 100)
    }

    /// Two devices that take longer than the period together: the bus is never free.
    @Test func starvesNobodyOnAFullBus() {
        var schedule = PollSchedule(devices: 3, start: self.start)
        var now = self.start
        var polls = [0, 0, 0]
        while now < self.start.advanced(byMs: 300_000) {
            guard case .poll(let index) = schedule.next(at: now) else {
                Issue.record("the bus was free")
                return
            }
            polls[index] += 1
            if index == 2 {
                now = now.advanced(byMs: 400)
                _ = schedule.failed(2, answered: false, at: now)
            } else {
                now = now.advanced(byMs: 150)
                _ = schedule.succeeded(index, at: now)
            }
        }
        #expect(abs(polls[0] - polls[1]) <= 1)
        #expect(polls[2] >= 3 + 5 + 8)
    }

    @Test func asksAllAtOnceAfterThePortWasAway() {
        var schedule = PollSchedule(devices: 2, start: self.start)
        let back = self.down(1, of: &schedule, answered: false).advanced(byMs: 10)
        schedule.restart(at: back)
        #expect(schedule.next(at: back) == .poll(0))
        #expect(schedule.succeeded(0, at: back) == .none)
        #expect(schedule.next(at: back) == .poll(1))
        #expect(schedule.succeeded(1, at: back) == .cameBack)
    }

    @Test func hasNothingToDoWithoutDevices() {
        #expect(PollSchedule(devices: 0, start: self.start).next(at: self.start) == nil)
    }
}
