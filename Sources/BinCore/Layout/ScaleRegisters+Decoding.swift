extension ScaleRegisters {
    /// Why registers don't make a reading.
    package enum DecodingError: Error, Hashable, Sendable {
        /// Fewer registers than the coding needs, or no status though one is configured.
        case tooShort
        /// NaN, infinite, or beyond ±1,000 t.
        case outOfRange
        /// The division's index is not in the table.
        case unknownDivision
    }

    /// Turns the weight and status registers of one poll into a reading.
    ///
    /// - Parameters:
    ///   - weight: As many registers as the coding has, in the order of the wire.
    ///   - status: The status register, if one is configured.
    ///   - division: The register with the division's index, if the decimals follow from one.
    ///   - temperature: The register with the temperature, if there is one and it answered.
    ///   - instant: When the reply arrived.
    package func reading(
        weight: [UInt16], status: UInt16?, division: UInt16? = nil, temperature: UInt16? = nil,
        at instant: BootInstant
    ) throws(DecodingError) -> Reading {
        let celsius = temperature.flatMap { self.temperature?.milliCelsius(of: $0) }
        let decimals = try self.decimals(status: status, division: division)
        let mass = try self.mass(of: weight, status: status, decimals: decimals)
        guard let layout = self.status else {
            return Reading(
                mass: mass, isStable: nil, condition: .normal, milliCelsius: celsius, at: instant)
        }
        guard let word = status else { throw .tooShort }
        var condition = Reading.Condition.normal
        if layout.overload.contains(where: { $0.isSet(in: word) }) { condition = .overload }
        if layout.error.contains(where: { $0.isSet(in: word) }) { condition = .error }
        return Reading(
            mass: mass, isStable: layout.stable?.isSet(in: word), condition: condition,
            milliCelsius: celsius, at: instant)
    }

    private func decimals(status: UInt16?, division: UInt16?) throws(DecodingError) -> Int {
        switch self.weight.decimals {
        case .fixed(let count):
            return count
        case .status(let bits):
            guard let status else { throw .tooShort }
            return bits.value(in: status)
        case .division(_, _, let bits, let digits):
            guard let division else { throw .tooShort }
            let index = bits.value(in: division)
            guard digits.indices.contains(index) else { throw .unknownDivision }
            return digits[index]
        }
    }

    private func mass(
        of words: [UInt16], status: UInt16?, decimals: Int
    ) throws(DecodingError) -> Milligrams {
        guard words.count >= self.weight.coding.registerCount, let first = words.first else {
            throw .tooShort
        }
        switch self.weight.coding {
        case .int16:
            return try self.scaled(Int64(Int16(bitPattern: first)), decimals)
        case .uint16:
            return try self.scaled(Int64(first), decimals)
        case .int32:
            return try self.scaled(Int64(Int32(bitPattern: self.joined(words))), decimals)
        case .uint32:
            return try self.scaled(Int64(self.joined(words)), decimals)
        case .magnitude32:
            let negative = status.flatMap { self.status?.negative?.isSet(in: $0) } ?? false
            let magnitude = Int64(self.joined(words))
            return try self.scaled(negative ? -magnitude : magnitude, decimals)
        case .float32:
            return try self.scaled(Float(bitPattern: self.joined(words)), decimals)
        }
    }

    private func joined(_ words: [UInt16]) -> UInt32 {
        switch self.weight.order {
        case .big: UInt32(words[0]) << 16 | UInt32(words[1])
        case .little: UInt32(words[1]) << 16 | UInt32(words[0])
        }
    }

    /// 10^decimals; seven decimals are the most that three bits can say, and more than any table.
    private static func power(_ decimals: Int) throws(DecodingError) -> Int64 {
        guard (0...7).contains(decimals) else { throw .unknownDivision }
        return (0..<decimals).reduce(1) { power, _ in power * 10 }
    }

    /// raw × scale in milligrams, cut off towards zero below one milligram.
    ///
    /// |raw| < 2^32 and the numerator is at most 10^6: the product may reach 4.3 × 10^18 and fits,
    /// as does the denominator of at most 10^13.
    private func scaled(_ raw: Int64, _ decimals: Int) throws(DecodingError) -> Milligrams {
        let denominator = self.weight.scale.denominator * (try Self.power(decimals))
        let mass = raw * (1000 * self.weight.scale.numerator) / denominator
        guard Milligrams.readable.contains(Milligrams(mass)) else { throw .outOfRange }
        return Milligrams(mass)
    }

    /// The same for a float, rounded to the nearest milligram. A filter's input, never stored.
    private func scaled(_ raw: Float, _ decimals: Int) throws(DecodingError) -> Milligrams {
        let denominator = Double(self.weight.scale.denominator * (try Self.power(decimals)))
        let grams = Double(raw) * Double(self.weight.scale.numerator) / denominator
        guard grams.isFinite, abs(grams) <= 1_000_000_000 else { throw .outOfRange }
        return Milligrams(Int64((grams * 1000).rounded()))
    }
}

extension ScaleRegisters.Temperature {
    /// Thousandths of a degree Celsius, cut off towards zero; `nil` beyond −100 to +100 °C, which
    /// is what a sensor that is broken or missing says.
    ///
    /// |raw| is at most 2^15 and the numerator 10^6: the product fits.
    package func milliCelsius(of word: UInt16) -> Int64? {
        let raw = Int64(Int16(bitPattern: word))
        let value = raw * (1000 * self.scale.numerator) / self.scale.denominator
        return TemperatureCoefficient.readable.contains(value) ? value : nil
    }
}
