/// Decimal numbers with up to three decimals, read exactly: grams to milligrams, seconds to
/// milliseconds.
package enum Thousandths {
    /// The largest number before the point that is read.
    private static let wholeMax: Int64 = 999_999_999

    /// Reads digits with an optional point and one to three decimals, no sign; `nil` otherwise.
    ///
    /// | text | result |
    /// | --- | ---: |
    /// | `19.5` | 19,500 |
    /// | `0.001` | 1 |
    /// | `1.2345`, `.5`, `5.`, `-1`, `1e3` | none |
    package static func read(_ text: some StringProtocol) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first, (1...9).contains(whole.utf8.count),
            let number = Self.digits(whole), number <= Self.wholeMax
        else { return nil }
        guard parts.count == 2 else { return number * 1000 }
        guard (1...3).contains(parts[1].utf8.count), let decimals = Self.digits(parts[1]) else {
            return nil
        }
        let scale: [Int64] = [100, 10, 1]
        return number * 1000 + decimals * scale[parts[1].utf8.count - 1]
    }

    /// Writes what `read` reads, without needless zeros.
    package static func text(_ value: Int64) -> String {
        let sign = value < 0 ? "-" : ""
        var decimals = String(value.magnitude % 1000 + 1000).dropFirst()
        while decimals.last == "0" { decimals.removeLast() }
        return "\(sign)\(value.magnitude / 1000)" + (decimals.isEmpty ? "" : ".\(decimals)")
    }

    private static func digits(_ text: some StringProtocol) -> Int64? {
        text.utf8.allSatisfy { (48...57).contains($0) } ? Int64(text) : nil
    }
}
