/// Something that is measured against its bare limit.
package protocol Benchmark: Sendable {
    /// As it is called on the command line.
    var name: String { get }
    /// One line for `--list`.
    var summary: String { get }

    /// - Throws: `Unavailable` if it can't run here.
    func run() async throws -> Comparison
}

/// Why a benchmark can't run here: what is missing, in words that follow its name.
package struct Unavailable: Error, Hashable, Sendable {
    package let words: String

    package init(_ words: String) { self.words = words }
}
