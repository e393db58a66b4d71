import BinCore
import Testing

@testable import BinHardware

/// An hour of a bus in virtual time.
@Suite struct BusHourTests {
    private struct Hour {
        var polls: [Int]
        var notices: [BusMachine.Notice] = []
    }

    /// A poll of a healthy device takes 25 ms, of a silent one two timeouts of 200 ms.
    private func hour(
        devices: Int, opens: Bool = true, failing: (Int, Int64) -> BusError?
    ) throws -> Hour {
        let start = BootInstant(milliseconds: 1000)
        var machine = BusMachine(
            bus: try Fixtures.name("rs485"),
            parts: (0..<devices).map { BusMachine.Part(source: "scale s\($0)", unit: $0 + 1) },
            start: start)
        var hour = Hour(polls: Array(repeating: 0, count: devices))
        var now = start
        while now < start.advanced(byMs: 3_600_000) {
            switch machine.next(at: now) {
            case .open where opens: machine.opened(at: now)
            case .open: hour.notices += machine.openFailed(BusError(.portMissing), at: now)
            case .wait(let until): now = until ?? start.advanced(byMs: 3_600_000)
            case .poll(let index):
                let error = failing(index, now.ms(since: start))
                hour.polls[index] += 1
                now = now.advanced(byMs: error.map { $0.wasAnswered ? 25 : 400 } ?? 25)
                hour.notices += machine.polled(index, error: error, at: now)
            }
        }
        return hour
    }

    /// Each notice is one line of the log, at the level debug or above.
    @Test(
        "A dead device makes few lines, and costs the others little",
        arguments: [.noReply, .badFrame(.checksum), .exception(4), .frozen]
            as [BusError.Cause])
    func dead(cause: BusError.Cause) throws {
        let hour = try self.hour(devices: 8) { index, _ in index == 3 ? BusError(cause) : nil }
        // It stumbled, and was down.
        #expect(hour.notices.count == 2)
        for (index, polls) in hour.polls.enumerated() where index != 3 {
            // 18,000 periods of 200 ms.
            #expect(polls >= 17_500)
        }
    }

    /// Probes of two devices that are down keep away from each other, so that a frozen one is asked
    /// seldom: it must not look new for that, again and again.
    @Test("Frozen scales beside dead ones stay frozen", arguments: [(1, 1), (2, 0), (2, 3)])
    func frozen(frozen: Int, dead: Int) throws {
        var watches = Array(repeating: FreshnessWatch(sign: .noise), count: frozen)
        var told = 0
        let hour = try self.hour(devices: 8) { index, ms in
            guard index < frozen else {
                return index < frozen + dead ? BusError(.noReply) : nil
            }
            let verdict = watches[index].polled([1, 2], at: BootInstant(milliseconds: ms))
            if verdict == .fresh { told += 1 }
            return verdict == .frozen ? BusError(.frozen) : nil
        }
        let faults = hour.notices.compactMap { notice -> String? in
            if case .failed(let fault) = notice { fault.source } else { nil }
        }
        #expect(faults.count == frozen + dead)
        #expect(hour.notices.allSatisfy { if case .restored = $0 { false } else { true } })
        #expect(hour.notices.count == (frozen + dead) * 2)
        // Of the first second.
        #expect(told <= 6 * frozen)
    }

    @Test func aMissingPortMakesOneLine() throws {
        let hour = try self.hour(devices: 8, opens: false) { _, _ in nil }
        #expect(hour.notices.count == 1)
    }

    /// An exception that noise made, or a device that is busy for an hour: it is asked every second
    /// for ever, and back at its first answer.
    @Test func anExceptionNeverEndsADevice() throws {
        let hour = try self.hour(devices: 2) { index, ms in
            index == 0 && ms < 3_590_000 ? BusError(.exception(2)) : nil
        }
        #expect(hour.polls[0] > 3000)
        let restored = hour.notices.filter { if case .restored = $0 { true } else { false } }
        #expect(restored.count == 1)
        #expect(hour.notices.count == 3)
    }

    @Test func aSilentDeviceIsAskedLessAndLess() throws {
        let hour = try self.hour(devices: 1) { _, _ in BusError(.noReply) }
        // 3 before it is down, after 1, 2, 4, 8, 16 s, then every 30 s.
        #expect((120...130).contains(hour.polls[0]))
    }
}
