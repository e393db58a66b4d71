package import BinCore

/// What a device sends, and when.
package struct DelayedReply: Hashable, Sendable {
    package let bytes: [UInt8]
    /// Milliseconds after the request; 0 but for a device that is late.
    package let delayMs: Int64
}

extension SimulatedBin {
    /// How much later than the bus's timeout a late reply comes, milliseconds.
    private static let latenessMs: Int64 = 100
    /// The longest burst of random bytes that takes the place of a reply.
    private static let noiseBytesMax = 24

    /// The reply to a request that came on a bus at `now`; `nil` if nobody answers.
    package mutating func reply(
        to frame: RTUFrame, on bus: Name, at now: BootInstant
    ) -> DelayedReply? {
        let station = Station(bus: bus, address: Int(frame.address))
        guard let part = self.stations[station] else { return nil }
        let fault = self.fault(of: part)
        if fault == .off || fault == .silent { return nil }
        var bytes: [UInt8]
        do {
            bytes = try self.answer(to: frame, from: part, at: now)
        } catch {
            bytes = ModbusReply.exception(error, to: frame)
        }
        if fault == .garbage { bytes = self.spoiled(bytes) }
        let timeoutMs = Int64(self.settings.buses[bus]?.timeoutMs ?? 0)
        return DelayedReply(
            bytes: bytes, delayMs: fault == .late ? timeoutMs + Self.latenessMs : 0)
    }

    private mutating func answer(
        to frame: RTUFrame, from part: Part, at now: BootInstant
    ) throws(ModbusException) -> [UInt8] {
        switch try ModbusRequest(frame) {
        case .read(let table, let address, let count):
            let image = self.frozen[part] ?? self.image(of: part, at: now)
            guard let words = image.words(table: table, address: address, count: count) else {
                throw .illegalAddress
            }
            return ModbusReply.registers(words, to: frame)
        case .write(let function, let address, let words):
            try self.write(words, by: function, at: address, to: part, at: now)
            return ModbusReply.written(to: frame)
        }
    }

    /// A latched reader's flag is the one thing that can be written. A stuck reader takes the write
    /// and keeps its flag.
    private mutating func write(
        _ words: [UInt16], by function: DeviceCommand.Function, at address: Int, to part: Part,
        at now: BootInstant
    ) throws(ModbusException) {
        guard case .reader(let name) = part, var pad = self.pads[name],
            pad.allows(function, address: address, words: words)
        else { throw function == .coil ? .illegalFunction : .illegalAddress }
        guard self.frozen[part] == nil else { return }
        pad.write(words, at: now)
        self.pads[name] = pad
    }

    /// What a device's registers hold at `now`.
    mutating func image(of part: Part, at now: BootInstant) -> RegisterImage {
        switch part {
        case .scale(let name):
            self.advance(scale: name, to: now)
            return self.transmitters[name]?.image ?? RegisterImage()
        case .reader(let name):
            self.pads[name]?.advance(to: now)
            return self.pads[name]?.image(at: now) ?? RegisterImage()
        case .bus:
            return RegisterImage()
        }
    }

    /// A reply with one bit turned, or random bytes in its place.
    private mutating func spoiled(_ reply: [UInt8]) -> [UInt8] {
        var bytes = reply
        guard Bool.random(using: &self.random), !bytes.isEmpty else {
            let count = Int.random(in: 1...Self.noiseBytesMax, using: &self.random)
            return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self.random) }
        }
        let index = Int.random(in: 0..<bytes.count, using: &self.random)
        bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &self.random)
        return bytes
    }
}
