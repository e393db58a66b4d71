import BinCore
import Testing

@testable import BinHardware

@Suite struct BusMachineTests {
    private let start = BootInstant(milliseconds: 1000)
    private let lost = BusError(.portLost(5))
    private let missing = BusError(.portMissing)

    private func machine() throws -> BusMachine {
        BusMachine(
            bus: try Fixtures.name("rs485"),
            parts: [
                BusMachine.Part(source: "scale pet", unit: 1),
                BusMachine.Part(source: "reader side", unit: 9),
            ], start: self.start)
    }

    private func tell(_ notices: [BusMachine.Notice]) -> [Notice] {
        notices.compactMap { notice in
            switch notice {
            case .stumbled: nil
            case .failed(let fault): .failed(fault.source, fault.code)
            case .restored(let fault): .restored(fault.source, fault.code)
            }
        }
    }

    @Test func triesAMissingPortAtGrowingIntervalsAndTellsItOnce() throws {
        var machine = try self.machine()
        var now = self.start
        var told: [Notice] = []
        var waits: [Int64] = []
        for _ in 0..<6 {
            #expect(machine.next(at: now) == .open)
            told += self.tell(machine.openFailed(self.missing, at: now))
            guard case .wait(let until?) = machine.next(at: now) else {
                Issue.record("no wait")
                return
            }
            waits.append(until.ms(since: now))
            now = until
        }
        #expect(waits == [500, 1000, 2000, 4000, 5000, 5000])
        #expect(told == [.failed("bus rs485", "port-missing")])
    }

    @Test func aLostPortIsOneFaultAndNoneOfItsDevices() throws {
        var machine = try self.machine()
        machine.opened(at: self.start)
        #expect(machine.polled(0, error: nil, at: self.start).isEmpty)
        let told = machine.polled(1, error: self.lost, at: self.start)
        #expect(self.tell(told) == [.failed("bus rs485", "port-lost")])
        #expect(machine.health.map(\.state) == [.down, .down, .down])
        #expect(machine.openFailed(self.missing, at: self.start).isEmpty)
        machine.opened(at: self.start)
        #expect(machine.next(at: self.start) == .poll(1))
        let back = machine.polled(0, error: nil, at: self.start)
        #expect(self.tell(back) == [.restored("bus rs485", "port-lost")])
        #expect(machine.health.map(\.state) == [.working, .working, .down])
    }

    @Test func anAdapterThatOpensAndFailsIsNotBack() throws {
        var machine = try self.machine()
        machine.opened(at: self.start)
        _ = machine.polled(0, error: self.lost, at: self.start)
        machine.opened(at: self.start)
        #expect(machine.polled(0, error: self.lost, at: self.start).isEmpty)
        let until = self.start.advanced(byMs: 1000)
        #expect(machine.next(at: self.start) == .wait(until: until))
    }

    @Test func silenceShowsThatThePortWorks() throws {
        var machine = try self.machine()
        machine.opened(at: self.start)
        _ = machine.polled(0, error: self.lost, at: self.start)
        machine.opened(at: self.start)
        let told = machine.polled(0, error: BusError(.noReply), at: self.start)
        #expect(self.tell(told) == [.restored("bus rs485", "port-lost")])
    }

    @Test func aDeviceIsToldOnceWhenItGoesDownAndOnceWhenItIsBack() throws {
        var machine = try self.machine()
        machine.opened(at: self.start)
        var told: [Notice] = []
        for second: Int64 in 0..<50 {
            let now = self.start.advanced(byMs: second * 1000)
            let cause: BusError.Cause = second < 5 ? .noReply : .badFrame(.checksum)
            told += self.tell(machine.polled(0, error: BusError(cause), at: now))
        }
        #expect(told == [.failed("scale pet", "no-reply")])
        #expect(machine.health.map(\.state) == [.working, .down, .unknown])
        let back = machine.polled(0, error: nil, at: self.start)
        #expect(self.tell(back) == [.restored("scale pet", "no-reply")])
    }

