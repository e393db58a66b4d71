import BinCore
import Foundation
import Synchronization
import Testing

@testable import BinHardware

/// Real frames over a real pseudo-terminal.
@Suite(.timeLimit(.minutes(1))) struct ModbusPortTests {
    struct Exchange: Sendable, CustomTestStringConvertible {
        var what: String
        var block: RegisterBlock
        var request: String
        var reply: String
        var values: [UInt16]

        var testDescription: String { self.what }
    }

    private static func holding(_ address: Int, _ count: Int) -> RegisterBlock {
        RegisterBlock(table: .holding, address: address, count: count)
    }

    /// Source: DOMAIN §4.3, §4.4, §4.8. The weight of 132 is the manual's misprint, put right
    /// there.
    @Test(
        "Frames of real devices are asked for and understood",
        arguments: [
            Exchange(
                what: "device A, status", block: holding(8, 1), request: "01 03 00 08 00 01 05 C8",
                reply: "01 03 02 08 02 3E 45", values: [0x0802]),
            Exchange(
                what: "device A, net -15889", block: holding(82, 2),
                request: "01 03 00 52 00 02 65 DA", reply: "01 03 04 FF FF C1 EF EA 0B",
                values: [0xFFFF, 0xC1EF]),
            Exchange(
                what: "device A, measured 354", block: holding(30, 2),
                request: "01 03 00 1E 00 02 A4 0D", reply: "01 03 04 00 00 01 62 7A 4A",
                values: [0, 354]),
            Exchange(
                what: "device A, ADC code", block: holding(44, 2),
                request: "01 03 00 2C 00 02 05 C2", reply: "01 03 04 00 19 3B 67 79 2E",
                values: [0x0019, 0x3B67]),
            Exchange(
                what: "device A, gross 132", block: holding(80, 2),
                request: "01 03 00 50 00 02 C4 1A", reply: "01 03 04 00 00 00 84 FA 50",
                values: [0, 132]),
            Exchange(
                what: "Laumas, stable 20122", block: holding(6, 5),
                request: "01 03 00 06 00 05 65 C8",
                reply: "01 03 0A 08 00 00 00 4E 9A 00 00 4E 9A 47 65",
                values: [0x0800, 0, 20_122, 0, 20_122]),
            Exchange(
                what: "Laumas, -152", block: holding(6, 5), request: "01 03 00 06 00 05 65 C8",
                reply: "01 03 0A 09 80 00 00 00 98 00 00 00 98 B5 29",
                values: [0x0980, 0, 152, 0, 152]),
            Exchange(
                what: "Laumas, overload", block: holding(6, 5), request: "01 03 00 06 00 05 65 C8",
                reply: "01 03 0A 00 04 00 0F 42 3F 00 0F 42 3F B2 E2",
                values: [4, 0x000F, 0x423F, 0x000F, 0x423F]),
            Exchange(
                what: "VRD-485, card", block: holding(2, 2), request: "01 03 00 02 00 02 65 CB",
                reply: "01 03 04 A4 1E 45 C6 0B C7", values: [0xA41E, 0x45C6]),
            Exchange(
                what: "VRD-485, no card", block: holding(2, 2), request: "01 03 00 02 00 02 65 CB",
                reply: "01 03 04 00 00 00 00 FA 33", values: [0, 0]),
        ])
    func understands(exchange: Exchange) throws {
        let asked = Mutex<[UInt8]>([])
        let terminal = try PseudoTerminal { request in
            asked.withLock { $0 = request }
            return .bytes(Frame.bytes(exchange.reply))
        }
        let port = try ModbusPort(Fixtures.bus(terminal.device, timeoutMs: 2000))
        let values = try port.read(exchange.block, of: 1)
        #expect(values == exchange.values)
        #expect(asked.withLock { $0 } == Frame.bytes(exchange.request))
    }

    /// Source: DOMAIN §4.7 (DAD141, DY610) and §4.8 (QM-950).
    @Test(
        "Requests are those of the manuals",
        arguments: [
            (RegisterTable.holding, 0x3300, 5, "01 03 33 00 00 05 8A 8D"),
            (.holding, 0, 2, "01 03 00 00 00 02 C4 0B"), (.input, 0, 10, "01 04 00 00 00 0A 70 0D"),
        ])
    func asks(table: RegisterTable, address: Int, count: Int, request: String) throws {
        let asked = Mutex<[UInt8]>([])
        let terminal = try PseudoTerminal { request in
            asked.withLock { $0 = request }
            let body = [request[0], request[1], UInt8(count * 2)]
            return .bytes(Frame.sealed(body + [UInt8](repeating: 0, count: count * 2)))
        }
        let port = try ModbusPort(Fixtures.bus(terminal.device, timeoutMs: 2000))
        let block = RegisterBlock(table: table, address: address, count: count)
        #expect(try port.read(block, of: 1) == [UInt16](repeating: 0, count: count))
        #expect(asked.withLock { $0 } == Frame.bytes(request))
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var what: String
        var reply: [UInt8]
        var cause: BusError.Cause

        var testDescription: String { self.what }

        init(_ what: String, _ reply: String, _ cause: BusError.Cause) {
            self.what = what
            self.reply = Frame.bytes(reply)
            self.cause = cause
        }

        /// A reply whose checksum is right.
        init(_ what: String, sealing body: String, _ cause: BusError.Cause) {
            self.what = what
            self.reply = Frame.sealed(Frame.bytes(body))
            self.cause = cause
        }
    }

    /// Each is sent in answer to a request for two holding registers of unit 1. The misprints and
    /// the exceptions are from DOMAIN §4.1, §4.3 and §4.7; the rest is composed.
    @Test(
        "Anything else than the reply is refused, and the line is clean again",
        arguments: [
            Refusal(
                "misprint: a byte too many", "01 03 04 00 00 00 00 84 FA 50", .badFrame(.checksum)),
            Refusal(
                "misprint: a write's frame with a wrong checksum",
                "01 10 00 00 00 02 04 00 00 03 E8 F3 22", .badFrame(.checksum)),
            Refusal(
                "misprint: byte count 4 and two bytes", sealing: "01 03 04 03 E8",
                .badFrame(.brokenOff)),
            Refusal(
                "misprint: a register of 0 with a wrong checksum", "01 03 02 00 00 B4 44",
                .badFrame(.checksum)),
            Refusal("wrong checksum", "01 03 04 00 00 01 62 7A 4B", .badFrame(.checksum)),
            Refusal("from another unit", sealing: "02 03 04 00 00 01 62", .badFrame(.sender)),
            Refusal("from the broadcast unit", sealing: "00 03 04 00 00 01 62", .badFrame(.sender)),
            Refusal("of another function", sealing: "01 04 04 00 00 01 62", .badFrame(.shape)),
            Refusal("of another count", "01 03 02 08 02 3E 45", .badFrame(.shape)),
            Refusal("cut off", "01 03 04 00 00", .badFrame(.brokenOff)),
            Refusal("exception 2", "01 83 02 C0 F1", .exception(2)),
            Refusal("exception 6", "01 83 06 C1 32", .exception(6)),
            Refusal("an exception there isn't", sealing: "01 83 63", .badFrame(.exceptionNumber)),
        ])
    func refuses(refusal: Refusal) throws {
        let isFirst = Mutex(true)
        let terminal = try PseudoTerminal { _ in
            let first = isFirst.withLock { first in
                defer { first = false }
                return first
            }
            return .bytes(first ? refusal.reply : Frame.bytes("01 03 04 00 00 01 62 7A 4A"))
        }
        let port = try ModbusPort(Fixtures.bus(terminal.device, timeoutMs: 500))
        #expect(throws: BusError(refusal.cause)) { try port.read(Self.holding(30, 2), of: 1) }
        #expect(try port.read(Self.holding(30, 2), of: 1) == [0, 354])
    }

    @Test func aLateReplyIsNotTakenForTheNextOne() throws {
        let isFirst = Mutex(true)
        let terminal = try PseudoTerminal { _ in
            let first = isFirst.withLock { first in
                defer { first = false }
                return first
            }
            return first ? .silence : .bytes(Frame.bytes("01 03 04 00 00 01 62 7A 4A"))
        }
        let port = try ModbusPort(Fixtures.bus(terminal.device))
        #expect(throws: BusError(.noReply)) { try port.read(Self.holding(82, 2), of: 1) }
        // The same length as the next reply: libmodbus would take it.
        let late = Frame.bytes("01 03 04 FF FF C1 EF EA 0B")
        terminal.send(late)
        #expect(try port.drain() == late.count)
        #expect(try port.read(Self.holding(30, 2), of: 1) == [0, 354])
    }

    /// What came before it is a late reply to an earlier request, to this unit or another.
    @Test("The reply is found behind what is none")
    func behindStrangers() throws {
        let strangers = [
            [2, 3, 4, 0, 0, 0, 9], [1, 3, 2, 8, 2], [1, 4, 4, 0, 0, 0, 9], [0, 3, 4],
        ]
        .map { Frame.sealed($0 + ($0.count == 3 ? [0, 0, 0, 9] : [])) }
        let reply = Frame.bytes("01 03 04 00 00 01 62 7A 4A")
        let terminal = try PseudoTerminal { _ in .bytes(strangers.flatMap { $0 } + reply) }
        let port = try ModbusPort(Fixtures.bus(terminal.device, timeoutMs: 2000))
        #expect(try port.read(Self.holding(30, 2), of: 1) == [0, 354])
    }

    /// A device may take long for its weight and answer the rest at once.
    @Test func theSlowestOfSeveralExchangesIsKnown() throws {
        let bank = RegisterBank()
        bank.put([7, 8], at: 5, of: 1)
        bank.set(.late(ms: 80), of: 1)
        let terminal = try PseudoTerminal(answer: bank.answer)
        let port = try ModbusPort(Fixtures.bus(terminal.device, timeoutMs: 2000))
        _ = try port.read(Self.holding(5, 2), of: 1)
        bank.set(.well, of: 1)
        _ = try port.read(Self.holding(5, 2), of: 1)
        #expect(port.slowestUs >= 80_000)
        try port.expect(responseMs: 2000)
        #expect(port.slowestUs == 0)
    }

    @Test func drainingALineThatBabblesEnds() throws {
        let terminal = try PseudoTerminal { _ in .silence }
        let port = try ModbusPort(Fixtures.bus(terminal.device))
        let isDone = Mutex(false)
        Thread.detachNewThread {
            while !isDone.withLock({ $0 }) {
                terminal.send([0x55])
                usleep(1000)
            }
        }
        #expect(try port.drain() > 0)
        isDone.withLock { $0 = true }
    }

    /// The far end hears a request no earlier than the gap after it sent the reply before it: both
    /// times are taken further apart than they were on the line, so that load can't break this.
    @Test("Requests keep their silence", arguments: [1200, 9600, 115_200])
    func silence(baud: Int) throws {
        let times = Mutex<[(heard: ContinuousClock.Instant, sent: ContinuousClock.Instant)]>([])
        let sent = Mutex<ContinuousClock.Instant?>(nil)
        let terminal = try PseudoTerminal { _ in
            let heard = ContinuousClock.now
            sent.withLock { last in
                if let last { times.withLock { $0.append((heard, last)) } }
                last = .now
            }
            return .bytes(Frame.bytes("01 03 04 00 00 01 62 7A 4A"))
        }
        var settings = try Fixtures.bus(terminal.device, timeoutMs: 2000)
        settings.baud = baud
        let port = try ModbusPort(settings)
        for _ in 0..<8 { #expect(try port.read(Self.holding(30, 2), of: 1) == [0, 354]) }
        let gap = Duration.microseconds(BusTiming(settings).gapUs)
        let silences = times.withLock { $0.map { $0.sent.duration(to: $0.heard) } }
        #expect(silences.count == 7)
        #expect(silences.allSatisfy { $0 >= gap })
        #expect(port.repliedUs > 0)
    }

    /// As `silence`; units are asked in the order 1, 2, 1, 1, 2.
    @Test func anotherUnitIsAskedOnlyAfterTheTurnaround() throws {
        struct Seen {
            var unit: UInt8
            var heard: ContinuousClock.Instant
            var sent: ContinuousClock.Instant
        }
        let seen = Mutex<[Seen]>([])
        let terminal = try PseudoTerminal { request in
            let heard = ContinuousClock.now
            seen.withLock { $0.append(Seen(unit: request[0], heard: heard, sent: .now)) }
            return .bytes(Frame.sealed([request[0], 3, 4, 0, 0, 1, 0x62]))
        }
        var settings = try Fixtures.bus(terminal.device, timeoutMs: 2000)
        settings.turnaroundMs = 40
        let port = try ModbusPort(settings)
        for unit in [1, 2, 1, 1, 2] { _ = try port.read(Self.holding(30, 2), of: unit) }
        let all = seen.withLock { $0 }
        let pauses = zip(all, all.dropFirst()).map { ($0.unit, $1.unit, $0.sent, $1.heard) }
        #expect(pauses.count == 4)
        let gap = Duration.microseconds(BusTiming(settings).gapUs)
        for (before, after, sent, heard) in pauses {
            let least = before == after ? gap : gap + .milliseconds(40)
            #expect(sent.duration(to: heard) >= least)
        }
    }

    /// Source: DOMAIN §4.3, the generic RS-485 transmitter; the reply to the tare is composed.
    @Test(
        "Writes of several registers are those of the manual",
        arguments: [
            (
                DeviceCommand(effect: .unlock, function: .registers, address: 5, values: [0x5AA5]),
                "01 10 00 05 00 01 02 5A A5 5C DE", "01 10 00 05 00 01 11 C8"
            ),
            (
                DeviceCommand(effect: .tare, function: .registers, address: 84, values: [0, 100]),
                "01 10 00 54 00 02 04 00 00 00 64 F6 8B", "01 10 00 54 00 02 00 18"
            ),
        ])
    func writesSeveral(command: DeviceCommand, request: String, reply: String) throws {
        let asked = Asked()
        let terminal = try PseudoTerminal { request in
            asked.add(request)
            return .bytes(Frame.bytes(reply))
        }
        let port = try ModbusPort(Fixtures.bus(terminal.device, timeoutMs: 2000))
        var limit = WriteLimit([command])
        let person = try #require(Attendant("a technician"))
        let now = BootInstant(milliseconds: 7)
        try port.write(try limit.permit(command.effect, by: person, at: now), to: 1)
        #expect(asked.all == [Frame.bytes(request)])
    }

    @Test func writesOneRegister() throws {
        let bank = RegisterBank()
        bank.put([7, 8], at: 5, of: 1)
        let terminal = try PseudoTerminal(answer: bank.answer)
        let port = try ModbusPort(Fixtures.bus(terminal.device, timeoutMs: 2000))
        let command = DeviceCommand(effect: .zero, function: .register, address: 5, values: [8])
        var limit = WriteLimit([command])
        let person = try #require(Attendant("a technician"))
        let now = BootInstant(milliseconds: 7)
        try port.write(try limit.permit(.zero, by: person, at: now), to: 1)
        // Source: DOMAIN §4.4, the zero command in its FC06 form.
        #expect(bank.requests == [Frame.bytes("01 06 00 05 00 08 98 0D")])
        #expect(try port.read(Self.holding(5, 2), of: 1) == [8, 8])
    }

    @Test func anUnpluggedAdapterIsTold() throws {
        let adapter = SerialAdapter(answer: RegisterBank().answer)
        try adapter.plug()
        let port = try ModbusPort(Fixtures.bus(adapter.path))
        adapter.unplug()
        // The hang-up arrives when the far end's thread has closed it.
        var policy = BusError.Policy.waitOutReply
        while policy == .waitOutReply {
            do throws(BusError) {
                _ = try port.read(Self.holding(0, 1), of: 1)
            } catch {
                policy = error.policy
            }
        }
        #expect(policy == .reopenPort)
    }

    /// A pseudo-terminal drops the parity bit, and glibc calls that an error once nothing else is
    /// left to change.
    @Test("A line that a killed process left set is opened again", arguments: [9600, 19_200])
    func reopensWhatWasLeft(baud: Int) throws {
        let bank = RegisterBank()
        bank.put([7], at: 0, of: 1)
        let terminal = try PseudoTerminal(answer: bank.answer)
        var settings = try Fixtures.bus(terminal.device, timeoutMs: 2000)
        settings.parity = .even
        settings.baud = baud
        let left = open(terminal.device, O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(left >= 0)
        defer { close(left) }
        var line = termios()
        do {
            let port = try ModbusPort(settings)
            #expect(try port.read(Self.holding(0, 1), of: 1) == [7])
            try #require(tcgetattr(left, &line) == 0)
        }
        // Closing in order put the line back; a killed process doesn't come to that.
        for _ in 0..<2 {
            try #require(tcsetattr(left, TCSANOW, &line) == 0)
            let port = try ModbusPort(settings)
            #expect(try port.read(Self.holding(0, 1), of: 1) == [7])
        }
    }

    @Test func aLineOpenAlreadyIsOpenedAgain() throws {
        let terminal = try PseudoTerminal { _ in .silence }
        var settings = try Fixtures.bus(terminal.device)
        settings.parity = .even
        let first = try ModbusPort(settings)
        let second = try ModbusPort(settings)
        _ = try first.drain()
        _ = try second.drain()
    }

    @Test func aMissingPortIsToldFromOneThatIsNone() throws {
        let missing = try Fixtures.bus("/nonexistent/port")
        #expect(throws: BusError(.portMissing)) { _ = try ModbusPort(missing).drain() }
        let plain = NSTemporaryDirectory() + "/steelyard-no-port-\(UUID().uuidString)"
        try Data().write(to: URL(fileURLWithPath: plain))
        defer { unlink(plain) }
        let other = try Fixtures.bus(plain)
        #expect(throws: BusError(.portRefused(ENOTTY))) { _ = try ModbusPort(other).drain() }
    }

    @Test("Values that no line has are refused", arguments: [9601, 0, -1, Int.max])
    func baud(rate: Int) throws {
        var settings = try Fixtures.bus("/dev/null")
        settings.baud = rate
        #expect(throws: BusError(.portRefused(EINVAL))) { _ = try ModbusPort(settings).drain() }
    }

    @Test("Requests that no exchange can carry are refused")
    func badRequests() throws {
        let terminal = try PseudoTerminal { _ in .silence }
        let port = try ModbusPort(Fixtures.bus(terminal.device))
        for (unit, address, count) in [
            (0, 0, 1), (248, 0, 1), (1, -1, 1), (1, 65_536, 1), (1, 65_535, 2), (1, 0, 0),
            (1, 0, 126), (Int.max, Int.max, Int.max), (1, 0, -1),
        ] {
            #expect(throws: BusError(.badRequest)) {
                try port.read(Self.holding(address, count), of: unit)
            }
        }
        for (function, address, count) in [
            (.register, 65_536, 1), (.register, -1, 1), (.register, 0, 2), (.coil, 0, 2),
            (.registers, 0, 124), (.registers, 65_535, 2), (.registers, 0, 0),
        ] as [(DeviceCommand.Function, Int, Int)] {
            let command = DeviceCommand(
                effect: .clear, function: function, address: address,
                values: [UInt16](repeating: 0, count: count))
            let write = try #require(LoopWrite(command))
            #expect(throws: BusError(.badRequest)) { try port.write(write, to: 1) }
        }
    }

    /// Source: DOMAIN §4.7, DY610; the other three are the generic RS-485 transmitter's (DOMAIN
    /// §4.3, its manual's chapters `calibration` and `adv-settings`, registers 42, 36 and 62), two
    /// of them with a byte too many.
    @Test(
        "A misprinted request has a wrong checksum",
        arguments: [
            ("01 10 00 00 00 02 04 00 00 03 E8", "F3 22", "F3 11"),
            ("01 10 00 2A 00 02 04 4E 20 27 10", "16 7D", "7D 16"),
            ("01 10 00 24 00 02 04 7F FF FF FF", "FF 10 D8", "D8 10"),
            ("01 10 00 3E 00 02 04 7F FF FF FF", "FF 59 63", "59 63"),
        ])
    func misprintedRequests(body: String, printed: String, right: String) {
        #expect(!Frame.isSealed(Frame.bytes("\(body) \(printed)")))
        #expect(Frame.isSealed(Frame.bytes("\(body) \(right)")))
    }
}
