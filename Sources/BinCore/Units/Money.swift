/// Value in micro-yuan (µCNY): grams × CNY per tonne is exactly µCNY.
package struct MicroYuan: Hashable, Comparable, Sendable {
    package var value: Int64

    package init(_ value: Int64) { self.value = value }

    package static let zero = MicroYuan(0)

    package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
    package static func + (left: Self, right: Self) -> Self { Self(left.value + right.value) }
    package static func - (left: Self, right: Self) -> Self { Self(left.value - right.value) }
    package static func += (left: inout Self, right: Self) { left = left + right }

    /// Points for display: 1 point = 10,000 µCNY, one decimal, cut off towards zero.
    ///
    /// | µCNY | shown |
    /// | ---: | ---: |
    /// | 2,800,000 | 280.0 |
    /// | 10,999 | 1.0 |
    /// | 19,999 | 1.9 |
    /// | −1,999 | −0.1 |
    /// | −999 | 0.0 |
    package var points: String {
        let tenths = self.value / 1000
        let sign = tenths < 0 ? "-" : ""
        return "\(sign)\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
    }
}

/// A material's price by mass, in CNY per tonne.
package struct PricePerTonne: Hashable, Sendable {
    package var value: Int64

    package init(_ value: Int64) { self.value = value }

    package static let zero = PricePerTonne(0)
    /// What a tariff may hold. The upper end keeps every product of a price and a mass in 64 bits.
    package static let allowed: ClosedRange<Int64> = 0...10_000_000
}

/// A material's price by the piece, in µCNY.
package struct PricePerPiece: Hashable, Sendable {
    package var value: Int64

    package init(_ value: Int64) { self.value = value }

    package static let zero = PricePerPiece(0)
    /// What a tariff may hold, µCNY: up to 1,000 CNY a piece.
    package static let allowed: ClosedRange<Int64> = 0...1_000_000_000
}
