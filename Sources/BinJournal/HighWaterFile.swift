import BinCore
import Records
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The file `high-water`: two slots that are written in turn, so that a torn write costs nothing
/// but the newest one. A slot is a line of JSON and a line with its SHA-256.
final class HighWaterFile: Sendable {
    /// One page of the medium: what is torn there is one slot.
    private static let slotBytes = 4096
    private static let name = "high-water"

    private struct State {
        var value: HighWater?
        /// Counts the writes; the slot is the last one's parity.
        var generation: Int64 = 0
    }

    private let path: String
    private let state: Mutex<State>

    /// Reads the file, if it is there and one of its slots is whole.
    init(in directory: String) throws(JournalError) {
        self.path = "\(directory)/\(Self.name)"
        let bytes = try PrivateFile.read(self.path, limit: 2 * Self.slotBytes) ?? []
        let slots = [bytes.prefix(Self.slotBytes), bytes.dropFirst(Self.slotBytes)]
            .compactMap { Self.parse(Array($0)) }
        let newest = slots.max { $0.generation < $1.generation }
        self.state = Mutex(newest ?? State())
    }

    /// What the file says; `nil` if there is none yet.
    var value: HighWater? { self.state.withLock { $0.value } }

    /// Writes a new value.
    ///
    /// - Parameter isDurable: Whether it must be on the medium when this returns. Otherwise it is
    ///   there some seconds later, which spares the medium a write of its own.
    func set(_ value: HighWater, isDurable: Bool) throws(JournalError) {
        let generation = self.state.withLock { $0.generation } + 1
        let slot = Self.text(value, generation: generation)
        guard slot.count <= Self.slotBytes else {
            throw JournalError(.storage, "\(self.path): \(slot.count) bytes are too many")
        }
        if PrivateFile.size(self.path) == nil {
            // Both slots at once: later writes never make the file longer.
            let page = slot + [UInt8](repeating: 0x20, count: Self.slotBytes - slot.count)
            try PrivateFile.write(page + page, to: self.path)
        } else {
            try self.write(slot, at: generation % 2 == 1 ? Self.slotBytes : 0, isDurable)
        }
        self.state.withLock { $0 = State(value: value, generation: generation) }
    }

    private func write(
        _ slot: [UInt8], at offset: Int, _ isDurable: Bool
    ) throws(JournalError) {
        let descriptor = open(self.path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw PrivateFile.failure("\(self.path) can't be opened", errno)
        }
        defer { close(descriptor) }
        guard pwrite(descriptor, slot, slot.count, off_t(offset)) == slot.count,
            !isDurable || fdatasync(descriptor) == 0
        else { throw PrivateFile.failure("\(self.path) can't be written", errno) }
    }

    private static func text(_ value: HighWater, generation: Int64) -> [UInt8] {
        var object = value.json.object ?? JSONObject()
        object["generation"] = .integer(generation)
        let line = JSONValue.object(object).bytes
        return line + [0x0A] + Array(Digest256(of: line).hex.utf8) + [0x0A]
    }

    /// A slot's two lines; whatever an earlier and longer write left behind them doesn't count.
    private static func parse(_ slot: [UInt8]) -> State? {
        let lines = slot.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
        guard lines.count == 3 else { return nil }
        let line = Array(lines[0])
        guard Digest256(of: line).hex.utf8.elementsEqual(lines[1]) else { return nil }
        // `try?`: a slot that can't be read is as good as none; the other one counts then.
        guard let object = try? JSONParser.object(line), let value = HighWater(json: object),
            let generation = object["generation"]?.integer, generation >= 1
        else { return nil }
        return State(value: value, generation: generation)
    }
}
