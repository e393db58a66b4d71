/// The bits of one Wiegand frame in the order of their transmission, at most 128.
package struct WiegandFrame: Hashable, Sendable {
    /// More bits than any format has; what is longer is noise.
    package static let mostBits = 128

    package private(set) var count = 0
    /// The first bit is the most significant of `count` bits.
    private var word: UInt128 = 0

    /// Returns `nil` if there are more than 128 bits.
    package init?(_ bits: some Sequence<Bool>) {
        for bit in bits {
            guard self.count < Self.mostBits else { return nil }
            self.word = (self.word &<< 1) | (bit ? 1 : 0)
            self.count += 1
        }
    }

    private init(word: UInt128, count: Int) {
        self.word = word & Self.mask(count)
        self.count = count
    }

    /// Bit `index`, counted from 0 for the first transmitted; `false` outside the frame.
    package subscript(index: Int) -> Bool {
        guard (0..<self.count).contains(index) else { return false }
        return (self.word &>> UInt128(self.count - 1 - index)) & 1 == 1
    }

    /// The bits of `range` as a number, the first as the most significant; 0 outside the frame.
    package func number(_ range: ClosedRange<Int>) -> UInt128 {
        guard range.lowerBound >= 0, range.upperBound < self.count else { return 0 }
        return (self.word &>> UInt128(self.count - 1 - range.upperBound)) & Self.mask(range.count)
    }

    /// How many of the bits at `indices` are 1.
    func ones(at indices: [Int]) -> Int {
        var ones = 0
        for index in indices where self[index] { ones += 1 }
        return ones
    }

    /// What the frame would be if D0 and D1 were swapped.
    var inverted: WiegandFrame { WiegandFrame(word: ~self.word, count: self.count) }

    /// The frames that turn into this one when the first or the last of their pulses is lost.
    var longerByOne: [WiegandFrame] {
        guard self.count < Self.mostBits else { return [] }
        let count = self.count + 1
        let first: UInt128 = 1 << UInt128(self.count)
        return [self.word, self.word | first, self.word << 1, self.word << 1 | 1].map {
            WiegandFrame(word: $0, count: count)
        }
    }

    /// The frames that turn into this one by one more pulse before or after them.
    var shorterByOne: [WiegandFrame] {
        guard self.count > 0 else { return [] }
        return [self.word, self.word >> 1].map { WiegandFrame(word: $0, count: self.count - 1) }
    }

    private static func mask(_ count: Int) -> UInt128 {
        count >= Self.mostBits ? .max : (1 << UInt128(max(count, 0))) - 1
    }
}
