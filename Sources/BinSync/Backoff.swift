/// How long to wait after failed attempts: doubling, with half of it left to chance, so that bins
/// which lost the hub together don't come back together.
///
/// | failures | wait, seconds |
/// | ---: | --- |
/// | 1 | 1 … 2 |
/// | 2 | 2 … 4 |
/// | 5 | 16 … 32 |
/// | 9 and more | 150 … 300 |
package enum Backoff {
    private static let firstMs: Int64 = 2_000
    private static let longestMs: Int64 = 300_000

    /// - Parameters:
    ///   - failures: Attempts that failed in a row; 1 or more.
    ///   - chance: 0 to 1,000.
    /// - Returns: Milliseconds.
    package static func delayMs(failures: Int, chance: Int64) -> Int64 {
        let doublings = min(max(failures, 1) - 1, 20)
        let whole = min(Self.firstMs << Int64(doublings), Self.longestMs)
        return whole / 2 + whole / 2 * min(max(chance, 0), 1000) / 1000
    }
}
