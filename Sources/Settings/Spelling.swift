/// Finds what somebody meant to write.
enum Spelling {
    /// Longer words are not compared: no key, name or choice comes near.
    private static let longestWord = 64

    /// The candidate that is nearest to `word`, if it is near enough to be meant.
    ///
    /// Near enough is a third of the word's length, at least one and at most three edits. Of
    /// equally near candidates the alphabetically first is taken.
    static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let letters = Array(word.unicodeScalars)
        guard letters.count <= Self.longestWord else { return nil }
        let allowed = min(3, max(1, letters.count / 3))
        return candidates.filter { $0 != word && $0.utf8.count <= Self.longestWord }
            .map { (distance: Self.distance(letters, Array($0.unicodeScalars)), text: $0) }
            .filter { $0.distance <= allowed }
            .min { ($0.distance, $0.text) < ($1.distance, $1.text) }?.text
    }

    /// `; did you mean …?` with the nearest candidate, or nothing.
    static func hint(for word: String, among candidates: some Sequence<String>) -> String {
        Self.nearest(to: word, among: candidates).map { "; did you mean `\($0)`?" } ?? ""
    }

    /// `text` as a message quotes it: at most 40 characters, on one line.
    static func quoted(_ text: String) -> String {
        let line = String(text.prefix(40).map { $0.isNewline ? " " : $0 })
        return text.count > 40 ? "`\(line)…`" : "`\(line)`"
    }

    /// The number of insertions, deletions, replacements and swaps of neighbours that turn one word
    /// into the other (optimal string alignment).
    ///
    /// | from | to | distance |
    /// | --- | --- | ---: |
    /// | `scale` | `scales` | 1 |
    /// | `buad` | `baud` | 1 |
    /// | `dvisoin` | `division` | 2 |
    static func distance(_ from: [Unicode.Scalar], _ to: [Unicode.Scalar]) -> Int {
        var before: [Int] = []
        var last = Array(0...to.count)
        for (row, letter) in from.enumerated() {
            var next = [row + 1]
            for (column, other) in to.enumerated() {
                var best = min(
                    last[column] + (letter == other ? 0 : 1), last[column + 1] + 1,
                    next[column] + 1)
                if row > 0, column > 0, letter == to[column - 1], from[row - 1] == other {
                    best = min(best, before[column - 1] + 1)
                }
                next.append(best)
            }
            before = last
            last = next
        }
        return last[to.count]
    }
}
