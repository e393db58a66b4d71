/// What came of one attempt to read a converter.
package enum ConverterRead: Hashable, Sendable {
    case word(HX711Word)
    /// No conversion became ready within the timeout.
    case noReply
    /// The converter announced a conversion, but its data line was high when it was to be read.
    case notReady
    /// The clock was high for more than 50 µs, or may have been.
    case slowClock
    /// It was high for more than 60 µs, or may have been, and the converter was reset.
    case poweredDown
    /// The converter and we counted different pulses.
    case pulseCount
    /// The read ended so late that the next conversion may have been mixed in.
    case late
    /// It was read though it had not announced a conversion, to get it going again.
    case unannounced
    /// Conversions were missing before the one that it now has.
    case silence
}

/// Why a conversion was thrown away. The raw values are figures in `status`.
package enum ConverterDiscard: String, CaseIterable, Sendable {
    case notReady = "not-ready"
    case slowClock = "slow-clock"
    case poweredDown = "powered-down"
    case pulseCount = "pulse-count"
    case late = "late-read"
    case unannounced
    case silence
    /// It was nowhere near the ones before it, and the next one was not near it.
    case jump
    /// Its last bits are ones, and it is nowhere near the ones before it.
    case allOnesTail = "all-ones-tail"
    /// The converter had been switched on or over too recently.
    case settling
}

/// What a converter that gives no weight is reported with.
package enum ConverterFault: String, CaseIterable, Sendable {
    case noReply = "no-reply"
    case notReady = "not-ready"
    case slowClock = "slow-clock"
    case pulseCount = "pulse-count"
    case allOnes = "all-ones"
    case underload

    /// What is wrong and what to do, for technicians; at most 120 bytes.
    package var hint: String {
        switch self {
        case .noReply: "sends no conversions: check its power, clock and data wires and the rate"
        case .notReady: "data line does not hold its level: check its wire and the common ground"
        case .slowClock: "is clocked too slowly for it: lower the load, or use its kernel driver"
        case .pulseCount: "miscounts clock pulses or data is stuck low: check clock and data wires"
        case .allOnes: "sends nothing but ones: check the data wire"
        case .underload: "is below its range: check the load cell's wires, then the load cell"
        }
    }
}
