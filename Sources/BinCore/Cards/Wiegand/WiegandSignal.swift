/// One of a reader's two data wires. Both rest high; a low pulse on D0 is a 0, on D1 a 1.
package enum WiegandWire: String, CaseIterable, Sendable {
    case d0, d1

    var other: WiegandWire {
        switch self {
        case .d0: .d1
        case .d1: .d0
        }
    }
}

/// What the thread at the GPIO lines tells; all times are the kernel's, in nanoseconds.
package enum WiegandSignal: Hashable, Sendable {
    /// A falling edge. The rising one must not be told.
    case pulse(WiegandWire, atNs: Int64)
    /// Pulses were lost, or may have been, between these two instants.
    case lost(fromNs: Int64, untilNs: Int64)
}

extension WiegandSignal {
    /// How many events the kernel keeps for a line with GPIO uAPI v1. What comes while the queue
    /// is full is dropped without a sign (`linux/drivers/gpio/gpiolib-cdev.c`).
    package static let queueOfV1 = 16

    /// The signals of two lines that were read until both had no more, in the order of time.
    ///
    /// - Parameters:
    ///   - d0, d1: The times of each line's events, ascending.
    ///   - capacity: How many events a line's queue holds; a line that had so many may have lost
    ///     what followed. `nil` if the driver sees losses by itself (uAPI v2 numbers its events).
    ///   - readAtNs: When the lines were found empty.
    package static func merged(
        d0: [Int64], d1: [Int64], capacity: Int?, readAtNs: Int64
    ) -> [WiegandSignal] {
        var signals: [(atNs: Int64, signal: WiegandSignal)] = []
        for (wire, times) in [(WiegandWire.d0, d0), (.d1, d1)] {
            for time in times { signals.append((time, .pulse(wire, atNs: time))) }
            if let capacity, capacity > 0, times.count >= capacity {
                let from = times[capacity - 1]
                signals.append((from, .lost(fromNs: from, untilNs: max(from, readAtNs))))
            }
        }
        return signals.enumerated()
            .sorted { ($0.element.atNs, $0.offset) < ($1.element.atNs, $1.offset) }
            .map(\.element.signal)
    }
}
