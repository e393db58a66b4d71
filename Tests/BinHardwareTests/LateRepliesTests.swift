import BinCore
import Testing

@testable import BinHardware

/// A device whose replies are from a list: what is read is the next of them, whoever asked.
// @unchecked: guarded by its test, which alone uses it, one call after the other.
private final class ListedReplies: RegisterAccess, MonotonicClock, @unchecked Sendable {
    // @unchecked: guarded by being used by one test on one thread; there is no library.
    var replies: [[UInt16]]
    var writes = 0
    var instant = BootInstant(milliseconds: 42)

    init(_ replies: [[UInt16]]) { self.replies = replies }

    func now() -> BootInstant { self.instant }

    func read(_ block: RegisterBlock, of unit: Int) throws(BusError) -> [UInt16] {
        guard !self.replies.isEmpty else { throw BusError(.noReply) }
        let reply = self.replies.removeFirst()
        guard reply.count == block.count else { throw BusError(.badFrame(.shape)) }
        return reply
    }

    func write(_ write: LoopWrite, to unit: Int) throws(BusError) { self.writes += 1 }
}

@Suite struct LateRepliesTests {
    private let start = BootInstant(milliseconds: 5000)

    @Test func countsWhatMayStillCome() {
        var late = LateReplies(timeoutMs: 200)
        #expect(late.count(at: self.start) == 0)
        late.gaveUp(at: self.start)
        late.gaveUp(at: self.start.advanced(byMs: 400))
        let last = self.start.advanced(byMs: LateReplies.longestMs)
        #expect(late.count(at: last) == 2)
        #expect(late.count(at: last.advanced(byMs: 1)) == 1)
        #expect(late.count(at: last.advanced(byMs: 401)) == 0)
        for _ in 0..<20 { late.gaveUp(at: last) }
        #expect(late.count(at: last) == LateReplies.most)
    }

    @Test func aSlowDeviceMayBeLateForLonger() {
        var late = LateReplies(timeoutMs: 5000)
        late.gaveUp(at: self.start)
        #expect(late.count(at: self.start.advanced(byMs: 5000)) == 1)
        #expect(late.count(at: self.start.advanced(byMs: 5001)) == 0)
    }

    /// Weight in grams and status "stable", as one request brings them; 5 g are a division.
    private func weigh(_ grams: [UInt16], late: Int, status: [UInt16] = []) throws -> Int64? {
        let replies = grams.enumerated().map { index, grams in
            [0, grams, index < status.count ? status[index] : 1]
        }
        var poll = ScalePoll(try Fixtures.registers(), division: Grams(5))
        let device = ListedReplies(replies)
        let reading = try poll.reading(device, of: 1, clock: device, late: late)
        return reading.map { $0.mass.value / 1000 }
    }

    @Test(
        "A weight is believed if it is said once more than replies may be late",
        arguments: [
            ([100], 0, 100), ([100, 200], 1, nil), ([200, 200], 1, 200), ([100, 100, 200], 2, nil),
            ([200, 200, 200], 2, 200),
            // Noise of a division is no other weight, and the last one counts.
            ([200, 205], 1, 205), ([200, 206], 1, nil), ([200, 205, 210], 2, nil),
        ] as [([UInt16], Int, Int64?)])
    func weights(grams: [UInt16], late: Int, told: Int64?) throws {
        #expect(try self.weigh(grams, late: late) == told)
    }

    @Test func anotherStatusIsAnotherWeight() throws {
        #expect(try self.weigh([200, 200], late: 1, status: [0, 1]) == nil)
        #expect(try self.weigh([200, 200], late: 1, status: [1, 0b0011]) == nil)
    }

    /// What was believed may be said again by a reply that is late: it is no older than that one
    /// was to be believed. After longer it is as new as anything.
    @Test("What was said before is believed at once", arguments: [(1000, 200), (1001, nil)])
    func again(afterMs: Int64, told: Int64?) throws {
        var poll = ScalePoll(try Fixtures.registers(), division: Grams(5))
        let device = ListedReplies([[0, 200, 1], [0, 203, 1], [0, 100, 1]])
        let first = try poll.reading(device, of: 1, clock: device)
        #expect(first?.mass == Milligrams(200_000))
        device.instant = device.instant.advanced(byMs: afterMs)
        let second = try poll.reading(device, of: 1, clock: device, late: 3)
        #expect(second?.mass == told.map { Milligrams($0 * 1000 + 3000) })
    }

    /// A device that is always late says what it said before, too: something old.
    @Test func whatWasSaidBeforeCountsOnlyFromADeviceThatAnswersInTime() throws {
        var poll = ScalePoll(try Fixtures.registers(), division: Grams(5))
        let device = ListedReplies([[0, 200, 1], [0, 200, 1], [0, 200, 1], [0, 200, 1]])
        #expect(try poll.reading(device, of: 1, clock: device) != nil)
        _ = try poll.reading(device, of: 1, clock: device, late: 1, isInTime: false)
        #expect(poll.hasAgreed)
        #expect(device.replies.count == 1)
        _ = try poll.reading(device, of: 1, clock: device, late: 3, isInTime: true)
        #expect(device.replies.isEmpty)
        var late = LateReplies()
        #expect(late.isInTime)
        late.gaveUp(at: self.start)
        #expect(!late.isInTime)
        late.agreed()
        #expect(late.isInTime)
    }

