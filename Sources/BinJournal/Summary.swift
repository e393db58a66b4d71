import BinCore
import Records

/// What the records up to one of them add up to, as the journal stores it: a line of JSON, and a
/// line with its SHA-256, for no chain covers it.
struct Summary {
    private let seq: RecordNumber
    let memory: BinMemory

    init(_ memory: BinMemory, after seq: RecordNumber) { (self.seq, self.memory) = (seq, memory) }

    var text: String {
        let line = self.memory.summary.text
        return "\(line)\n\(Self.digest(line, self.seq))"
    }

    /// Reads what `text` wrote, or the line alone, as earlier versions wrote it.
    ///
    /// - Throws: `JournalError`: `.damaged`; `.foreign` if only newer software can have written it.
    init(text: String, after seq: RecordNumber) throws(JournalError) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let isSealed = lines.count == 2 && lines[1] == Self.digest(lines[0], seq)
        guard isSealed || lines.count == 1 else { throw Self.damage(seq) }
        // `try?`: whatever is wrong with the text, it is no summary.
        if let json = try? JSONParser.parse(Array(lines[0].utf8)),
            let memory = BinMemory(summary: json)
        {
            self.init(memory, after: seq)
            return
        }
        guard isSealed else { throw Self.damage(seq) }
        throw Journal.newer("the summary after record \(seq)")
    }

    private static func digest(_ line: String, _ seq: RecordNumber) -> String {
        Digest256(of: Array("\(seq)\n\(line)".utf8)).hex
    }

    private static func damage(_ seq: RecordNumber) -> JournalError {
        JournalError(.damaged, "the summary after record \(seq) can't be read")
    }
}
