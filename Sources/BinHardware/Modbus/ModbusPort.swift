import BinCore
import CModbus

/// What a poll may do on a bus. All of it blocks.
protocol RegisterAccess: ~Copyable {
    /// The registers of `block`, exactly `block.count` of them.
    borrowing func read(_ block: RegisterBlock, of unit: Int) throws(BusError) -> [UInt16]
    /// That the device took it has to be read back.
    borrowing func write(_ write: LoopWrite, to unit: Int) throws(BusError)
}

/// An open serial port with a Modbus RTU master on it. Lives as long as the port is open.
struct ModbusPort: ~Copyable, RegisterAccess {
    private let raw: OpaquePointer
    private let timing: BusTiming

    init(_ settings: BusSettings) throws(BusError) {
        let timing = BusTiming(settings)
        let parity =
            switch settings.parity {
            case .none: UInt8(ascii: "N")
            case .even: UInt8(ascii: "E")
            case .odd: UInt8(ascii: "O")
            }
        var line = cmodbus_line(
            baud: Int32(clamping: settings.baud), parity: CChar(parity),
            stop_bits: Int32(clamping: settings.stopBits),
            response_ms: Int32(clamping: timing.responseMs),
            byte_ms: Int32(clamping: timing.byteMs), gap_us: Int32(clamping: timing.gapUs),
            turnaround_us: Int32(clamping: timing.turnaroundUs))
        var raw: OpaquePointer?
        let result = cmodbus_open(settings.port, &line, &raw)
        guard result >= 0, let raw else { throw BusError(opening: result) }
        self.raw = raw
        self.timing = timing
    }

    deinit { cmodbus_close(self.raw) }

    func read(_ block: RegisterBlock, of unit: Int) throws(BusError) -> [UInt16] {
        // 125 is the most that one reply carries; the shim refuses more before it writes any.
        var values = [UInt16](repeating: 0, count: min(max(block.count, 0), 125))
        let function: Int32 =
            switch block.table {
            case .holding: 3
            case .input: 4
            }
        let result = cmodbus_read(
            self.raw, Int32(clamping: unit), function, Int32(clamping: block.address),
            Int32(clamping: block.count), &values)
        guard result >= 0 else { throw BusError(exchange: result) }
        return values
    }

    func write(_ write: LoopWrite, to unit: Int) throws(BusError) {
        try self.write(write.command, to: unit)
    }

    /// Makes a write that a person asked for. That the device took it has to be seen.
    func write(_ write: consuming AttendedWrite, to unit: Int) throws(BusError) {
        try self.write(write.command, to: unit)
    }

    /// Private: what may be written is decided by who can make a `LoopWrite` or `AttendedWrite`.
    private func write(_ command: DeviceCommand, to unit: Int) throws(BusError) {
        let function: Int32 =
            switch command.function {
            case .coil: 5
            case .register: 6
            case .registers: 16
            }
        let result = cmodbus_write(
            self.raw, Int32(clamping: unit), function, Int32(clamping: command.address),
            Int32(clamping: command.values.count), command.values)
        guard result >= 0 else { throw BusError(exchange: result) }
    }

    /// Sets how long the next device may take, from its request's end.
    func expect(responseMs: Int) throws(BusError) {
        let result = cmodbus_expect(self.raw, Int32(clamping: responseMs))
        guard result >= 0 else { throw BusError(exchange: result) }
    }

    /// How long the last exchange took, from the request's first byte to the reply's last.
    var repliedUs: Int { Int(cmodbus_replied_us(self.raw)) }

    /// The longest that an exchange took since `expect(responseMs:)`, of those that went well.
    var slowestUs: Int { Int(cmodbus_slowest_us(self.raw)) }

    /// Throws away what comes after an exchange that failed, until nothing is on the line any more:
    /// the silence that goes before a request. For as long as a device may take at most.
    func settle(_ timing: BusTiming) throws(BusError) {
        _ = try self.drain(quietMs: (timing.gapUs + 999) / 1000, limitMs: timing.responseMs)
    }

    /// Throws away what comes after an exchange that failed: for what is left of the device's time,
    /// and until the line was quiet for another timeout, so that a reply which was due comes hardly
    /// any more. For two timeouts at most.
    ///
    /// - Returns: How many bytes came.
    func drain(_ timing: BusTiming) throws(BusError) -> Int {
        let leftMs = max(0, timing.responseMs - self.repliedUs / 1000)
        let quietMs = leftMs + timing.timeoutMs
        return try self.drain(quietMs: quietMs, limitMs: max(2 * timing.timeoutMs, quietMs))
    }

    func drain() throws(BusError) -> Int { try self.drain(self.timing) }

    private func drain(quietMs: Int, limitMs: Int) throws(BusError) -> Int {
        let result = cmodbus_drain(
            self.raw, Int32(clamping: quietMs), Int32(clamping: limitMs))
        guard result >= 0 else { throw BusError(exchange: result) }
        return Int(result)
    }
}
