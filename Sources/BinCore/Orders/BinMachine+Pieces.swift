extension BinMachine {
    /// A counter saw pieces. Only an order has pieces; those that still fall when it is being
    /// closed are its own.
    mutating func count(_ pieces: Int64, in name: Name, at now: BootInstant) {
        switch self.state {
        case .open: self.compartments[name]?.count(pieces, at: now)
        case .settling(let session, _, _, _):
            if !session.isRecovered { self.compartments[name]?.count(pieces, at: now) }
        case .idle, .collecting, .leaving: break
        }
    }
}

/// Pieces are paid only with the mass that explains them: `least-piece-grams` each. A hand in the
/// beam, or a wire that flutters, earns nothing by itself.
extension BinMachine.Compartment {
    /// After this long without a piece, what fell is on the scale and the scale at rest
    /// (`Weigher.windowMs` and a second to fall).
    private static let landedMs: Int64 = 2_000
    /// What a record may hold.
    private static let mostPieces: Int64 = 1_000_000

    fileprivate mutating func count(_ pieces: Int64, at now: BootInstant) {
        // However long a wire flutters, the sum doesn't run over.
        self.pieces = min(self.pieces + min(max(0, pieces), Self.mostPieces), Self.mostPieces)
        self.lastPiece = now
    }

    /// The scale is at rest with `mass` on it: forgets pieces that no mass came with. What the
    /// scale can't see, less than a division, may yet be there.
    mutating func forgetUnexplainedPieces(at mass: Milligrams, _ now: BootInstant) {
        guard let last = self.lastPiece, now.ms(since: last) >= Self.landedMs else { return }
        let gain = mass - self.level.milligrams + self.rules.limits.division.milligrams
        self.pieces = min(self.pieces, self.most(in: gain))
        self.lastPiece = nil
    }

    /// Takes the pieces that a gain explains. Rounding may have hidden up to a division of what the
    /// order holds here: once, not once a drop.
    ///
    /// - Parameter held: What the order holds in this compartment already.
    mutating func takePieces(
        in gain: Grams, beside held: (mass: Grams, pieces: Int64)
    ) -> Int64 {
        let rounding = self.rules.limits.division - Grams(1)
        let most = self.most(in: (held.mass + gain + rounding).milligrams) - held.pieces
        let taken = min(self.pieces, max(0, most))
        self.pieces -= taken
        return taken
    }

    mutating func forgetPieces() {
        self.pieces = 0
        self.lastPiece = nil
    }

    private func most(in mass: Milligrams) -> Int64 {
        max(0, mass.value / self.rules.leastPiece.milligrams.value)
    }
}
