import BinCore
import Records
import Synchronization

/// The file `high-water`: two slots and a line.
///
/// A slot is a line of JSON and a line with its SHA-256. The slot that is certainly on the medium
/// is never written: a torn write costs nothing but what was new. The line behind them is rewritten
/// with every commit and synced with none: it outlives the process, and most power cuts.
///
/// | bytes | |
/// | --- | --- |
/// | 0 ..< 4,096 | slot |
/// | 4,096 ..< 8,192 | slot |
/// | 8,192 ..< 12,288 | the newest record's number, and the SHA-256 of that |
final class HighWaterFile: Sendable {
    static let name = "high-water"
    /// One page of the medium: what is torn there is one slot.
    private static let slotBytes = 4096

    private struct State {
        var value: HighWater?
        /// Counts the writes.
        var generation: Int64 = 0
        /// Where the value stands.
        var slot = 1
        /// Whether it is certainly on the medium there; `nil`: from before this start.
        var isDurable: Bool?
        /// What the line says.
        var line: [UInt8] = []
    }

    private let path: String
    private let files: any FileKeeping
    private let line: any FileWriting
    private let state: Mutex<State>
    /// A record with this number was committed before this start; 0: nothing is known.
    let newestSeen: RecordNumber

    /// What the medium doesn't give back lies under this name.
    private static let unreadable = ".unreadable"

    /// Reads the file, if it is there and one of its slots is whole. One that the medium doesn't
    /// give back is put aside, as if it were gone: it must not keep a whole journal from being
    /// used.
    init(in directory: StorageDirectory) throws(JournalError) {
        self.path = "\(directory.path)/\(Self.name)"
        self.files = directory.files
        self.line = directory.files.writer(of: self.path)
        let bytes: [UInt8]
        do throws(JournalError) {
            bytes = try self.files.read(self.path, limit: 3 * Self.slotBytes) ?? []
        } catch {
            try self.files.rename(self.path, to: self.path + Self.unreadable)
            bytes = []
        }
        let slots = (0...1).compactMap { slot in
            Self.parse(Array(bytes.dropFirst(slot * Self.slotBytes)), at: slot)
        }
        var state = slots.max { $0.generation < $1.generation } ?? State()
        let line = Self.checked(Array(bytes.dropFirst(2 * Self.slotBytes)))
        state.line = line.map { Self.sealed($0) } ?? []
        self.state = Mutex(state)
        self.newestSeen = line.flatMap { RecordNumber(String(decoding: $0, as: UTF8.self)) } ?? 0
    }

    /// What the file says; `nil` if there is none yet, or neither slot can be read.
    var value: HighWater? { self.state.withLock { $0.value } }

    /// Changes the value.
    ///
    /// - Parameters:
    ///   - isDurable: Whether it must be on the medium when this returns. Otherwise it is there
    ///     some seconds later, which spares the medium a write of its own.
    ///   - change: Returns `false` if there is nothing to be changed. Nobody else changes the value
    ///     meanwhile.
    func update(
        isDurable: Bool, _ change: (inout HighWater?) -> Bool
    ) throws(JournalError) {
        try self.state.withLock { state throws(JournalError) in
            var next = state
            guard change(&next.value), let value = next.value else { return }
            next.generation += 1
            let bytes = Self.text(value, generation: next.generation)
            guard bytes.count <= Self.slotBytes else {
                throw JournalError(.storage, "\(self.path): \(bytes.count) bytes are too many")
            }
            if self.files.size(self.path) == nil {
                try self.make(bytes, &next)
            } else {
                do throws(JournalError) { try self.write(bytes, to: &next, isDurable) } catch {
                    // Its blocks may be bad: others are tried.
                    try self.make(bytes, &next)
                }
            }
            state = next
        }
    }

    /// All of it at once: later writes never make the file longer.
    private func make(_ slot: [UInt8], _ state: inout State) throws(JournalError) {
        let page = slot + [UInt8](repeating: 0x20, count: Self.slotBytes - slot.count)
        let line =
            state.line + [UInt8](repeating: 0x20, count: Self.slotBytes - state.line.count)
        try self.files.replace(self.path, with: page + page + line)
        (state.slot, state.isDurable) = (0, true)
    }

    private func write(
        _ bytes: [UInt8], to state: inout State, _ isDurable: Bool
    ) throws(JournalError) {
        if state.isDurable == nil {
            try self.files.sync(self.path)
            state.isDurable = true
        }
        if state.isDurable == true { state.slot = 1 - state.slot }
        try self.files.write(bytes, at: Int64(state.slot * Self.slotBytes), of: self.path)
        if isDurable { try self.files.sync(self.path) }
        state.isDurable = isDurable
    }

    /// Notes that a record was committed, without a sync.
    func note(_ seq: RecordNumber) throws(JournalError) {
        let text = Self.sealed(Array(String(seq).utf8))
        try self.state.withLock { state throws(JournalError) in
            // Not `!= nil`, which makes a copy of all that the value holds.
            guard case .some = state.value else { return }
            state.line = text
            try self.line.write(text, at: Int64(2 * Self.slotBytes))
        }
    }

    private static func text(_ value: HighWater, generation: Int64) -> [UInt8] {
        var object = value.json.object ?? JSONObject()
        object["generation"] = .integer(generation)
        return Self.sealed(JSONValue.object(object).bytes)
    }

    private static func sealed(_ line: [UInt8]) -> [UInt8] {
        var text = line
        text.append(0x0A)
        text += Digest256(of: line).hexDigits
        text.append(0x0A)
        return text
    }

    /// A slot's two lines; whatever an earlier and longer write left behind them doesn't count.
    private static func parse(_ bytes: [UInt8], at slot: Int) -> State? {
        guard let line = Self.checked(bytes) else { return nil }
        // `try?`: a slot that can't be read is as good as none; the other one counts then.
        guard let object = try? JSONParser.object(line), let value = HighWater(json: object),
            let generation = object["generation"]?.integer, (1..<Int64.max).contains(generation)
        else { return nil }
        return State(value: value, generation: generation, slot: slot)
    }

    /// The first line, if the second one is its SHA-256.
    private static func checked(_ bytes: [UInt8]) -> [UInt8]? {
        let lines = bytes.prefix(Self.slotBytes)
            .split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
        guard lines.count == 3, Digest256(of: Array(lines[0])).hexDigits.elementsEqual(lines[1])
        else { return nil }
        return Array(lines[0])
    }
}
