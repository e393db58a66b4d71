/// Avoided emissions in milligrams CO2e: grams × kg per tonne is exactly milligrams.
package struct MilligramsCO2e: Hashable, Comparable, Sendable {
    package var value: Int64

    package init(_ value: Int64) { self.value = value }

    package static let zero = MilligramsCO2e(0)

    package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
    package static func + (left: Self, right: Self) -> Self { Self(left.value + right.value) }
    package static func += (left: inout Self, right: Self) { left = left + right }
}

/// A material's carbon factor in kg CO2e avoided per tonne recycled.
package struct CarbonFactor: Hashable, Sendable {
    package var value: Int64

    package init(_ value: Int64) { self.value = value }

    package static let zero = CarbonFactor(0)
    /// What a carbon set may hold, kg CO2e per tonne.
    package static let allowed: ClosedRange<Int64> = 0...10_000_000
}
