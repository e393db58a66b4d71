package import BinCore
import Glibc
package import Logging
import ServiceLifecycle
import Synchronization

/// One RS-485 bus: asks its transmitters and readers in turn and tells what they say.
///
/// Its port is opened, closed and used on one queue of its own. A port that goes away is opened
/// again until it is back; a device that stops answering is asked less often until it answers.
/// `run()` ends on graceful shutdown or cancellation, after the poll that is under way.
package actor ModbusBus: Service, HealthReporting, TransmitterCommanding {
    private struct Device {
        enum Kind {
            case scale(Name, ScalePoll)
            case reader(Name, ReaderPoll)
        }

        let unit: Int
        let timing: BusTiming
        var kind: Kind
        var limit = WriteLimit([])
        var late: LateReplies
        var times = ReplyTimes()

        init(_ unit: Int, _ timing: BusTiming, _ kind: Kind) {
            self.unit = unit
            self.timing = timing
            self.kind = kind
            self.late = LateReplies(timeoutMs: timing.timeoutMs)
        }
    }

    private let queue: BusQueue
    private let settings: BusSettings
    private let listener: any HardwareListening
    private let clock: any MonotonicClock
    private let wear: (any WearRemembering)?
    private let logger: Logger
    private var devices: [Device]
    private var machine: BusMachine
    /// Of any device.
    private var late = LateReplies()
    private var port: ModbusPort?
    private nonisolated let snapshot: Mutex<[DeviceHealth]>

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        self.queue.asUnownedSerialExecutor()
    }

    /// - Parameters:
    ///   - scales: Those that are not on this bus are left out.
    ///   - readers: Likewise.
    ///   - listener: Called on the bus's own queue.
    ///   - wear: Without it no command is given that wears a device's memory.
    package init(
        settings: BusSettings, scales: [ScaleSettings], readers: [ReaderSettings],
        listener: any HardwareListening, wear: (any WearRemembering)? = nil,
        clock: any MonotonicClock, logger: Logger
    ) {
        var devices: [Device] = []
        var parts: [BusMachine.Part] = []
        for scale in scales {
            guard case .modbus(let modbus) = scale.driver, modbus.bus == settings.name else {
                continue
            }
            let poll = ScalePoll(modbus.registers, division: scale.limits.division)
            var device = Device(
                modbus.address, BusTiming(settings, timeoutMs: modbus.timeoutMs),
                .scale(scale.name, poll))
            device.limit = WriteLimit(modbus.commands, lastWorn: wear?.lastWorn(scale.name))
            devices.append(device)
            parts.append(BusMachine.Part(source: "scale \(scale.name)", unit: modbus.address))
        }
        for reader in readers {
            guard case .modbus(let modbus) = reader.driver, modbus.bus == settings.name else {
                continue
            }
            devices.append(
                Device(
                    modbus.address, BusTiming(settings, timeoutMs: modbus.timeoutMs),
                    .reader(reader.name, ReaderPoll(modbus))))
            parts.append(
                BusMachine.Part(
                    source: "reader \(reader.name)", unit: modbus.address,
                    periodMs: ReaderPoll.periodMs(of: modbus.presence)))
        }
        let machine = BusMachine(bus: settings.name, parts: parts, start: clock.now())
        var logger = logger
        logger[metadataKey: LogKey.bus] = "\(settings.name)"
        self.queue = BusQueue(label: "steelyard.bus.\(settings.name)")
        self.settings = settings
        self.listener = listener
        self.wear = wear
        self.clock = clock
        self.logger = logger
        self.devices = devices
        self.machine = machine
        self.snapshot = Mutex(machine.health)
    }

    package nonisolated func health() -> [DeviceHealth] { self.snapshot.withLock { $0 } }

    package func run() async throws {
        self.logger.info("Bus started", metadata: [LogKey.port: "\(self.settings.port)"])
        await cancelWhenGracefulShutdown { await self.work() }
        self.logger.info("Bus stopped")
    }

    private func work() async {
        while !Task.isCancelled {
            switch self.machine.next(at: self.clock.now()) {
            case .open: self.open()
            case .poll(let index):
                self.poll(index)
                // On a full bus nothing else would let a command in.
                await Task.yield()
            case .wait(let instant):
                let ms = instant.map { $0.ms(since: self.clock.now()) } ?? Self.longestSleepMs
                // Throws only when cancelled, which the loop sees by itself.
                try? await Task.sleep(for: .milliseconds(max(1, ms)))
            }
        }
        self.port = nil
    }

    /// How long a bus without devices sleeps at a time.
    private static let longestSleepMs: Int64 = 3_600_000

    private func open() {
        do throws(BusError) {
            self.port = try ModbusPort(self.settings)
            self.machine.opened(at: self.clock.now())
        } catch {
            self.tell(self.machine.openFailed(error, at: self.clock.now()))
        }
    }

    private func poll(_ index: Int) {
        var failure: BusError?
        do throws(BusError) {
            try self.exchange(index)
        } catch {
            failure = error
        }
        let notices = self.machine.polled(index, error: failure, at: self.clock.now())
        if failure?.policy == .reopenPort { self.port = nil }
        self.tell(notices)
    }

    /// Polls one device, and leaves a line on which nothing is due soon.
    ///
    /// A device that doesn't answer is left as soon as the line is quiet: the others shall keep
    /// their period. Once it goes down the line is listened to for as long as the device had to
    /// answer, which shows whether it answers late.
    private func exchange(_ index: Int) throws(BusError) {
        switch self.port {
        case .some(let port):
            let device = self.devices[index]
            let (timing, failures) = (device.timing, self.machine.failures(index))
            do throws(BusError) {
                try port.expect(
                    responseMs: device.times.patienceMs(
                        responseMs: timing.responseMs, failures: failures))
                try self.ask(index, port)
                self.devices[index].times.replied(us: port.slowestUs)
                self.machine.replied(index, us: port.slowestUs)
            } catch {
                guard error.policy == .waitOutReply else { throw error }
                self.gaveUp(index)
                guard self.machine.isLost(index, at: self.clock.now()) else {
                    try port.settle(timing)
                    throw error
                }
                self.devices[index].times.forget()
                let drained = try port.drain(timing)
                throw drained > 0 && error.cause == .noReply ? BusError(.lateReply) : error
            }
        case .none:
            // The machine polls only while the port is open. Were it wrong, opening it is right.
            throw BusError(.portLost(EBADF))
        }
    }

    private func gaveUp(_ index: Int) {
        let now = self.clock.now()
        self.devices[index].late.gaveUp(at: now)
        self.late.gaveUp(at: now)
    }

    /// How many replies that look like a device's may be on their way: its own, and one that
    /// another gives under its address.
    private func late(of index: Int, at now: BootInstant) -> Int {
        max(self.devices[index].late.count(at: now), min(self.late.count(at: now), 1))
    }

    private func ask(_ index: Int, _ port: borrowing ModbusPort) throws(BusError) {
        let unit = self.devices[index].unit
        let late = self.late(of: index, at: self.clock.now())
        let isInTime = self.devices[index].late.isInTime
        switch self.devices[index].kind {
        case .scale(let name, var poll):
            defer { self.devices[index].kind = .scale(name, poll) }
            let reading = try poll.reading(
                port, of: unit, clock: self.clock, late: late, isInTime: isInTime)
            if poll.hasAgreed { self.devices[index].late.agreed() }
            guard let reading else { return }
            self.listener.receive(.reading(scale: name, reading))
        case .reader(let name, var poll):
            defer { self.devices[index].kind = .reader(name, poll) }
            let now = self.clock.now()
            try poll.poll(port, of: unit, at: now, late: late, isInTime: isInTime) { card in
                self.listener.receive(
                    .presented(reader: name, card: card, at: self.clock.now()))
            }
            if poll.hasAgreed { self.devices[index].late.agreed() }
        }
    }

    private func tell(_ notices: [BusMachine.Notice]) {
        self.snapshot.withLock { $0 = self.machine.health }
        for notice in notices {
            switch notice {
            case .failed(let fault):
                self.logger.debug("Part failed", metadata: Self.metadata(fault))
                self.listener.receive(.failed(fault, at: self.clock.now()))
            case .restored(let fault):
                self.logger.debug("Part restored", metadata: Self.metadata(fault))
                self.listener.receive(.restored(fault, at: self.clock.now()))
            case .stumbled(let source, let code):
                self.logger.debug(
                    "Poll failed",
                    metadata: [LogKey.device: "\(source)", LogKey.code: "\(code)"])
            }
        }
    }

    private static func metadata(_ fault: FaultFact) -> Logger.Metadata {
        [
            LogKey.device: "\(fault.source)", LogKey.code: "\(fault.code)",
            LogKey.detail: "\(fault.detail)",
        ]
    }
}

