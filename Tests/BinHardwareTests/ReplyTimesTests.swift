import Testing

@testable import BinHardware

@Suite struct ReplyTimesTests {
    private func times(_ ms: [Int]) -> ReplyTimes {
        var times = ReplyTimes()
        for ms in ms { times.replied(us: ms * 1000) }
        return times
    }

    @Test(
        "Waits as the table says",
        arguments: [
            (5, [30, 60, 120, 200, 200, 200]), (25, [60, 120, 200, 200, 200, 200]),
            (100, [200, 200, 200, 200, 200, 200]),
        ])
    func patience(slowMs: Int, waits: [Int]) {
        let times = self.times(Array(repeating: slowMs, count: ReplyTimes.window))
        for (failures, wait) in waits.enumerated() {
            #expect(times.patienceMs(responseMs: 200, failures: failures) == wait)
        }
    }

    @Test func waitsForTheWholeTimeoutUntilItKnowsBetter() {
        var times = self.times(Array(repeating: 5, count: ReplyTimes.least - 1))
        #expect(times.patienceMs(responseMs: 200, failures: 0) == 200)
        times.replied(us: 5000)
        #expect(times.patienceMs(responseMs: 200, failures: 0) == 30)
        #expect(times.patienceMs(responseMs: 20, failures: 0) == 20)
        times.forget()
        #expect(times.patienceMs(responseMs: 200, failures: 0) == 200)
    }

    @Test func oneReplyInTenThatWasHeldUpCountsForNothing() {
        let usual = Array(repeating: 5, count: 28)
        let some = self.times(usual + [90, 90, 90, 90])
        #expect(some.patienceMs(responseMs: 200, failures: 0) == 30)
        let more = self.times(usual.dropLast() + [90, 90, 90, 90, 80])
        #expect(more.patienceMs(responseMs: 200, failures: 0) == 170)
        // And no longer once that is so many replies ago.
        var later = more
        for _ in 0..<ReplyTimes.window { later.replied(us: 5000) }
        #expect(later.patienceMs(responseMs: 200, failures: 0) == 30)
    }

    @Test(arguments: [Int.min, -1, 0, Int.max])
    func anyNumberIsAnswered(us: Int) {
        var times = ReplyTimes()
        for _ in 0..<100 { times.replied(us: us) }
        for failures in [Int.min, 0, 2, Int.max] {
            #expect((1...200).contains(times.patienceMs(responseMs: 200, failures: failures)))
        }
    }
}
