import BinCore
import Testing

@testable import BinHardware

@Suite struct FreshnessTests {
    private typealias Kind = ScaleRegisters.Liveness.Kind

    private let start = BootInstant(milliseconds: 1000)

    /// A transmitter with a count of conversions behind its weight.
    private final class Converter: RegisterAccess, MonotonicClock, @unchecked Sendable {
        // @unchecked: guarded by being used by one test on one thread; there is no library.
        var instant = BootInstant(milliseconds: 1000)
        var count: UInt16 = 0
        var weight: UInt16 = 0
        /// What each request lets the count step by.
        var step: UInt16 = 0
        var requests = 0

        func now() -> BootInstant { self.instant }

        func read(_ block: RegisterBlock, of unit: Int) throws(BusError) -> [UInt16] {
            self.requests += 1
            self.count &+= self.step
            return [0, self.weight, self.count]
        }

        func write(_ write: LoopWrite, to unit: Int) throws(BusError) {}
    }

    private func poll(_ kind: Kind?) throws -> ScalePoll {
        let alive = kind.map { ScaleRegisters.Liveness(kind: $0, block: Fixtures.register(2)) }
        var registers = try Fixtures.registers()
        registers.status = nil
        registers.liveness = alive
        return ScalePoll(registers)
    }

    @Test func aWeightWithoutANewConversionIsNotTold() throws {
        let device = Converter()
        var poll = try self.poll(.counter)
        #expect(try poll.reading(device, of: 1, clock: device)?.at == device.instant)
        for _ in 0..<5 {
            device.instant = device.instant.advanced(byMs: 200)
            #expect(try poll.reading(device, of: 1, clock: device) == nil)
        }
        device.count += 1
        #expect(try poll.reading(device, of: 1, clock: device)?.at == device.instant)
    }

    /// At 80 conversions a second a count of 20 comes round in 250 ms.
    @Test func aCountThatCameRoundIsNoStandstill() throws {
        let device = Converter()
        var poll = try self.poll(.counter)
        _ = try poll.reading(device, of: 1, clock: device)
        device.instant = device.instant.advanced(byMs: 250)
        device.requests = 0
        device.step = 1
        device.count &-= 1
        #expect(try poll.reading(device, of: 1, clock: device) != nil)
        #expect(device.requests == 2)
    }

    @Test("What stands still for ten seconds is frozen", arguments: [Kind.counter, .noise])
    private func frozen(kind: Kind) throws {
        let device = Converter()
        var poll = try self.poll(kind)
        let start = device.instant
        _ = try poll.reading(device, of: 1, clock: device)
        while device.instant < start.advanced(byMs: FreshnessWatch.frozenMs - 200) {
            device.instant = device.instant.advanced(byMs: 200)
            let reading = try poll.reading(device, of: 1, clock: device)
            // Noise may pause for a moment; a value that stands for longer isn't told as new.
            let isMoment = device.instant < start.advanced(byMs: FreshnessWatch.restMs)
            #expect((reading == nil) == (kind == .counter || !isMoment))
        }
        for _ in 0..<10 {
            device.instant = device.instant.advanced(byMs: 200)
            #expect(throws: BusError(.frozen)) {
                _ = try poll.reading(device, of: 1, clock: device)
            }
        }
        device.count += 1
        #expect(try poll.reading(device, of: 1, clock: device) != nil)
    }

    @Test("A weight that moves is alive", arguments: [Kind.counter, .noise])
    private func moving(kind: Kind) throws {
        let device = Converter()
        var poll = try self.poll(kind)
        for _ in 0..<100 {
            device.instant = device.instant.advanced(byMs: 200)
            device.weight += 1
            #expect(try poll.reading(device, of: 1, clock: device) != nil)
        }
    }

    /// Filters make weights that stay the same to the last digit: no fault, all night long.
    @Test func anEqualWeightAloneIsNoFault() throws {
        let device = Converter()
        var poll = try self.poll(nil)
        for _ in 0..<(8 * 3600 * 5) {
            device.instant = device.instant.advanced(byMs: 200)
            #expect(try poll.reading(device, of: 1, clock: device)?.at == device.instant)
        }
    }

    /// Nothing was seen to stand still while nobody looked, but nothing was seen to move either.
    @Test func aPauseIsNoStandstillAndNoMovement() {
        var watch = FreshnessWatch(sign: .noise)
        #expect(watch.polled([1, 2], at: self.start) == .fresh)
        let later = self.start.advanced(byMs: 3_600_000)
        #expect(watch.polled([1, 2], at: later) == .unmoved)
        #expect(watch.polled([1, 3], at: later.advanced(byMs: 200)) == .fresh)
    }

    /// The device is down, and probed as seldom as a bus with other troubles has time for.
    @Test(
        "What is frozen stays so until it moves", arguments: [200, 1000, 2500, 30_000] as [Int64])
    func staysFrozen(everyMs: Int64) {
        for sign: FreshnessWatch.Sign in [.counter, .noise, .motion] {
            var watch = FreshnessWatch(sign: sign)
            var now = self.start
            var verdicts: [FreshnessWatch.Verdict] = []
            for _ in 0..<2000 {
                verdicts.append(watch.polled([1, 2], at: now))
                now = now.advanced(byMs: everyMs)
            }
            let first = verdicts.firstIndex(of: .frozen) ?? verdicts.count
            #expect(first < 400)
            #expect(verdicts[first...].allSatisfy { $0 == .frozen })
            #expect(watch.polled([1, 3], at: now) == .fresh)
            #expect(watch.polled([1, 3], at: now.advanced(byMs: 200)) != .frozen)
        }
    }

    /// A device that offers nothing, but says that its weight moves: status bit 0 is "stable".
    @Test func motionWithoutMovementIsAStandstill() throws {
        let device = Converter()
        device.count = 0b0000
        var poll = ScalePoll(try Fixtures.registers())
        let start = device.instant
        #expect(try poll.reading(device, of: 1, clock: device)?.isStable == false)
        while device.instant < start.advanced(byMs: FreshnessWatch.motionlessMs - 200) {
            device.instant = device.instant.advanced(byMs: 200)
            #expect(try poll.reading(device, of: 1, clock: device) != nil)
        }
        device.instant = device.instant.advanced(byMs: 200)
        #expect(throws: BusError(.frozen)) {
            _ = try poll.reading(device, of: 1, clock: device)
        }
        device.weight += 1
        #expect(try poll.reading(device, of: 1, clock: device) != nil)
    }

    /// At rest, above what can be shown, or with a broken cell a weight may stay the same.
    @Test("What need not move is no standstill", arguments: [0b0001, 0b0010, 0b0100] as [UInt16])
    func rest(status: UInt16) throws {
        let device = Converter()
        device.count = status
        var poll = ScalePoll(try Fixtures.registers())
        for _ in 0..<3600 {
            device.instant = device.instant.advanced(byMs: 200)
            #expect(try poll.reading(device, of: 1, clock: device) != nil)
        }
    }
}
