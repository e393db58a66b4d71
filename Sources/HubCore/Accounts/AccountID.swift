/// An account's id: 1 to 64 of the ASCII letters, digits, and `.`, `_`, `-`, so that it can stand
/// in a path as it is. Upper and lower case differ.
package struct AccountID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let text: String

    /// Returns `nil` unless `text` keeps the rule.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard (1...64).contains(bytes.count), bytes.allSatisfy(Self.isAllowed) else { return nil }
        self.text = text
    }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
    package var description: String { self.text }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