    @Test func aDeviceThatWasDownBeforeThePortWentStaysTold() throws {
        var machine = try self.machine()
        machine.opened(at: self.start)
        for ms: Int64 in [0, 500, 1000, 1500, 2000] {
            let now = self.start.advanced(byMs: ms)
            _ = machine.polled(0, error: BusError(.noReply), at: now)
        }
        _ = machine.polled(1, error: self.lost, at: self.start)
        machine.opened(at: self.start)
        _ = machine.polled(1, error: nil, at: self.start)
        for _ in 0..<5 {
            #expect(machine.polled(0, error: BusError(.noReply), at: self.start).isEmpty)
        }
        let told = machine.polled(0, error: nil, at: self.start)
        #expect(self.tell(told) == [.restored("scale pet", "no-reply")])
    }

    @Test func onlyTheFirstFailureInARowIsALine() throws {
        var machine = try self.machine()
        machine.opened(at: self.start)
        let error = BusError(.noReply)
        let stumbled = BusMachine.Notice.stumbled(source: "scale pet", code: "no-reply")
        #expect(machine.polled(0, error: error, at: self.start) == [stumbled])
        #expect(machine.polled(0, error: error, at: self.start).isEmpty)
        #expect(machine.polled(0, error: nil, at: self.start).isEmpty)
        #expect(machine.polled(0, error: error, at: self.start) == [stumbled])
    }

    @Test func countsWhatDevicesDid() throws {
        var machine = try self.machine()
        machine.opened(at: self.start)
        _ = machine.polled(0, error: nil, at: self.start)
        _ = machine.polled(1, error: nil, at: self.start)
        let causes: [BusError.Cause] = [.noReply, .lateReply, .badFrame(.sender), .exception(2)]
        for (second, cause) in causes.enumerated() {
            let now = self.start.advanced(byMs: Int64(second) * 1000)
            _ = machine.polled(0, error: BusError(cause), at: now)
        }
        let expected = DeviceHealth(
            part: "scale pet", state: .failing, polls: 5, timeouts: 2, badFrames: 1, exceptions: 1,
            lastGood: self.start)
        #expect(machine.health[1] == expected)
        #expect(machine.health[0].polls == 6)
        #expect(machine.health[2].polls == 1)
    }

    @Test func aBusWithoutDevicesLeavesItsPortAlone() throws {
        let machine = BusMachine(bus: try Fixtures.name("rs485"), parts: [], start: self.start)
        #expect(machine.next(at: self.start) == .wait(until: nil))
    }

    @Test(
        "Each kind of failure has its next step",
        arguments: [
            (.noReply, .waitOutReply), (.lateReply, .waitOutReply),
            (.badFrame(.checksum), .waitOutReply), (.badFrame(.sender), .waitOutReply),
            (.badFrame(.brokenOff), .waitOutReply), (.exception(2), .retryNextCycle),
            (.badValue, .retryNextCycle), (.inconsistent, .retryNextCycle),
            (.notCleared, .retryNextCycle), (.badRequest, .retryNextCycle),
            (.portMissing, .reopenPort), (.portRefused(13), .reopenPort),
            (.portLost(5), .reopenPort),
        ] as [(BusError.Cause, BusError.Policy)])
    func policies(cause: BusError.Cause, policy: BusError.Policy) {
        #expect(BusError(cause).policy == policy)
        #expect(BusError(cause).hint.utf8.count <= 120)
    }

    @Test(
        "A lost adapter is told from a bad exchange",
        arguments: [
            (-5, .portLost(5)), (-19, .portLost(19)), (-6, .portLost(6)), (-9, .portLost(9)),
            (-104, .portLost(104)), (-110, .noReply), (-22, .badRequest),
            (-0x10002, .exception(2)), (-0x1000B, .exception(11)), (-0x10100, .badFrame(.checksum)),
            (-0x10101, .badFrame(.shape)), (-0x10102, .badFrame(.exceptionNumber)),
            (-0x10103, .badFrame(.sender)), (-0x10104, .badFrame(.brokenOff)),
        ] as [(Int32, BusError.Cause)])
    func codes(code: Int32, cause: BusError.Cause) {
        #expect(BusError(exchange: code).cause == cause)
    }

    @Test(
        "A missing port is told from one that may not be opened",
        arguments: [
            (-2, .portMissing), (-19, .portMissing), (-6, .portMissing), (-5, .portMissing),
            (-13, .portRefused(13)), (-16, .portRefused(16)), (-22, .portRefused(22)),
        ] as [(Int32, BusError.Cause)])
    func openingCodes(code: Int32, cause: BusError.Cause) {
        #expect(BusError(opening: code).cause == cause)
    }
}
