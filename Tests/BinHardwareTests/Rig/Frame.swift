/// Modbus RTU frames as the tests build them, apart from the code under test.
enum Frame {
    /// CRC-16 with polynomial 0xA001 and start 0xFFFF, low byte first.
    ///
    /// Source: Modbus over Serial Line V1.02, 6.2.2.
    static func checksum(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var crc: UInt16 = 0xFFFF
        for byte in bytes {
            crc ^= UInt16(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xA001 : crc >> 1 }
        }
        return [UInt8(crc & 0xFF), UInt8(crc >> 8)]
    }

    static func sealed(_ body: [UInt8]) -> [UInt8] { body + self.checksum(body) }

    static func isSealed(_ frame: [UInt8]) -> Bool {
        frame.count > 2 && Array(frame.suffix(2)) == self.checksum(frame.dropLast(2))
    }

    /// Bytes written as hexadecimal pairs with spaces.
    static func bytes(_ text: String) -> [UInt8] {
        text.split(separator: " ").compactMap { UInt8($0, radix: 16) }
    }
}
