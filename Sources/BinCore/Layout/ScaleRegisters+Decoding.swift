extension ScaleRegisters {
    /// Why registers don't make a reading.
    package enum DecodingError: Error, Hashable, Sendable {
        /// Fewer registers than the coding needs, or no status though one is configured.
        case tooShort
        /// NaN, infinite, or beyond ±1,000 t.
        case outOfRange
    }

    /// Turns the weight and status registers of one poll into a reading.
    ///
    /// - Parameters:
    ///   - weight: As many registers as the coding has, in the order of the wire.
    ///   - status: The status register, if one is configured.
    ///   - instant: When the reply arrived.
    package func reading(
        weight: [UInt16], status: UInt16?, at instant: BootInstant
    ) throws(DecodingError) -> Reading {
        let mass = try self.mass(of: weight, status: status)
        guard let layout = self.status else {
            return Reading(mass: mass, isStable: nil, condition: .normal, at: instant)
        }
        guard let word = status else { throw .tooShort }
        var condition = Reading.Condition.normal
        if layout.overload?.isSet(in: word) == true { condition = .overload }
        if layout.error?.isSet(in: word) == true { condition = .error }
        return Reading(
            mass: mass, isStable: layout.stable?.isSet(in: word), condition: condition,
            at: instant)
    }

    private func mass(of words: [UInt16], status: UInt16?) throws(DecodingError) -> Milligrams {
        guard words.count >= self.weight.coding.registerCount, let first = words.first else {
            throw .tooShort
        }
        switch self.weight.coding {
        case .int16:
            return try self.scaled(Int64(Int16(bitPattern: first)))
        case .uint16:
            return try self.scaled(Int64(first))
        case .int32:
            return try self.scaled(Int64(Int32(bitPattern: self.joined(words))))
        case .uint32:
            return try self.scaled(Int64(self.joined(words)))
        case .magnitude32:
            let negative = status.flatMap { self.status?.negative?.isSet(in: $0) } ?? false
            let magnitude = Int64(self.joined(words))
            return try self.scaled(negative ? -magnitude : magnitude)
        case .float32:
            return try self.scaled(Float(bitPattern: self.joined(words)))
        }
    }

    private func joined(_ words: [UInt16]) -> UInt32 {
        switch self.weight.order {
        case .big: UInt32(words[0]) << 16 | UInt32(words[1])
        case .little: UInt32(words[1]) << 16 | UInt32(words[0])
        }
    }

    /// raw × scale in milligrams, cut off towards zero below one milligram.
    ///
    /// |raw| < 2^32 and the numerator is at most 10^6: the product may reach 4.3 × 10^18 and fits.
    private func scaled(_ raw: Int64) throws(DecodingError) -> Milligrams {
        let mass = raw * (1000 * self.weight.scale.numerator) / self.weight.scale.denominator
        guard Milligrams.readable.contains(Milligrams(mass)) else { throw .outOfRange }
        return Milligrams(mass)
    }

    /// The same for a float, rounded to the nearest milligram. A filter's input, never stored.
    private func scaled(_ raw: Float) throws(DecodingError) -> Milligrams {
        let ratio = Double(self.weight.scale.numerator) / Double(self.weight.scale.denominator)
        let grams = Double(raw) * ratio
        guard grams.isFinite, abs(grams) <= 1_000_000_000 else { throw .outOfRange }
        return Milligrams(Int64((grams * 1000).rounded()))
    }
}
