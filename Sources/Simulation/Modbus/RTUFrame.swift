/// The checksum of Modbus RTU: CRC-16, polynomial 0xA001 reflected, start 0xFFFF.
///
/// Source: "MODBUS over Serial Line", section 2.5.1.2.
package enum RTUChecksum {
    package static func value(of bytes: some Sequence<UInt8>) -> UInt16 {
        bytes.reduce(Self.start) { Self.continued($0, with: $1) }
    }

    private static let start: UInt16 = 0xFFFF

    private static func continued(_ crc: UInt16, with byte: UInt8) -> UInt16 {
        var register = crc ^ UInt16(byte)
        for _ in 0..<8 {
            register = register & 1 == 1 ? register >> 1 ^ 0xA001 : register >> 1
        }
        return register
    }

    /// `bytes` with their checksum, low byte first.
    package static func sealed(_ bytes: [UInt8]) -> [UInt8] {
        let crc = Self.value(of: bytes)
        return bytes + [UInt8(truncatingIfNeeded: crc), UInt8(truncatingIfNeeded: crc >> 8)]
    }

    /// The shortest beginning of `bytes`, of at least 4, that ends with the checksum of what is
    /// before it. One pass: random bytes must not cost more than their reading.
    static func shortestFrame(in bytes: some Sequence<UInt8>) -> Int? {
        var crc = Self.start
        for (index, byte) in bytes.enumerated() {
            crc = Self.continued(crc, with: byte)
            if crc == 0, index >= 3 { return index + 1 }
        }
        return nil
    }

    /// Whether `frame` ends with the checksum of what is before it.
    package static func holds(for frame: some Collection<UInt8>) -> Bool {
        frame.count > 2 && Self.value(of: frame) == 0
    }
}

/// A request on the wire whose checksum was right, without that checksum.
package struct RTUFrame: Hashable, Sendable {
    package let address: UInt8
    package let function: UInt8
    package let payload: [UInt8]

    /// - Parameter bytes: Address, function, payload, and two bytes of checksum.
    init?(sealed bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count >= 4 else { return nil }
        self.address = bytes[0]
        self.function = bytes[1]
        self.payload = Array(bytes[2..<(bytes.count - 2)])
    }
}
