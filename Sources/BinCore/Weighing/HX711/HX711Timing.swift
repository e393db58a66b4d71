/// Channel and gain of an HX711, selected by how many pulses a read has.
package enum HX711Selection: Int, CaseIterable, Sendable {
    case a128 = 128
    case a64 = 64
    case b32 = 32

    /// Of one read; the selection is in force for the conversion after it.
    ///
    /// Source: Avia HX711 data sheet, table 3.
    package var pulses: Int {
        switch self {
        case .a128: 25
        case .b32: 26
        case .a64: 27
        }
    }
}

/// The times of an HX711 that follow from its rate.
package struct HX711Timing: Hashable, Sendable {
    /// Conversions from a power-up or a change of channel or gain to valid data: 400 ms at 10 a
    /// second, 50 ms at 80.
    ///
    /// Source: Avia HX711 data sheet, "Key electrical characteristics", output settling time.
    package static let settlingConversions = 4

    /// How long one conversion takes; 100 ms at 10 a second, 12.5 ms at 80.
    package let periodNs: Int64

    /// - Parameter rate: Conversions per second.
    package init(rate: Int) { self.periodNs = 1_000_000_000 / Int64(max(1, rate)) }

    /// How long to wait for a conversion before its absence counts: a period and a half.
    package var readyTimeoutNs: Int64 { Self.oneAndAHalf(self.periodNs) }

    package static func oneAndAHalf(_ ns: Int64) -> Int64 { ns + ns / 2 }

    /// The same after a power-up, since some chips are silent until they have settled.
    package var settlingTimeoutNs: Int64 {
        Int64(Self.settlingConversions) * self.periodNs + self.readyTimeoutNs
    }

    /// A read that ends later than this after its conversion was ready may have met the next one.
    package var longestReadNs: Int64 { self.periodNs * 3 / 4 }
}
