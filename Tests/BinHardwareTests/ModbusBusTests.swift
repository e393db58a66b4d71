import BinCore
import Logging
import Testing

@testable import BinHardware

/// The whole bus, over a pseudo-terminal. Tests wait for what the bus tells.
@Suite(.timeLimit(.minutes(1))) struct ModbusBusTests {
    private let bank = RegisterBank()

    /// Puts a mass in grams and the status "stable" into a transmitter.
    private func weigh(_ grams: UInt16, unit: UInt8) {
        self.bank.put([0, grams, 1], at: 0, of: unit)
    }

    @Test func tellsReadingsAndCards() async throws {
        self.weigh(1234, unit: 1)
        self.bank.put([3, 0xA41E, 0x45C6], at: 0, of: 9)
        let adapter = SerialAdapter(answer: self.bank.answer)
        try adapter.plug()
        let bank = self.bank
        try await ModbusBus.whileRunning(
            Fixtures.bus(adapter.path, timeoutMs: 1000), scales: [Fixtures.scale("pet", unit: 1)],
            readers: [Fixtures.reader(.counter(Fixtures.register(0)))]
        ) { bus, events in
            let pet = try Fixtures.name("pet")
            let reading = try await events.nextReading(of: pet)
            #expect(reading.mass == Milligrams(1_234_000))
            #expect(reading.isStable == true)
            // By the second reading the reader was asked once, too.
            _ = try await events.nextReading(of: pet)
            bank.put([4, 0x04A1, 0xB2C3], at: 0, of: 9)
            #expect(try await events.nextCard().description == "uid:04A1B2C3")
            let health = bus.health()
            #expect(health.map(\.part) == ["bus rs485", "scale pet", "reader side"])
            #expect(health.allSatisfy { $0.state == .working && $0.lastGood != nil })
        }
    }

    @Test(
        "A device that fails is told once and comes back by itself, and the other goes on",
        arguments: [
            (.silent, "no-reply"), (.exception(4), "exception"), (.wrongUnit, "bad-frame"),
            (.wrongChecksum, "bad-frame"),
        ] as [(RegisterBank.Mood, String)])
    func faults(mood: RegisterBank.Mood, code: String) async throws {
        self.weigh(100, unit: 1)
        self.weigh(200, unit: 2)
        self.bank.set(mood, of: 2)
        let adapter = SerialAdapter(answer: self.bank.answer)
        try adapter.plug()
        let bank = self.bank
        try await ModbusBus.whileRunning(
            Fixtures.bus(adapter.path, timeoutMs: 250),
            scales: [Fixtures.scale("pet", unit: 1), Fixtures.scale("film", unit: 2)]
        ) { bus, events in
            #expect(try await events.nextNotice() == .failed("scale film", code))
            for _ in 0..<3 { _ = try await events.nextReading(of: Fixtures.name("pet")) }
            bank.set(.well, of: 2)
            #expect(try await events.nextNotice() == .restored("scale film", code))
            let reading = try await events.nextReading(of: Fixtures.name("film"))
            #expect(reading.mass == Milligrams(200_000))
        }
    }

    @Test func aLateReplyIsNeverAReading() async throws {
        // Both transmitters answer with the same length, one of them only after its timeout.
        self.weigh(100, unit: 1)
        self.weigh(200, unit: 2)
        self.bank.set(.late(ms: 600), of: 2)
        let adapter = SerialAdapter(answer: self.bank.answer)
        try adapter.plug()
        try await ModbusBus.whileRunning(
            Fixtures.bus(adapter.path, timeoutMs: 400),
            scales: [Fixtures.scale("pet", unit: 1), Fixtures.scale("film", unit: 2)]
        ) { bus, events in
            var isTold = false
            while !isTold {
                switch try await events.next() {
                case .failed(let fault, _):
                    #expect(fault.source == "scale film")
                    #expect(fault.code == "late-reply")
                    isTold = true
                case .reading(let scale, let reading):
                    #expect(scale.text == "pet")
                    #expect(reading.mass == Milligrams(100_000))
                case .converted, .pieces, .contact, .filled, .presented, .restored:
                    Issue.record("not in this test")
                }
            }
        }
    }

    /// However long it is: what `BusHourTests` counts in an hour are these lines.
    @Test func aDeadDeviceMakesTwoLinesOfLog() async throws {
        self.weigh(100, unit: 1)
        self.weigh(200, unit: 2)
        self.bank.set(.silent, of: 2)
        let lines = LineLog()
        let adapter = SerialAdapter(answer: self.bank.answer)
        try adapter.plug()
        try await ModbusBus.whileRunning(
            Fixtures.bus(adapter.path, timeoutMs: 250),
            scales: [Fixtures.scale("pet", unit: 1), Fixtures.scale("film", unit: 2)],
            logger: lines.logger
        ) { bus, events in
            let notice = try await events.nextNotice()
            #expect(notice == .failed("scale film", "no-reply"))
            // Two probes, after 1 and 2 s.
            let asked = bus.health().last?.polls ?? 0
            while (bus.health().last?.polls ?? 0) < asked + 2 { _ = try await events.next() }
        }
        #expect(lines.all == ["Bus started", "Poll failed", "Part failed", "Bus stopped"])
    }

    /// The reply to the first request comes when the second is waiting for its own, which follows.
    @Test func aReplyThatComesLaterStillIsNoReading() async throws {
        let asked = Asked()
        let old = Frame.sealed([1, 3, 6, 0, 0, 0, 100, 0, 1])
        let new = Frame.sealed([1, 3, 6, 0, 0, 0, 200, 0, 1])
        let terminal = try PseudoTerminal { request in
            asked.add(request)
            switch asked.all.count {
            case 1: return .silence
            case 2: return .bytes(old + new)
            default: return .bytes(new)
            }
        }
        try await ModbusBus.whileRunning(
            Fixtures.bus(terminal.device, timeoutMs: 200), scales: [Fixtures.scale("pet", unit: 1)]
        ) { _, events in
            let reading = try await events.nextReading(of: Fixtures.name("pet"))
            #expect(reading.mass == Milligrams(200_000))
        }
    }

    @Test func aDeviceMayHaveATimeoutOfItsOwn() async throws {
        self.weigh(100, unit: 1)
        self.weigh(200, unit: 2)
        for unit: UInt8 in [1, 2] { self.bank.set(.late(ms: 300), of: unit) }
        var slow = try Fixtures.scale("film", unit: 2)
        slow.driver = .modbus(
            ModbusScaleSettings(
                bus: try Fixtures.name("rs485"), address: 2, registers: try Fixtures.registers(),
                timeoutMs: 5000))
        let adapter = SerialAdapter(answer: self.bank.answer)
        try adapter.plug()
        try await ModbusBus.whileRunning(
            Fixtures.bus(adapter.path, timeoutMs: 200),
            scales: [Fixtures.scale("pet", unit: 1), slow]
        ) { bus, events in
            let reading = try await events.nextReading(of: Fixtures.name("film"))
            #expect(reading.mass == Milligrams(200_000))
            #expect(try await events.nextNotice() == .failed("scale pet", "late-reply"))
            let slowest = bus.health().last?.counts[BusMachine.slowestReply] ?? 0
            #expect(slowest >= 300)
        }
    }

    @Test func aPersonMayZeroAScaleIfItsProfileListsIt() async throws {
        self.weigh(100, unit: 1)
        self.weigh(200, unit: 2)
        self.bank.put([0], at: 94, of: 1)
        var listed = try Fixtures.scale("pet", unit: 1)
        listed.driver = .modbus(
            ModbusScaleSettings(
                bus: try Fixtures.name("rs485"), address: 1, registers: try Fixtures.registers(),
                commands: [
                    DeviceCommand(effect: .zero, function: .register, address: 94, values: [1])
                ]))
        let adapter = SerialAdapter(answer: self.bank.answer)
        try adapter.plug()
        let bank = self.bank
        try await ModbusBus.whileRunning(
            Fixtures.bus(adapter.path, timeoutMs: 1000),
            scales: [listed, Fixtures.scale("film", unit: 2)]
        ) { bus, events in
            let (pet, film) = (try Fixtures.name("pet"), try Fixtures.name("film"))
            let person = try #require(Attendant("a technician"))
            for _ in 0..<3 { _ = try await events.nextReading(of: pet) }
            #expect(bank.requests.allSatisfy { $0[1] == 3 })
            try await bus.give(.zero, to: pet, by: person)
            #expect(bank.register(94, of: 1) == 1)
            let write: [UInt8] = [1, 6, 0, 94, 0, 1]
            #expect(bank.requests.count { Array($0.prefix(6)) == write } == 1)
            await #expect(throws: CommandRefusal.self) {
                try await bus.give(.zero, to: pet, by: person)
            }
            await #expect(throws: CommandRefusal.notListed) {
                try await bus.give(.eeprom, to: pet, by: person)
            }
            await #expect(throws: CommandRefusal.notListed) {
                try await bus.give(.zero, to: film, by: person)
            }
            await #expect(throws: CommandRefusal.noSuchScale) {
                try await bus.give(.zero, to: Fixtures.name("can"), by: person)
            }
            #expect(bank.requests.count { $0[1] != 3 } == 1)
        }
    }

    @Test func anUnpluggedAdapterIsOneFaultAndAllGoesOnAfterReplugging() async throws {
        self.weigh(100, unit: 1)
        self.bank.put([0, 0, 0], at: 0, of: 9)
        let adapter = SerialAdapter(answer: self.bank.answer)
        try adapter.plug()
        try await ModbusBus.whileRunning(
            Fixtures.bus(adapter.path, timeoutMs: 1000), scales: [Fixtures.scale("pet", unit: 1)],
            readers: [Fixtures.reader(.level)]
        ) { bus, events in
            _ = try await events.nextReading(of: Fixtures.name("pet"))
            adapter.unplug()
            #expect(try await events.nextNotice() == .failed("bus rs485", "port-lost"))
            #expect(bus.health().allSatisfy { $0.state == .down })
            try adapter.plug()
            #expect(try await events.nextNotice() == .restored("bus rs485", "port-lost"))
            _ = try await events.nextReading(of: Fixtures.name("pet"))
        }
    }

    @Test func aPortThatIsMissingAtTheStartIsWaitedFor() async throws {
        self.weigh(100, unit: 1)
        let adapter = SerialAdapter(answer: self.bank.answer)
        try await ModbusBus.whileRunning(
            Fixtures.bus(adapter.path, timeoutMs: 1000), scales: [Fixtures.scale("pet", unit: 1)]
        ) { bus, events in
            #expect(try await events.nextNotice() == .failed("bus rs485", "port-missing"))
            try adapter.plug()
            #expect(try await events.nextNotice() == .restored("bus rs485", "port-missing"))
            _ = try await events.nextReading(of: Fixtures.name("pet"))
        }
    }

    @Test func aLatchedReaderIsClearedAndItsCardPresentedOnce() async throws {
        self.bank.put([0, 0, 0], at: 0, of: 9)
        self.weigh(100, unit: 1)
        let adapter = SerialAdapter(answer: self.bank.answer)
        try adapter.plug()
        let bank = self.bank
        try await ModbusBus.whileRunning(
            Fixtures.bus(adapter.path, timeoutMs: 1000), scales: [Fixtures.scale("pet", unit: 1)],
            readers: [Fixtures.reader(.latched(Fixtures.register(0)))]
        ) { bus, events in
            for _ in 0..<2 { _ = try await events.nextReading(of: Fixtures.name("pet")) }
            bank.set(.stubborn, of: 9)
            bank.put([1, 0xA41E, 0x45C6], at: 0, of: 9)
            #expect(try await events.nextCard().description == "uid:A41E45C6")
            #expect(try await events.nextNotice() == .failed("reader side", "not-cleared"))
            bank.set(.well, of: 9)
            #expect(try await events.nextNotice() == .restored("reader side", "not-cleared"))
            #expect(bank.register(0, of: 9) == 0)
            bank.put([1, 0x04A1, 0xB2C3], at: 0, of: 9)
            // Had the first card been presented again, it would come before this one.
            #expect(try await events.nextCard().description == "uid:04A1B2C3")
        }
    }

    @Test func leavesOutWhatIsOnAnotherBus() throws {
        var elsewhere = try Fixtures.scale("film", unit: 2)
        elsewhere.driver = .modbus(
            ModbusScaleSettings(
                bus: try Fixtures.name("other"), address: 2, registers: try Fixtures.registers()))
        let converter = ScaleSettings(
            name: try Fixtures.name("can"),
            driver: .hx711(HX711Settings(chip: "gpiochip0", clock: 5, data: 6)),
            limits: elsewhere.limits)
        let bus = ModbusBus(
            settings: try Fixtures.bus("/nonexistent"),
            scales: [try Fixtures.scale("pet", unit: 1), elsewhere, converter], readers: [],
            listener: EventLog(), clock: RunningClock(), logger: Logger(label: "test"))
        #expect(bus.health().map(\.part) == ["bus rs485", "scale pet"])
    }
}