    @Test func anotherUnitsWeightUnderThisAddressIsNone() throws {
        var poll = ScalePoll(try Fixtures.registers(), division: Grams(5))
        let device = ListedReplies([[0, 200, 1], [0, 900, 1], [0, 200, 1], [0, 200, 1]])
        #expect(try poll.reading(device, of: 1, clock: device) != nil)
        // The scale may move as well: nothing is at rest now.
        let unsure = try poll.reading(device, of: 1, clock: device, late: 1)
        #expect(unsure?.condition == .unsure)
        let last = try poll.reading(device, of: 1, clock: device, late: 1)
        #expect(last?.mass == Milligrams(200_000))
    }

    /// A status that is late, as long as the weight's reply: a device that is read apart.
    @Test func aStatusIsNotTakenForAWeight() throws {
        let registers = ScaleRegisters(
            weight: .init(
                table: .holding, address: 100, coding: .int16, order: .big,
                scale: try #require(Ratio(1, 1))),
            status: .init(table: .holding, address: 8, stable: StatusBit(index: 0)))
        var poll = ScalePoll(registers)
        // The device refuses more than it was asked for.
        let apart: [[UInt16]] = [[1], [7], [1], [1], [300], [1]]
        let device = ListedReplies(apart)
        let refusing = Refusing(device)
        #expect(try poll.reading(refusing, of: 1, clock: device, late: 1) == nil)
    }

    /// Refuses what spans more than one register.
    private struct Refusing: RegisterAccess {
        let device: ListedReplies

        init(_ device: ListedReplies) { self.device = device }

        func read(_ block: RegisterBlock, of unit: Int) throws(BusError) -> [UInt16] {
            guard block.count == 1 else { throw BusError(.exception(2)) }
            return try self.device.read(block, of: unit)
        }

        func write(_ write: LoopWrite, to unit: Int) throws(BusError) {}
    }

    /// Source of the map: DOMAIN §4.3, where the ADC code is as long as the weight.
    @Test func blocksOfOneLengthAreReadAtDifferentLengths() throws {
        var registers = ScaleRegisters(
            weight: .init(
                table: .holding, address: 80, coding: .int32, order: .big,
                scale: try #require(Ratio(1, 1))),
            status: .init(table: .holding, address: 8, stable: StatusBit(index: 5)),
            liveness: .init(
                kind: .noise, block: RegisterBlock(table: .holding, address: 44, count: 2)))
        let joined = ScaleRequests(registers, joined: true)
        #expect(joined.weight.count == 2)
        #expect(joined.live == RegisterBlock(table: .holding, address: 44, count: 3))
        #expect(joined.around.map(\.count) == [1])
        // For a device that refuses that.
        #expect(ScaleRequests(registers, joined: false).live?.count == 2)
        // The last register there is has none behind it.
        registers.liveness?.block.address = 65_534
        let last = ScaleRequests(registers, joined: true).live
        #expect(last == RegisterBlock(table: .holding, address: 65_533, count: 3))
    }

    private func cards(
        _ presence: ModbusReaderSettings.Presence, _ polls: [([[UInt16]], late: Int)]
    ) throws -> [String] {
        guard case .modbus(let settings) = try Fixtures.reader(presence).driver else { return [] }
        var poll = ReaderPoll(settings)
        var cards: [String] = []
        for (replies, late) in polls {
            let device = ListedReplies(replies)
            try poll.poll(device, of: 9, at: self.start, late: late) {
                cards.append($0.description)
            }
        }
        return cards
    }

    @Test func aLateCardIsNoSecondTap() throws {
        let (none, anna): ([UInt16], [UInt16]) = ([0, 0], [0xA41E, 0x45C6])
        let gone: [([[UInt16]], late: Int)] = [([none], 0), ([anna], 0), ([none], 0), ([none], 0)]
        let told = try self.cards(.level, gone + [([anna, none], 1), ([none, none], 1)])
        #expect(told == ["uid:A41E45C6"])
        // Without a reply that may be late it is another tap.
        #expect(try self.cards(.level, gone + [([anna], 0)]).count == 2)
        #expect(try self.cards(.level, gone + [([anna, anna], 1)]).count == 2)
    }

    @Test func aLateCounterIsNoSecondTap() throws {
        let (before, after): ([UInt16], [UInt16]) = ([3, 0xA41E, 0x45C6], [4, 0xA41E, 0x45C6])
        let told = try self.cards(
            .counter(Fixtures.register(0)), [([before], 0), ([after], 0), ([before, after], 1)])
        #expect(told == ["uid:A41E45C6"])
    }

    @Test func aLateFlagIsNoSecondTap() throws {
        let (open, held): ([UInt16], [UInt16]) = ([0, 0, 0], [1, 0xA41E, 0x45C6])
        let latched = ModbusReaderSettings.Presence.latched(Fixtures.register(0))
        // Read, cleared, and read back as 0 in two replies; then the first reply again.
        let told = try self.cards(
            latched, [([open], 0), ([held, held, [0], [0]], 1), ([held, open], 1)])
        #expect(told == ["uid:A41E45C6"])
        // A flag that is not 0 for sure keeps the card from being presented again.
        let unsure = try self.cards(
            latched, [([open], 0), ([held, held, [0], [1]], 1), ([held, [0]], 0)])
        #expect(unsure == ["uid:A41E45C6"])
    }
}
