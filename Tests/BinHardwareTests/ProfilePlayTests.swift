import BinCore
import Settings
import Simulation
import Testing

@testable import BinHardware

/// The simulator's devices, read by what reads the real ones.
@Suite struct ProfilePlayTests {
    /// A simulated bin as a port would show it.
    private final class Wire: RegisterAccess, MonotonicClock, @unchecked Sendable {
        // @unchecked: guarded by being used by one test on one thread; there is no library.
        var bin: SimulatedBin
        var instant = BootInstant(milliseconds: 10_000)
        private let bus: Name

        init(_ bin: SimulatedBin, bus: Name) {
            self.bin = bin
            self.bus = bus
        }

        func now() -> BootInstant { self.instant }

        func read(_ block: RegisterBlock, of unit: Int) throws(BusError) -> [UInt16] {
            let function: UInt8 = block.table == .holding ? 3 : 4
            let reply = try self.ask(
                [UInt8(unit), function] + Self.bytes(block.address) + Self.bytes(block.count))
            let data = Array(reply.dropFirst(3).dropLast(2))
            return stride(from: 0, to: data.count, by: 2).map {
                UInt16(data[$0]) << 8 | UInt16(data[$0 + 1])
            }
        }

        func write(_ write: LoopWrite, to unit: Int) throws(BusError) {
            let command = write.command
            let value = Int(command.values.first ?? 0)
            let isCoil = command.function == .coil
            _ = try self.ask(
                [UInt8(unit), isCoil ? 5 : 6] + Self.bytes(command.address)
                    + Self.bytes(isCoil ? value * 0xFF00 : value))
        }

        private func ask(_ body: [UInt8]) throws(BusError) -> [UInt8] {
            var parser = RTURequestParser()
            let frame = parser.append(Frame.sealed(body)).first
            guard let frame,
                let reply = self.bin.reply(to: frame, on: self.bus, at: self.instant)
            else { throw BusError(.noReply) }
            guard reply.bytes[1] < 0x80 else { throw BusError(.exception(Int(reply.bytes[2]))) }
            return reply.bytes
        }

        private static func bytes(_ word: Int) -> [UInt8] { [UInt8(word >> 8), UInt8(word & 255)] }
    }

    @Test("A load weighs what it is", arguments: ProfileVector.transmitters)
    func weighs(vector: ProfileVector) throws {
        let settings = try vector.transmitter()
        let scale = try Fixtures.name("s")
        let start = BootInstant(milliseconds: 1000)
        let bin = SimulatedBin(
            settings: try vector.bin(), seed: 7, loads: [scale: Milligrams(12_340_000)],
            traits: LoadCellTraits(), start: start)
        let wire = Wire(bin, bus: settings.bus)
        var poll = ScalePoll(settings.registers)
        wire.instant = start.advanced(byMs: 60_000)
        let reading = try #require(try poll.reading(wire, of: 1, clock: wire))
        #expect(abs(reading.mass.value - 12_340_000) < 10_000)
        #expect(reading.condition == .normal)
        #expect(reading.isStable != false)
        try wire.bin.perform("put s 60000", at: wire.instant)
        wire.instant = wire.instant.advanced(byMs: 10_000)
        let over = try #require(try poll.reading(wire, of: 1, clock: wire))
        #expect(over.mass.value > 70_000_000)
        let tells = settings.registers.status?.overload.isEmpty == false
        #expect(over.condition == (tells ? .overload : .normal))
    }

    @Test("A card is presented once", arguments: ProfileVector.readers)
    func presents(vector: ProfileVector) throws {
        let settings = try vector.reader()
        let start = BootInstant(milliseconds: 1000)
        let wire = Wire(
            SimulatedBin(settings: try vector.bin(), seed: 7, start: start), bus: settings.bus)
        var poll = ReaderPoll(settings)
        var cards: [String] = []
        for step in 0..<40 {
            if step == 5 || step == 25 {
                try wire.bin.perform("tap uid:A41E45C6 --reader r", at: wire.instant)
            }
            try poll.poll(wire, of: 1, at: wire.instant) { cards.append($0.description) }
            wire.instant = wire.instant.advanced(byMs: ReaderPoll.periodMs(of: settings.presence))
        }
        #expect(cards == ["uid:A41E45C6", "uid:A41E45C6"])
    }
}

extension SimulatedBin {
    fileprivate mutating func perform(_ line: String, at now: BootInstant) throws {
        try self.perform(try Act(line: line), at: now)
    }
}
