import Glibc

/// A reproducible random source: the same seed gives the same numbers on every machine.
///
/// Source: G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number Generators"
/// (OOPSLA 2014), with the output function of S. Vigna's public-domain `splitmix64`.
package struct SeededRandom: RandomNumberGenerator, Hashable, Sendable {
    private var state: UInt64

    /// What an equal source can be made from, as it stands now.
    package var seed: UInt64 { self.state }

    package init(seed: UInt64) { self.state = seed }

    package mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// A source of its own for `index`, the same however often this one was asked before: noise
    /// belongs to a sample, not to the number of polls that looked at it.
    package func branch(_ index: UInt64) -> SeededRandom {
        var origin = SeededRandom(seed: self.state ^ index &* 0xD1B5_4A32_D192_ED03)
        return SeededRandom(seed: origin.next())
    }

    /// A source of its own for a named part.
    package func branch(_ name: String) -> SeededRandom {
        // FNV-1a, 64 bits: stable between runs, which Swift's own hash is not.
        self.branch(
            name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
    }

    /// A normally distributed number with mean 0 and standard deviation 1 (Box–Muller).
    package mutating func gaussian() -> Double {
        let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &self))).squareRoot()
        return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &self))
    }
}
