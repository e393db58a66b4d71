import BinCore
import Testing

@testable import BinHardware

/// Registers without a line, and what was asked of them.
private final class FakeDevice: RegisterAccess {
    var registers: [Int: UInt16]
    var log: [String] = []
    /// Called before each read.
    var beforeRead: (FakeDevice) -> Void = { _ in }
    var ignoresWrites = false

    init(_ registers: [Int: UInt16]) { self.registers = registers }

    func read(_ block: RegisterBlock, of unit: Int) throws(BusError) -> [UInt16] {
        self.beforeRead(self)
        self.log.append("\(block.table) \(block.address)+\(block.count)")
        var values: [UInt16] = []
        for address in block.address..<(block.address + block.count) {
            guard let value = self.registers[address] else { throw BusError(.exception(2)) }
            values.append(value)
        }
        return values
    }

    func write(_ write: LoopWrite, to unit: Int) throws(BusError) {
        let value = write.command.values.first ?? 0
        self.log.append("write \(write.command.address)=\(value)")
        if !self.ignoresWrites { self.registers[write.command.address] = value }
    }
}

private struct StoppedClock: MonotonicClock {
    func now() -> BootInstant { BootInstant(milliseconds: 42) }
}

@Suite struct RegisterPollTests {
    @Test(
        "Blocks are joined when they are in one table and within 16 registers",
        arguments: [
            (0, 2, 2, 1, 0, 3), (2, 1, 0, 2, 0, 3), (0, 2, 14, 2, 0, 16), (0, 2, 15, 2, nil, nil),
            (8, 1, 30, 2, nil, nil), (5, 4, 6, 1, 5, 4),
        ] as [(Int, Int, Int, Int, Int?, Int?)])
    func joining(a: Int, n: Int, b: Int, m: Int, start: Int?, count: Int?) {
        let first = RegisterBlock(table: .holding, address: a, count: n)
        let second = RegisterBlock(table: .holding, address: b, count: m)
        let joint = first.joined(with: second)
        #expect(joint?.address == start)
        #expect(joint?.count == count)
        let other = RegisterBlock(table: .input, address: b, count: m)
        #expect(first.joined(with: other) == nil)
    }

