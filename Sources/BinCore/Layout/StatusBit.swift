/// One bit of a 16-bit status register, 0 being the least significant.
package struct StatusBit: Hashable, Sendable {
    package var index: Int
    /// Written `!5`: true when the bit is 0.
    package var inverted: Bool

    package init(index: Int, inverted: Bool = false) {
        self.index = index
        self.inverted = inverted
    }

    package func isSet(in word: UInt16) -> Bool {
        let bit = (0..<16).contains(self.index) && word >> UInt16(self.index) & 1 == 1
        return bit != self.inverted
    }
}

/// Adjacent bits of a 16-bit register, written `0-2` in the configuration.
package struct BitField: Hashable, Sendable {
    package var low: Int
    package var count: Int

    package static let word = BitField(low: 0, count: 16)

    package init(low: Int, count: Int) {
        self.low = low
        self.count = count
    }

    /// The number that the bits of `word` make; bits that no register has are 0.
    package func value(in word: UInt16) -> Int {
        let shifted = UInt32(word) >> UInt32(min(max(self.low, 0), 16))
        return Int(shifted & ((1 << UInt32(min(max(self.count, 0), 16))) - 1))
    }
}
