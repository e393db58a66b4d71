package import Console

/// Which benchmarks a run is asked for.
package struct Selection: Hashable, Sendable {
    /// In the order in which they are run, each once.
    package let names: [String]
    /// Whether they were asked for by name: then one that can't run here is a failure.
    package let isNamed: Bool

    /// - Parameters:
    ///   - wanted: What was asked for; empty for all.
    ///   - known: All there are.
    /// - Throws: `.usage` for a name that there isn't.
    package init(_ wanted: [String], of known: [String]) throws(Failure) {
        if let stranger = wanted.first(where: { !known.contains($0) }) {
            throw Failure(
                "there is no benchmark `\(stranger)`; there are \(known.joined(separator: ", "))",
                .usage)
        }
        self.isNamed = !wanted.isEmpty
        self.names = wanted.isEmpty ? known : known.filter(wanted.contains)
    }
}
