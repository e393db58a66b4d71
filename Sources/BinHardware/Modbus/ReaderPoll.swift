import BinCore

/// How one card reader is read, and what is known of the card at it.
struct ReaderPoll: Hashable, Sendable {
    private enum Presence: Hashable, Sendable {
        case level(LevelPresence, said: LastWord<[UInt16]>)
        case counter(PairedBlocks, CounterPresence, said: LastWord<PairedBlocks.Pair>)
        case latched(PairedBlocks, LatchedPresence, said: LastWord<LatchedPresence.Latch>)
    }

    private let uid: RegisterBlock
    private let clear: [LoopWrite]
    private var presence: Presence
    /// Whether the reader said the same as often as the last poll demanded, or what it said before.
    private(set) var hasAgreed = false

    init(_ settings: ModbusReaderSettings) {
        self.uid = settings.uid
        self.clear = settings.clear.compactMap(LoopWrite.init)
        self.presence =
            switch settings.presence {
            case .level, .hold: .level(LevelPresence(), said: LastWord())
            case .counter(let block):
                .counter(
                    PairedBlocks(sign: block, value: settings.uid), CounterPresence(),
                    said: LastWord())
            case .latched(let block):
                .latched(
                    PairedBlocks(sign: block, value: settings.uid), LatchedPresence(),
                    said: LastWord())
            }
    }

    /// How often a reader must be asked: one that holds its data for a while, twice in that while.
    static func periodMs(of presence: ModbusReaderSettings.Presence) -> Int64 {
        switch presence {
        case .level, .counter, .latched: PollSchedule.periodMs
        case .hold(let ms): min(PollSchedule.periodMs, max(Int64(ms) / 2, 1))
        }
    }

    /// A poll in which the reader didn't say the same as often as `late` demands says nothing.
    ///
    /// - Parameters:
    ///   - late: How many replies that look like the reader's may still be on their way.
    ///   - isInTime: Whether what it said before needs to be said only once.
    ///   - present: Called with a card that was presented, before anything is written to the
    ///     reader: a failure to clear its flag doesn't lose the card.
    mutating func poll<Access: RegisterAccess & ~Copyable>(
        _ access: borrowing Access, of unit: Int, at now: BootInstant, late: Int = 0,
        isInTime: Bool = true, present: (CardNumber) -> Void
    ) throws(BusError) {
        self.hasAgreed = false
        switch self.presence {
        case .level(var machine, var said):
            let uid = self.uid
            let before = said.value(at: now)
            let registers = try LateReplies.agreed(late, after: before, isInTime: isInTime) {
                () throws(BusError) in try access.read(uid, of: unit)
            }
            guard let registers else { return }
            self.hasAgreed = true
            let card = try Self.card(registers)
            if let card = machine.polled(card) { present(card) }
            said.take(registers, at: now)
            self.presence = .level(machine, said: said)
        case .counter(var blocks, var machine, var said):
            defer { self.presence = .counter(blocks, machine, said: said) }
            let before = said.value(at: now)
            let registers = try LateReplies.agreed(late, after: before, isInTime: isInTime) {
                () throws(BusError) in try blocks.read(access, of: unit, at: now)
            }
            guard let registers else { return }
            self.hasAgreed = true
            let card = try Self.card(registers.value)
            if let card = machine.polled(counter: registers.sign, card: card) { present(card) }
            said.take(registers, at: now)
        case .latched(var blocks, var machine, var said):
            defer { self.presence = .latched(blocks, machine, said: said) }
            let before = said.value(at: now)
            let latch = try LateReplies.agreed(late, after: before, isInTime: isInTime) {
                () throws(BusError) in try Self.latch(&blocks, access, of: unit, at: now)
            }
            guard let latch else { return }
            self.hasAgreed = true
            said.take(latch, at: now)
            let verdict = machine.polled(latch)
            if let card = verdict.presented { present(card) }
            guard verdict.mustClear else { return }
            if try self.clear(blocks.sign, access, of: unit, late) {
                machine.cleared()
                said.take(.open, at: now)
            }
        }
    }

    /// The card in a latched reader, whose UID is worth a request only while the flag is set.
    private static func latch<Access: RegisterAccess & ~Copyable>(
        _ blocks: inout PairedBlocks, _ access: borrowing Access, of unit: Int, at now: BootInstant
    ) throws(BusError) -> LatchedPresence.Latch {
        if !blocks.areAdjacent {
            let flag = try access.read(blocks.sign, of: unit)
            guard flag.contains(where: { $0 != 0 }) else { return .open }
        }
        let registers = try blocks.read(access, of: unit, at: now)
        guard registers.sign.contains(where: { $0 != 0 }) else { return .open }
        return .holding(try Self.card(registers.value))
    }

    /// Clears `flag` and reads it back: the echo of a write proves nothing (libmodbus compares
    /// neither address nor value of it). Returns whether it is sure that the flag is 0.
    private func clear<Access: RegisterAccess & ~Copyable>(
        _ flag: RegisterBlock, _ access: borrowing Access, of unit: Int, _ late: Int
    ) throws(BusError) -> Bool {
        for write in self.clear { try access.write(write, to: unit) }
        let values = try LateReplies.agreed(late, after: nil) { () throws(BusError) in
            try access.read(flag, of: unit)
        }
        guard let values else { return false }
        guard values.allSatisfy({ $0 == 0 }) else { throw BusError(.notCleared) }
        return true
    }

    /// The card whose UID the registers hold, most significant first; `nil` if all are 0.
    private static func card(_ registers: [UInt16]) throws(BusError) -> CardNumber? {
        guard registers.contains(where: { $0 != 0 }) else { return nil }
        let bytes = registers.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        guard let card = CardNumber(uid: bytes) else { throw BusError(.badValue) }
        return card
    }
}