extension ModbusBus {
    package func check(
        _ effect: DeviceCommand.Effect, for scale: Name
    ) throws(CommandRefusal) {
        let limit = self.devices[try self.place(of: scale)].limit
        _ = try limit.check(effect, at: self.clock.now())
        guard effect != .eeprom || self.wear != nil else {
            throw .notRemembered("nothing keeps when it was given")
        }
    }

    private func place(of scale: Name) throws(CommandRefusal) -> Int {
        let place = self.devices.firstIndex { device in
            if case .scale(scale, _) = device.kind { true } else { false }
        }
        guard let place else { throw .noSuchScale }
        return place
    }

    package func give(
        _ effect: DeviceCommand.Effect, to scale: Name, by person: Attendant
    ) throws(CommandRefusal) {
        try self.check(effect, for: scale)
        let (place, now) = (try self.place(of: scale), self.clock.now())
        if effect == .eeprom { try self.wear?.willWear(scale, at: now) }
        let write = try self.devices[place].limit.permit(effect, by: person, at: now)
        do throws(BusError) {
            try self.make(write, on: place)
        } catch {
            throw .failed(code: error.code, hint: error.hint)
        }
        self.logger.notice(
            "Command was given",
            metadata: [
                LogKey.device: "scale \(scale)", LogKey.command: "\(effect.rawValue)",
                LogKey.person: "\(person)",
            ])
    }

    private func make(
        _ write: consuming AttendedWrite, on place: Int
    ) throws(BusError) {
        let device = self.devices[place]
        switch self.port {
        case .some(let port):
            do throws(BusError) {
                try port.expect(responseMs: device.timing.responseMs)
                try port.write(write, to: device.unit)
            } catch {
                guard error.policy == .waitOutReply else { throw error }
                _ = try port.drain(device.timing)
                self.gaveUp(place)
                throw error
            }
        case .none: throw BusError(.portMissing)
        }
    }
}
