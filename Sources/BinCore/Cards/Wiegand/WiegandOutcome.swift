/// What became of the pulses between two silences.
package enum WiegandOutcome: Hashable, Sendable {
    /// A frame was read whole. `atNs` is its last pulse, on the kernel's clock.
    case card(CardNumber, atNs: Int64)
    /// No card could be read for certain.
    case rejected(WiegandRejection, atNs: Int64)
    /// The reader has delivered nothing but bad frames for a while. Told once, and again only with
    /// another fault or after `restored`.
    case failed(WiegandFault)
    /// A card was read again; carries the fault that `failed` had.
    case restored(WiegandFault)
}

/// Why pulses were not taken for a card; the raw value is the figure's name in a part's health.
package enum WiegandRejection: String, CaseIterable, Sendable {
    /// One to three pulses.
    case noise
    /// More pulses without a silence than any format has.
    case tooLong = "too-long"
    /// The kernel dropped events in it, or may have.
    case lostEvents = "lost-events"
    /// Pulses on both wires within 100 µs.
    case crosstalk
    /// Pulses on one wire within 100 µs: ringing, or both edges were told.
    case tooFast = "too-fast"
    /// A gap unlike the others: a bit was lost, or a pulse added.
    case irregular
    /// It began too shortly after other pulses: perhaps the tail of a frame.
    case crowded
    /// Somebody pressed a key of the reader's keypad.
    case keypad
    /// No configured format has so many bits.
    case length
    case parity
    /// It may also be a frame of the length that this reader usually sends, with its first or last
    /// bit lost or one added; the same frame once more is a card.
    case doubtful

    /// Whether it tells that something at the reader does not work.
    var isTrouble: Bool {
        switch self {
        case .noise, .keypad, .doubtful: false
        case .tooLong, .lostEvents, .crosstalk, .tooFast, .irregular, .crowded, .length, .parity:
            true
        }
    }
}

/// How one reader's line has been doing since the daemon started.
package struct WiegandTally: Hashable, Sendable {
    /// Bursts of pulses, whatever they were.
    package private(set) var frames: Int64 = 0
    package private(set) var cards: Int64 = 0
    package private(set) var rejected: [WiegandRejection: Int64] = [:]

    mutating func countCard() {
        self.frames += 1
        self.cards += 1
    }

    mutating func count(_ rejection: WiegandRejection) {
        self.frames += 1
        self.rejected[rejection, default: 0] += 1
    }

    /// Frames that were neither a card nor a key press: `DeviceHealth.badFrames`.
    package var badFrames: Int64 {
        self.rejected.reduce(0) { $1.key == .keypad ? $0 : $0 + $1.value }
    }

    /// For `DeviceHealth.counts`: every reason by its name, and `frames` and `cards`.
    package var counts: [String: Int64] {
        var counts = ["frames": self.frames, "cards": self.cards]
        for rejection in WiegandRejection.allCases {
            counts[rejection.rawValue] = self.rejected[rejection] ?? 0
        }
        return counts
    }
}
