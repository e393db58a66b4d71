/// Civil time in UTC with millisecond resolution, for receipts and records.
///
/// Written as RFC 3339 with exactly three decimals and `Z`. Range: the years 0000 to 9999.
package struct WallTime: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package let millisecondsSince1970: Int64

    package init(millisecondsSince1970: Int64) {
        self.millisecondsSince1970 = min(max(millisecondsSince1970, Self.first), Self.last)
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.millisecondsSince1970 < right.millisecondsSince1970
    }

    package static let epoch = WallTime(millisecondsSince1970: 0)

    private static let first: Int64 = -62_167_219_200_000  // 0000-01-01T00:00:00.000Z
    private static let last: Int64 = 253_402_300_799_999  // 9999-12-31T23:59:59.999Z
    private static let dayMs: Int64 = 86_400_000

    /// This time and so many milliseconds more, within what 64 bits hold.
    package func advanced(byMs milliseconds: Int64) -> WallTime {
        let (sum, isOver) = self.millisecondsSince1970.addingReportingOverflow(milliseconds)
        guard isOver else { return WallTime(millisecondsSince1970: sum) }
        return WallTime(millisecondsSince1970: milliseconds < 0 ? Int64.min : Int64.max)
    }

    /// The number of the civil day, for limits that hold for a day.
    package var day: Int64 { Self.floorDivide(self.millisecondsSince1970, Self.dayMs) }

    /// RFC 3339, for instance `2026-12-01T00:00:00.000Z`.
    package var rfc3339: String {
        let (year, month, dayOfMonth) = Self.civil(day: self.day)
        let ms = self.millisecondsSince1970 - self.day * Self.dayMs
        var text = Array("0000-00-00T00:00:00.000Z".utf8)
        func put(_ value: Int64, before end: Int) {
            var (rest, place) = (value, end)
            while rest > 0 {
                place -= 1
                text[place] += UInt8(rest % 10)
                rest /= 10
            }
        }
        put(year, before: 4)
        put(month, before: 7)
        put(dayOfMonth, before: 10)
        put(ms / 3_600_000, before: 13)
        put(ms / 60_000 % 60, before: 16)
        put(ms / 1000 % 60, before: 19)
        put(ms % 1000, before: 23)
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads RFC 3339 in UTC (`Z`), with no, one, two or three decimals of a second.
    ///
    /// Returns `nil` for anything else, other offsets and leap seconds included.
    package init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 24, bytes.last == UInt8(ascii: "Z") else {
            return nil
        }
        let layout = Array("dddd-dd-ddTdd:dd:dd".utf8)
        for (byte, expected) in zip(bytes, layout) {
            let fits =
                expected == UInt8(ascii: "d") ? (48...57).contains(byte) : byte == expected
            guard fits else { return nil }
        }
        func number(_ range: Range<Int>) -> Int64 {
            bytes[range].reduce(0) { $0 * 10 + Int64($1 - 48) }
        }
        var ms: Int64 = 0
        if bytes.count > 20 {
            let decimals = bytes[20..<(bytes.count - 1)]
            guard bytes[19] == UInt8(ascii: "."), !decimals.isEmpty,
                decimals.allSatisfy({ (48...57).contains($0) })
            else { return nil }
            ms = decimals.reduce(0) { $0 * 10 + Int64($1 - 48) }
            for _ in decimals.count..<3 { ms *= 10 }
        }
        let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
        let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
        guard (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        let days = Self.days(year: year, month: month, day: day)
        guard Self.civil(day: days) == (year, month, day) else { return nil }
        self.init(
            millisecondsSince1970: days * Self.dayMs + hour * 3_600_000 + minute * 60_000
                + second * 1000 + ms)
    }

    /// Days since 1970-01-01 of a date in the proleptic Gregorian calendar.
    ///
    /// Source: H. Hinnant, "chrono-compatible low-level date algorithms", `days_from_civil`.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = Self.floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The inverse of `days(year:month:day:)`; same source, `civil_from_days`.
    private static func civil(day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = Self.floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthPart = (5 * dayOfYear + 2) / 153
        let month = monthPart + (monthPart < 10 ? 3 : -9)
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthPart + 2) / 5 + 1)
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }
}
