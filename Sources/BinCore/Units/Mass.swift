/// Mass in whole grams: what is stored, shown and paid.
package struct Grams: Hashable, Comparable, Sendable {
    package var value: Int64

    package init(_ value: Int64) { self.value = value }

    package static let zero = Grams(0)

    package static func < (left: Grams, right: Grams) -> Bool { left.value < right.value }
    package static func + (left: Grams, right: Grams) -> Grams { Grams(left.value + right.value) }
    package static func - (left: Grams, right: Grams) -> Grams { Grams(left.value - right.value) }
    package static func += (left: inout Grams, right: Grams) { left = left + right }
    package static func -= (left: inout Grams, right: Grams) { left = left - right }
    package static prefix func - (mass: Grams) -> Grams { Grams(-mass.value) }

    /// The same mass in milligrams, the resolution at which scales are read.
    package var milligrams: Milligrams { Milligrams(self.value * 1000) }
}

/// Mass in milligrams: a reading before it is rounded to the scale's division. Never stored.
package struct Milligrams: Hashable, Comparable, Sendable {
    package var value: Int64

    package init(_ value: Int64) { self.value = value }

    package static let zero = Milligrams(0)

    /// The range a reading may have: ±1,000 t. A driver refuses what lies outside, so that sums of
    /// readings can't overflow.
    package static let readable = Milligrams(-1_000_000_000_000)...Milligrams(1_000_000_000_000)

    package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
    package static func + (left: Self, right: Self) -> Self { Self(left.value + right.value) }
    package static func - (left: Self, right: Self) -> Self { Self(left.value - right.value) }

    package var magnitude: Milligrams { Milligrams(abs(self.value)) }

    /// This mass in whole divisions, rounded to the nearest one, ties away from zero.
    ///
    /// | reading mg | division g | result g |
    /// | ---: | ---: | ---: |
    /// | 2,499 | 5 | 0 |
    /// | 2,500 | 5 | 5 |
    /// | −2,500 | 5 | −5 |
    /// | 1,004,200 | 10 | 1,000 |
    ///
    /// - Parameter division: The scale interval; at least 1 g.
    package func rounded(to division: Grams) -> Grams {
        precondition(division.value >= 1, "a division is at least 1 g")
        let step = division.value * 1000
        let half = self.value < 0 ? -(step / 2) : step / 2
        return Grams((self.value + half) / step * division.value)
    }
}
