import BinCore
import Settings
import Testing

@testable import BinHardware

/// Every profile against frames of its device, through libmodbus on a pseudo-terminal.
@Suite(.timeLimit(.minutes(1))) struct ProfileTests {
    private let now = BootInstant(milliseconds: 7)

    @Test func everyProfileHasFramesAndTheirSource() {
        let names = ProfileLibrary.Kind.allCases.flatMap { ProfileLibrary.names($0) }
        #expect(names.count >= 12)
        #expect(ProfileVector.all.map(\.profile).sorted() == names.sorted())
        for vector in ProfileVector.all {
            #expect(!vector.source.isEmpty && !vector.obtained.isEmpty && !vector.license.isEmpty)
            #expect(vector.frames.allSatisfy { !$0.by.isEmpty && !$0.exchanges.isEmpty })
        }
    }

    /// Answers the vector's requests, and refuses all others as a device does (exception 2).
    private static func terminal(_ frame: ProfileVector.Frame) throws -> PseudoTerminal {
        let pairs = frame.exchanges.map { (Frame.bytes($0.request), Frame.bytes($0.reply)) }
        let replies = Dictionary(pairs) { first, _ in first }
        return try PseudoTerminal { request in
            .bytes(replies[request] ?? Frame.sealed([request[0], request[1] | 0x80, 2]))
        }
    }

    @Test("Frames mean what they should, or are refused", arguments: ProfileVector.transmitters)
    func frames(vector: ProfileVector) throws {
        let registers = try vector.transmitter().registers
        for frame in vector.frames where frame.poll != .only {
            let terminal = try Self.terminal(frame)
            defer { withExtendedLifetime(terminal) {} }
            let port = try ModbusPort(Fixtures.bus(terminal.device, timeoutMs: 2000))
            var values = ReadRegisters()
            var failure: BusError?
            var reading: Reading?
            do throws(BusError) {
                for exchange in frame.exchanges {
                    let request = Frame.bytes(exchange.request)
                    let block = RegisterBlock(
                        table: request[1] == 3 ? .holding : .input,
                        address: Int(request[2]) << 8 | Int(request[3]),
                        count: Int(request[4]) << 8 | Int(request[5]))
                    values.add(block, try port.read(block, of: 1))
                }
                reading = try registers.reading(from: values, at: self.now)
            } catch {
                failure = error
            }
            Self.expect(frame, reading, failure)
        }
    }

    @Test("Polls ask for those frames", arguments: ProfileVector.transmitters)
    func polls(vector: ProfileVector) throws {
        let registers = try vector.transmitter().registers
        for frame in vector.frames where frame.poll != .no {
            let terminal = try Self.terminal(frame)
            defer { withExtendedLifetime(terminal) {} }
            let port = try ModbusPort(Fixtures.bus(terminal.device, timeoutMs: 2000))
            var poll = ScalePoll(registers)
            var failure: BusError?
            var reading: Reading?
            do throws(BusError) {
                reading = try poll.reading(port, of: 1, clock: RunningClock())
            } catch {
                failure = error
            }
            Self.expect(frame, reading, failure)
        }
    }

    private static func expect(
        _ frame: ProfileVector.Frame, _ reading: Reading?, _ failure: BusError?
    ) {
        let what = Comment(rawValue: frame.testDescription)
        #expect(failure?.code == frame.error, what)
        #expect(reading?.mass.value == frame.mass, what)
        #expect(reading?.isStable == frame.stable, what)
        #expect(reading?.condition.rawValue == frame.condition, what)
    }

    @Test("Cards come out of their frames", arguments: ProfileVector.readers)
    func cards(vector: ProfileVector) throws {
        let settings = try vector.reader()
        for frame in vector.frames {
            var poll = ReaderPoll(settings)
            // What is there at the first poll is from before the start.
            let before = try Self.terminal(vector.frames.first { $0.card == nil } ?? frame)
            var cards: [String] = []
            try poll.poll(
                ModbusPort(Fixtures.bus(before.device, timeoutMs: 2000)), of: 1, at: self.now
            ) { cards.append($0.description) }
            #expect(cards.isEmpty)
            let terminal = try Self.terminal(frame)
            defer { withExtendedLifetime(terminal) {} }
            let port = try ModbusPort(Fixtures.bus(terminal.device, timeoutMs: 2000))
            var failure: BusError?
            do throws(BusError) {
                try poll.poll(port, of: 1, at: self.now) { cards.append($0.description) }
            } catch {
                failure = error
            }
            #expect(failure?.code == frame.error, "\(frame.what)")
            #expect(cards == (frame.card.map { [$0] } ?? []), "\(frame.what)")
        }
        #expect(vector.frames.contains { $0.error != nil })
    }

    /// A reply tells whose it is by its function and its length only.
    @Test("No request's reply can be that to another", arguments: ProfileVector.transmitters)
    func requests(vector: ProfileVector) throws {
        let registers = try vector.transmitter().registers
        let requests = Set(ScaleRequests(registers, joined: true).all)
        let replies = Set(requests.map { "\($0.table) \($0.count)" })
        #expect(replies.count == requests.count)
    }

    @Test("Commands go out as the manual's frames", arguments: ProfileVector.transmitters)
    func commands(vector: ProfileVector) throws {
        let commands = try vector.transmitter().commands
        let expected = vector.commands ?? [:]
        #expect(commands.map(\.effect.rawValue).sorted() == expected.keys.sorted())
        let person = try #require(Attendant("a technician"))
        for command in commands {
            let asked = Asked()
            let terminal = try PseudoTerminal { request in
                asked.add(request)
                let known = vector.replies?[command.effect.rawValue].map(Frame.bytes)
                return .bytes(known ?? Frame.sealed(Array(request.prefix(6))))
            }
            let port = try ModbusPort(Fixtures.bus(terminal.device, timeoutMs: 2000))
            var limit = WriteLimit(commands)
            try port.write(
                try limit.permit(command.effect, by: person, at: self.now), to: 1)
            #expect(asked.all == [Frame.bytes(expected[command.effect.rawValue] ?? "")])
        }
    }
}