    @Test func readsAdjacentStatusAndWeightWithOneRequest() throws {
        let device = FakeDevice([0: 0, 1: 1234, 2: 0b0001])
        var poll = ScalePoll(try Fixtures.registers())
        let reading = try poll.reading(device, of: 1, clock: StoppedClock())
        #expect(device.log == ["holding 0+3"])
        #expect(
            reading
                == Reading(
                    mass: Milligrams(1_234_000), isStable: true, condition: .normal,
                    at: BootInstant(milliseconds: 42)))
    }

    @Test func readsAWeightWithoutStatusAlone() throws {
        var registers = try Fixtures.registers()
        registers.status = nil
        let device = FakeDevice([0: 0xFFFF, 1: 0xFFFF])
        var poll = ScalePoll(registers)
        let reading = try #require(try poll.reading(device, of: 1, clock: StoppedClock()))
        #expect(device.log == ["holding 0+2"])
        #expect(reading.mass == Milligrams(-1000))
        #expect(reading.isStable == nil)
    }

    @Test(
        "a temperature comes with the weight, or with a request of its own",
        arguments: [(4, ["holding 0+5"]), (40, ["holding 0+3", "holding 40+1"])])
    func temperature(address: Int, log: [String]) throws {
        var registers = try Fixtures.registers()
        registers.temperature = .init(
            table: .holding, address: address, scale: try #require(Ratio(1, 10)))
        let device = FakeDevice([0: 0, 1: 1234, 2: 1, 3: 0, address: 215])
        var poll = ScalePoll(registers)
        let reading = try #require(try poll.reading(device, of: 1, clock: StoppedClock()))
        #expect(device.log == log)
        #expect(reading.milliCelsius == 21_500)
    }

    @Test func aWeightCountsThoughItsTemperatureIsRefused() throws {
        var registers = try Fixtures.registers()
        registers.temperature = .init(
            table: .holding, address: 40, scale: try #require(Ratio(1, 10)))
        let device = FakeDevice([0: 0, 1: 1234, 2: 1])
        var poll = ScalePoll(registers)
        let reading = try #require(try poll.reading(device, of: 1, clock: StoppedClock()))
        #expect(reading.mass == Milligrams(1_234_000))
        #expect(reading.milliCelsius == nil)
    }

    /// Device A of DOMAIN §4.3: status at 8 with bit 5 unset when stable, weight at 30.
    private func deviceA() throws -> ScaleRegisters {
        ScaleRegisters(
            weight: .init(
                table: .holding, address: 30, coding: .int32, order: .big,
                scale: try #require(Ratio(1, 1))),
            status: .init(
                table: .holding, address: 8, stable: StatusBit(index: 5, inverted: true)))
    }

    @Test func readsStatusAroundAWeightThatIsFarFromIt() throws {
        let device = FakeDevice([8: 0x0802, 30: 0, 31: 354])
        var poll = ScalePoll(try self.deviceA())
        let reading = try #require(try poll.reading(device, of: 1, clock: StoppedClock()))
        #expect(device.log == ["holding 8+1", "holding 30+2", "holding 8+1"])
        #expect(reading.mass == Milligrams(354_000))
        #expect(reading.isStable == true)
    }

    @Test func readsAgainWhenTheStatusChangedMeanwhile() throws {
        let device = FakeDevice([8: 0x0802, 30: 0, 31: 354])
        device.beforeRead = { if $0.log.count == 2 { $0.registers[8] = 0x0822 } }
        var poll = ScalePoll(try self.deviceA())
        let reading = try #require(try poll.reading(device, of: 1, clock: StoppedClock()))
        #expect(device.log.count == 5)
        #expect(reading.isStable == false)
    }

    @Test func givesUpOnAStatusThatNeverHolds() throws {
        let device = FakeDevice([8: 0, 30: 0, 31: 354])
        device.beforeRead = { $0.registers[8] = UInt16($0.log.count) }
        var poll = ScalePoll(try self.deviceA())
        #expect(throws: BusError(.inconsistent)) {
            try poll.reading(device, of: 1, clock: StoppedClock())
        }
        #expect(device.log.count == 1 + 2 * PairedBlocks.attempts)
    }

    @Test func refusesAMassThatIsNone() throws {
        var registers = try Fixtures.registers()
        registers.weight.coding = .float32
        // Source: IEEE 754, a quiet NaN.
        let device = FakeDevice([0: 0x7FC0, 1: 0, 2: 0])
        var poll = ScalePoll(registers)
        #expect(throws: BusError(.badValue)) {
            try poll.reading(device, of: 1, clock: StoppedClock())
        }
    }

    private func poll(_ poll: inout ReaderPoll, _ device: FakeDevice) throws -> [String] {
        var cards: [String] = []
        try poll.poll(device, of: 9, at: StoppedClock().now()) { cards.append($0.description) }
        return cards
    }

    private func readerPoll(_ presence: ModbusReaderSettings.Presence) throws -> ReaderPoll {
        guard case .modbus(let settings) = try Fixtures.reader(presence).driver else {
            throw BusError(.badRequest)
        }
        return ReaderPoll(settings)
    }

    /// Source of the UID: VRD-485, DOMAIN §4.8.
    @Test func readsALevelReader() throws {
        var reader = try self.readerPoll(.level)
        let device = FakeDevice([1: 0, 2: 0])
        #expect(try self.poll(&reader, device) == [])
        device.registers = [1: 0xA41E, 2: 0x45C6]
        #expect(try self.poll(&reader, device) == ["uid:A41E45C6"])
        device.registers = [:]
        for _ in 0..<5 {
            #expect(throws: BusError(.exception(2))) { try self.poll(&reader, device) }
        }
        device.registers = [1: 0xA41E, 2: 0x45C6]
        #expect(try self.poll(&reader, device) == [])
    }

    @Test func readsCounterAndUIDWithOneRequest() throws {
        var reader = try self.readerPoll(.counter(Fixtures.register(0)))
        let device = FakeDevice([0: 3, 1: 0xA41E, 2: 0x45C6])
        #expect(try self.poll(&reader, device) == [])
        device.registers[0] = 4
        #expect(try self.poll(&reader, device) == ["uid:A41E45C6"])
        #expect(device.log == ["holding 0+3", "holding 0+3"])
    }

    @Test func neverPairsACounterWithAnotherCardsUID() throws {
        var reader = try self.readerPoll(.counter(Fixtures.register(100)))
        let device = FakeDevice([100: 3, 1: 0xA41E, 2: 0x45C6])
        #expect(try self.poll(&reader, device) == [])
        device.registers[100] = 4
        device.log = []
        // The next card comes between the UID and the second look at the counter.
        device.beforeRead = {
            if $0.log.count == 2 { $0.registers = [100: 5, 1: 0x04A1, 2: 0xB2C3] }
        }
        #expect(try self.poll(&reader, device) == ["uid:04A1B2C3"])
    }

    @Test func clearsALatchedReaderAndReadsItBack() throws {
        var reader = try self.readerPoll(.latched(Fixtures.register(0)))
        let device = FakeDevice([0: 0, 1: 0, 2: 0])
        #expect(try self.poll(&reader, device) == [])
        device.registers = [0: 1, 1: 0xA41E, 2: 0x45C6]
        device.log = []
        #expect(try self.poll(&reader, device) == ["uid:A41E45C6"])
        #expect(device.log == ["holding 0+3", "write 0=0", "holding 0+1"])
        device.registers[0] = 1
        #expect(try self.poll(&reader, device) == ["uid:A41E45C6"])
    }

    @Test func presentsALatchedCardOnceWhenItsFlagStaysSet() throws {
        var reader = try self.readerPoll(.latched(Fixtures.register(0)))
        let device = FakeDevice([0: 0, 1: 0, 2: 0])
        #expect(try self.poll(&reader, device) == [])
        device.registers = [0: 1, 1: 0xA41E, 2: 0x45C6]
        device.ignoresWrites = true
        var cards: [String] = []
        for _ in 0..<4 {
            #expect(throws: BusError(.notCleared)) {
                try reader.poll(device, of: 9, at: StoppedClock().now()) {
                    cards.append($0.description)
                }
            }
        }
        #expect(cards == ["uid:A41E45C6"])
    }

    /// The daemon ends between presenting the card and clearing the flag, and starts again.
    @Test func aCrashBetweenReadAndClearDoesNotCountTheCardTwice() throws {
        var before = try self.readerPoll(.latched(Fixtures.register(0)))
        let device = FakeDevice([0: 0, 1: 0, 2: 0])
        #expect(try self.poll(&before, device) == [])
        device.registers = [0: 1, 1: 0xA41E, 2: 0x45C6]
        device.ignoresWrites = true
        var cards: [String] = []
        #expect(throws: BusError(.notCleared)) {
            try before.poll(device, of: 9, at: StoppedClock().now()) {
                cards.append($0.description)
            }
        }
        #expect(cards == ["uid:A41E45C6"])
        device.ignoresWrites = false
        var after = try self.readerPoll(.latched(Fixtures.register(0)))
        #expect(try self.poll(&after, device) == [])
        #expect(device.registers[0] == 0)
        device.registers[0] = 1
        #expect(try self.poll(&after, device) == ["uid:A41E45C6"])
    }

    @Test(
        "A reader that holds its data is asked twice in that time",
        arguments: [(100, 50), (300, 150), (400, 200), (60_000, 200)] as [(Int, Int64)])
    func holdTimer(ms: Int, periodMs: Int64) {
        #expect(ReaderPoll.periodMs(of: .hold(ms: ms)) == periodMs)
    }

    @Test func asksForALatchedUIDOnlyWithTheFlagSet() throws {
        var reader = try self.readerPoll(.latched(Fixtures.register(100)))
        let device = FakeDevice([100: 0, 1: 0, 2: 0])
        #expect(try self.poll(&reader, device) == [])
        #expect(device.log == ["holding 100+1"])
    }

    @Test func refusesAUIDThatNoCardHas() throws {
        let uid = RegisterBlock(table: .holding, address: 1, count: 6)
        guard case .modbus(let settings) = try Fixtures.reader(.level, uid: uid).driver else {
            return
        }
        var reader = ReaderPoll(settings)
        let device = FakeDevice([1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6])
        #expect(throws: BusError(.badValue)) { try self.poll(&reader, device) }
    }
}
