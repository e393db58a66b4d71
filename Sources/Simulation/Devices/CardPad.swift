package import BinCore

/// A card reader on Modbus: the cards held to it, and its registers.
package struct CardPad: Hashable, Sendable {
    /// How long a hand holds a card there.
    package static let holdMs: Int64 = 600
    /// How long the pad is free between two cards, so that a master that polls a few times a
    /// second sees two of them even if it is the same card twice.
    package static let pauseMs: Int64 = 400
    /// The most cards that wait their turn.
    package static let waitingMax = 16

    private struct Showing: Hashable, Sendable {
        let uid: [UInt8]
        let from: BootInstant
    }

    package let settings: ModbusReaderSettings
    private var waiting: [Showing] = []
    private var shown: Showing?
    /// When the pad is free for the next card.
    private var free: BootInstant?
    private var counter: UInt64 = 0
    private var isFlagged = false

    package init(settings: ModbusReaderSettings) { self.settings = settings }

    /// How many cards wait their turn.
    package var waitingCount: Int { self.waiting.count }

    /// The longest UID that the registers hold, bytes.
    package var uidBytesMax: Int { self.settings.uid.count * 2 }

    /// Holds a card to the pad, as soon as the one before it has gone.
    ///
    /// - Returns: Whether it was taken: not if `waitingMax` cards wait, or the UID is too long.
    package mutating func tap(uid: [UInt8], at now: BootInstant) -> Bool {
        self.advance(to: now)
        guard self.waiting.count < Self.waitingMax, uid.count <= self.uidBytesMax else {
            return false
        }
        let from = max(now, self.free ?? now)
        self.waiting.append(Showing(uid: uid, from: from))
        self.free = from.advanced(byMs: Self.holdMs + Self.pauseMs)
        self.advance(to: now)
        return true
    }

    /// Lets the cards come whose time is there. A latched reader takes none until its flag has
    /// been cleared.
    package mutating func advance(to now: BootInstant) {
        while let next = self.waiting.first, next.from <= now, !self.isFlagged {
            self.waiting.removeFirst()
            self.shown = next
            self.counter &+= 1
            if case .latched = self.settings.presence { self.isFlagged = true }
        }
    }

    /// What a master wrote to the flag's registers: zeros clear the flag, and then the next card
    /// that waits is taken.
    package mutating func write(_ words: [UInt16], at now: BootInstant) {
        self.advance(to: now)
        self.isFlagged = words.contains { $0 != 0 }
        self.advance(to: now)
    }

    /// The registers as a master reads them at `now`.
    package func image(at now: BootInstant) -> RegisterImage {
        var image = RegisterImage()
        // What lies between is there, too, as in most devices.
        for block in [self.presenceBlock?.joined(with: self.settings.uid)].compactMap(\.self) {
            image.place([UInt8](), rightAlignedIn: block)
        }
        var uid = self.shown?.uid ?? []
        switch self.settings.presence {
        case .level:
            if self.isGone(afterMs: Self.holdMs, at: now) { uid = [] }
        case .hold(let ms):
            if self.isGone(afterMs: Int64(ms), at: now) { uid = [] }
        case .counter(let block):
            image.place(Self.bytes(of: self.counter), rightAlignedIn: block)
        case .latched(let block):
            image.place([self.isFlagged ? 1 : 0], rightAlignedIn: block)
        }
        image.place(uid, rightAlignedIn: self.settings.uid)
        return image
    }

    /// Where the reader says that a card came.
    private var presenceBlock: RegisterBlock? {
        switch self.settings.presence {
        case .level, .hold: nil
        case .counter(let block), .latched(let block): block
        }
    }

    private func isGone(afterMs: Int64, at now: BootInstant) -> Bool {
        self.shown.map { now >= $0.from.advanced(byMs: afterMs) } ?? true
    }

    /// Whether a master may write that: what clears a latched reader's flag, a register by either
    /// of the two functions that write one.
    package func allows(_ function: DeviceCommand.Function, address: Int, words: [UInt16]) -> Bool {
        self.settings.clear.contains { command in
            (command.function == .coil) == (function == .coil) && command.address == address
                && command.values.count == words.count
        }
    }

    private static func bytes(of value: UInt64) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt64($0)) }
    }
}
