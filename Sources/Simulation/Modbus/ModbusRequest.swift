package import BinCore

/// Why a device refuses a request; the raw value is the code on the wire.
package enum ModbusException: UInt8, Error, Hashable, Sendable {
    case illegalFunction = 1
    case illegalAddress = 2
    case illegalValue = 3
}

/// What a master asks of a device.
package enum ModbusRequest: Hashable, Sendable {
    /// Functions 3 and 4.
    case read(RegisterTable, address: Int, count: Int)
    /// Functions 5, 6 and 16; a coil's word is 0 or 1.
    case write(DeviceCommand.Function, address: Int, words: [UInt16])

    /// Source of the limits: "MODBUS Application Protocol Specification V1.1b3", 6.3 and 6.12.
    private static let readMax = 125
    private static let writeMax = 123
    /// 6.5 of the same.
    private static let coilOn: UInt16 = 0xFF00

    /// - Throws: `.illegalFunction` for a function that no device here has, `.illegalValue` for a
    ///   count out of range or a payload of another length.
    package init(_ frame: RTUFrame) throws(ModbusException) {
        switch frame.function {
        case 3, 4:
            let words = Self.words(frame.payload)
            guard words.count == 2, (1...Self.readMax).contains(Int(words[1])) else {
                throw .illegalValue
            }
            self = .read(
                frame.function == 3 ? .holding : .input, address: Int(words[0]),
                count: Int(words[1]))
        case 5:
            let words = Self.words(frame.payload)
            guard words.count == 2, [0, Self.coilOn].contains(words[1]) else {
                throw .illegalValue
            }
            self = .write(.coil, address: Int(words[0]), words: [words[1] == 0 ? 0 : 1])
        case 6:
            let words = Self.words(frame.payload)
            guard words.count == 2 else { throw .illegalValue }
            self = .write(.register, address: Int(words[0]), words: [words[1]])
        case 16:
            let head = Self.words(frame.payload.prefix(4))
            let data = frame.payload.dropFirst(5)
            guard head.count == 2, (1...Self.writeMax).contains(Int(head[1])),
                data.count == Int(head[1]) * 2
            else { throw .illegalValue }
            self = .write(.registers, address: Int(head[0]), words: Self.words(data))
        default:
            throw .illegalFunction
        }
    }

    private static func words(_ bytes: some Collection<UInt8>) -> [UInt16] {
        let bytes = Array(bytes)
        return stride(from: 0, to: bytes.count - 1, by: 2).map {
            UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
        }
    }
}

/// A device's reply as it goes out on the wire, checksum included.
package enum ModbusReply {
    /// To functions 3 and 4; at most 125 words.
    package static func registers(_ words: [UInt16], to frame: RTUFrame) -> [UInt8] {
        let data = words.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        return RTUChecksum.sealed(
            [frame.address, frame.function, UInt8(truncatingIfNeeded: data.count)] + data)
    }

    /// To functions 5, 6 and 16: all repeat the first four bytes of the request's payload.
    package static func written(to frame: RTUFrame) -> [UInt8] {
        RTUChecksum.sealed([frame.address, frame.function] + frame.payload.prefix(4))
    }

    package static func exception(_ exception: ModbusException, to frame: RTUFrame) -> [UInt8] {
        RTUChecksum.sealed([frame.address, frame.function | 0x80, exception.rawValue])
    }
}
