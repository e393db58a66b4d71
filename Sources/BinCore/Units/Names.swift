/// A name of the configuration: a compartment, scale, reader, bus or material.
///
/// 1 to 63 of `a`–`z`, `0`–`9` and single hyphens inside (CONTRACT §7).
package struct Name: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let text: String

    /// Returns `nil` unless `text` keeps the rule.
    package init?(_ text: String) {
        guard Self.keepsTheRule(text, shortest: 1) else { return nil }
        self.text = text
    }

    package static func < (left: Name, right: Name) -> Bool { left.text < right.text }
    package var description: String { self.text }

    /// Whether `text` has `shortest` to 63 of `a`–`z`, `0`–`9` and single hyphens inside.
    static func keepsTheRule(_ text: String, shortest: Int) -> Bool {
        let bytes = Array(text.utf8)
        guard (shortest...63).contains(bytes.count) else { return false }
        var last = UInt8(ascii: "-")
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                break
            case UInt8(ascii: "-") where last != UInt8(ascii: "-"):
                break
            default:
                return false
            }
            last = byte
        }
        return last != UInt8(ascii: "-")
    }
}

/// A bin's id: 3 to 63 of `a`–`z`, `0`–`9` and single hyphens inside (CONTRACT §7).
package struct DeviceID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let text: String

    /// Returns `nil` unless `text` keeps the rule.
    package init?(_ text: String) {
        guard Name.keepsTheRule(text, shortest: 3) else { return nil }
        self.text = text
    }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
    package var description: String { self.text }
}
