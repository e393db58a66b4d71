/// Which of the writes that weren't synced reached the medium: decided by a seed, one after the
/// other.
package struct Survival {
    private enum Style {
        case nothing
        case everything
        /// In order, until this many pieces are written.
        case upTo(Int)
        /// Each for itself, with this chance in a hundred.
        case some(percent: Int)
    }

    private var dice: Dice
    private var style: Style
    /// What the medium writes as a whole.
    package let sectorBytes: Int
    /// What stands where a file grew without being written.
    package let filler: UInt8
    private let tearsPercent: Int

    /// Everything that was written is there.
    static var everything: Survival {
        Survival(style: .everything, dice: Dice(seed: 0), sectorBytes: 4096, filler: 0, tears: 0)
    }

    package init(seed: UInt64) {
        var dice = Dice(seed: seed)
        let style: Style =
            switch dice.roll(8) {
            case 0: .nothing
            case 1: .everything
            case 2, 3: .upTo(dice.roll(24))
            default: .some(percent: dice.pick([10, 50, 90]))
            }
        self.init(
            style: style, dice: dice, sectorBytes: dice.pick([512, 4096]),
            filler: dice.pick([0, 0xFF, 0x5A]), tears: dice.pick([0, 10, 40]))
    }

    private init(style: Style, dice: Dice, sectorBytes: Int, filler: UInt8, tears: Int) {
        self.style = style
        self.dice = dice
        self.sectorBytes = sectorBytes
        self.filler = filler
        self.tearsPercent = tears
    }

    /// Whether the next piece survived.
    mutating func keeps() -> Bool {
        switch self.style {
        case .nothing: return false
        case .everything: return true
        case .upTo(let count):
            self.style = .upTo(count - 1)
            return count > 0
        case .some(let percent): return self.dice.chance(percent)
        }
    }

    /// Writes what survived of `bytes`, sector by sector.
    package mutating func write(_ bytes: [UInt8], at offset: Int, to file: inout [UInt8]) {
        var from = 0
        while from < bytes.count {
            let room = self.sectorBytes - (offset + from) % self.sectorBytes
            let piece = from..<min(bytes.count, from + room)
            if self.keeps() {
                let part = self.torn(piece)
                file.put(bytes[part], at: offset + part.lowerBound, filler: self.filler)
            } else if offset + piece.upperBound > file.count, self.growsAlone() {
                file.cut(to: offset + piece.upperBound, filler: self.filler)
            }
            from = piece.upperBound
        }
    }

    /// What of a sector's bytes is written: all of them, or the first or last ones.
    private mutating func torn(_ piece: Range<Int>) -> Range<Int> {
        guard self.dice.chance(self.tearsPercent) else { return piece }
        let middle = piece.lowerBound + self.dice.roll(piece.count)
        return self.dice.chance(50)
            ? piece.lowerBound..<middle : middle..<piece.upperBound
    }

    /// Whether a file's new size is there, and the bytes are not.
    private mutating func growsAlone() -> Bool {
        switch self.style {
        case .nothing, .everything, .upTo: false
        case .some: self.dice.chance(20)
        }
    }
}
