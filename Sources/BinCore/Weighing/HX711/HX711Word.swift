/// The 24 data bits of one HX711 conversion: two's complement, most significant bit first.
///
/// | bits | counts | condition |
/// | --- | ---: | --- |
/// | 000001 | 1 | normal |
/// | FFFFFF | −1 | normal |
/// | 7FFFFF | 8,388,607 | overload |
/// | 800000 | −8,388,608 | error |
///
/// Source: Avia HX711 data sheet, "Output data rate and format".
package struct HX711Word: Hashable, Sendable {
    private static let signBit: UInt32 = 0x80_0000

    package let bits: UInt32

    /// Returns `nil` for more than 24 bits.
    package init?(_ bits: UInt32) {
        guard bits <= 0xFF_FFFF else { return nil }
        self.bits = bits
    }

    /// As Linux's own driver hands it out: 0 is the lower rail, 800000 is zero.
    ///
    /// Source: Linux, drivers/iio/adc/hx711.c.
    package init?(offsetBinary bits: UInt32) { self.init(bits ^ Self.signBit) }

    /// −8,388,608 to 8,388,607.
    package var counts: Int64 { Int64(Int32(bitPattern: self.bits << 8) >> 8) }

    /// A value at a rail was cut off there and is no weight.
    package var condition: Reading.Condition {
        switch self.bits {
        case Self.signBit - 1: .overload
        case Self.signBit: .error
        case _: .normal
        }
    }

    /// How many of the last bits are ones: an interrupted read leaves the rest of the word so.
    package var tailOfOnes: Int { (~self.bits).trailingZeroBitCount }

    /// What a data line that nobody drives may look like.
    package var isAllOnes: Bool { self.bits == 0xFF_FFFF }
}
