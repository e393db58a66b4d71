package import BinCore

extension WiegandFormat {
    /// The bits that a reader of this format sends for a card, in their order; `nil` if the card's
    /// number isn't one of this format.
    package func frame(of card: CardNumber) -> [Bool]? {
        guard card.format.name == "w\(self.bits)" else { return nil }
        var number = card.bytes.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        var bits = [Bool](repeating: false, count: self.bits)
        for index in self.payload.flatMap({ Array($0) }).reversed() {
            bits[index] = number & 1 == 1
            number >>= 1
        }
        guard number == 0 else { return nil }
        // A rule may cover another rule's bit, which comes first then.
        var left = self.parities
        while let next = left.firstIndex(where: { rule in
            !left.contains { rule.covered.contains($0.bit) }
        }) {
            let rule = left.remove(at: next)
            let isOdd = rule.covered.count { bits[$0] } % 2 == 1
            bits[rule.bit] =
                switch rule.kind {
                case .even: isOdd
                case .odd: !isOdd
                }
        }
        return bits
    }
}
