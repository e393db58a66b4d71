/// A small random source with a seed, so that a failing run can be played again.
///
/// Source: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators" (2014).
package struct Dice: Sendable {
    private var state: UInt64

    package init(seed: UInt64) { self.state = seed }

    package mutating func roll() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// 0..<sides.
    package mutating func roll(_ sides: Int) -> Int { Int(self.roll() % UInt64(max(1, sides))) }

    /// Whether a chance of `percent` in 100 came true.
    package mutating func chance(_ percent: Int) -> Bool { self.roll(100) < percent }

    package mutating func pick<Value>(_ values: [Value]) -> Value {
        values[self.roll(values.count)]
    }

    /// Another seed that depends on this one and on `salt` only.
    package static func seed(_ seed: UInt64, _ salt: Int) -> UInt64 {
        var dice = Dice(seed: seed ^ UInt64(bitPattern: Int64(salt)) &* 0xD6E8_FEB8_6659_FD93)
        return dice.roll()
    }
}
