import Synchronization

/// Modbus devices with registers, and with the faults that devices have.
final class RegisterBank: Sendable {
    enum Mood: Hashable, Sendable {
        case well
        case silent
        case exception(UInt8)
        case wrongUnit
        case wrongChecksum
        case late(ms: Int)
        /// Takes a write, answers it and does nothing.
        case stubborn
    }

    private struct Device {
        var registers: [UInt16: UInt16] = [:]
        var mood = Mood.well
    }

    private let devices = Mutex<[UInt8: Device]>([:])
    private let heard = Mutex<[[UInt8]]>([])

    /// All requests so far.
    var requests: [[UInt8]] { self.heard.withLock { $0 } }

    /// Puts consecutive registers into a device, which is made if there is none.
    func put(_ values: [UInt16], at address: UInt16, of unit: UInt8) {
        self.devices.withLock { devices in
            for (offset, value) in values.enumerated() {
                devices[unit, default: Device()].registers[address + UInt16(offset)] = value
            }
        }
    }

    func set(_ mood: Mood, of unit: UInt8) {
        self.devices.withLock { $0[unit, default: Device()].mood = mood }
    }

    func register(_ address: UInt16, of unit: UInt8) -> UInt16? {
        self.devices.withLock { $0[unit]?.registers[address] }
    }

    @Sendable func answer(_ request: [UInt8]) -> PseudoTerminal.Answer {
        self.heard.withLock { $0.append(request) }
        let unit = request[0]
        return self.devices.withLock { devices in
            guard var device = devices[unit] else { return .silence }
            defer { devices[unit] = device }
            let address = UInt16(request[2]) << 8 | UInt16(request[3])
            let last = UInt16(request[4]) << 8 | UInt16(request[5])
            var body = [unit, request[1]]
            if request[1] == 6 {
                if device.mood != .stubborn { device.registers[address] = last }
                body += request[2..<6]
            } else {
                body.append(UInt8(last * 2))
                for offset in 0..<last {
                    guard let value = device.registers[address + offset] else {
                        return .bytes(Frame.sealed([unit, request[1] | 0x80, 2]))
                    }
                    body += [UInt8(value >> 8), UInt8(value & 0xFF)]
                }
            }
            let frame = Frame.sealed(body)
            switch device.mood {
            case .well, .stubborn: return .bytes(frame)
            case .silent: return .silence
            case .exception(let code):
                return .bytes(Frame.sealed([unit, request[1] | 0x80, code]))
            case .wrongUnit: return .bytes(Frame.sealed([unit + 1] + body.dropFirst()))
            case .wrongChecksum: return .bytes(frame.dropLast() + [frame[frame.count - 1] ^ 1])
            case .late(let ms): return .late(frame, afterMs: ms)
            }
        }
    }
}
