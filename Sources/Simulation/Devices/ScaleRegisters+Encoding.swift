package import BinCore

/// A mass as a transmitter puts it into its registers.
package struct CodedWeight: Hashable, Sendable {
    /// As many registers as the coding has, in the order of the wire.
    package var words: [UInt16]
    /// The coding can't express the mass; `words` hold its nearest limit.
    package var isSaturated: Bool
}

extension ScaleRegisters.Weight {
    /// The inverse of decoding: `mass` ÷ scale, an integer rounded to the nearest raw unit, ties
    /// away from zero.
    ///
    /// - Parameter decimals: How many digits of the raw value are behind the decimal point, 0...7.
    package func encode(_ mass: Milligrams, decimals: Int = 0) -> CodedWeight {
        let raw = self.raw(of: mass, decimals)
        switch self.coding {
        case .int16:
            let value = Int16(clamping: raw)
            return Self.coded([UInt16(bitPattern: value)], isSaturated: Int64(value) != raw)
        case .uint16:
            let value = UInt16(clamping: raw)
            return Self.coded([value], isSaturated: raw > Int64(value))
        case .int32:
            let value = Int32(clamping: raw)
            return self.coded(UInt32(bitPattern: value), isSaturated: Int64(value) != raw)
        case .uint32:
            let value = UInt32(clamping: raw)
            return self.coded(value, isSaturated: raw > Int64(value))
        case .magnitude32:
            let value = UInt32(clamping: raw.magnitude)
            return self.coded(value, isSaturated: raw.magnitude > UInt64(value))
        case .float32:
            return self.coded(self.float(of: mass, decimals).bitPattern, isSaturated: false)
        }
    }

    /// A float carries fractions of the raw unit, often a kilogram, down to what a float resolves.
    private func float(of mass: Milligrams, _ decimals: Int) -> Float {
        let denominator = Double(self.scale.denominator) * Double(Self.power(decimals))
        return Float(Double(mass.value) * denominator / (Double(self.scale.numerator) * 1000))
    }

    /// |mass| is at most 10^13 mg and the denominator 10^13: in 128 bits nothing can overflow.
    private func raw(of mass: Milligrams, _ decimals: Int) -> Int64 {
        let denominator = Int128(self.scale.denominator) * Int128(Self.power(decimals))
        let product = Int128(mass.value) * denominator
        let unit = Int128(self.scale.numerator) * 1000
        let half = product < 0 ? -(unit / 2) : unit / 2
        return Int64(clamping: (product + half) / unit)
    }

    private static func power(_ decimals: Int) -> Int64 {
        (0..<min(max(decimals, 0), 7)).reduce(1) { power, _ in power * 10 }
    }

    private static func coded(_ words: [UInt16], isSaturated: Bool) -> CodedWeight {
        CodedWeight(words: words, isSaturated: isSaturated)
    }

    private func coded(_ value: UInt32, isSaturated: Bool) -> CodedWeight {
        let high = UInt16(truncatingIfNeeded: value >> 16)
        let low = UInt16(truncatingIfNeeded: value)
        return Self.coded(
            self.order == .big ? [high, low] : [low, high], isSaturated: isSaturated)
    }
}

extension ScaleRegisters.Weight {
    /// With how many decimals a device that can choose shows its weight: the fewest that show a
    /// tenth of a division, or the most that it has.
    package func shownDecimals(division: Grams) -> Int {
        let choices: [Int]
        switch self.decimals {
        case .fixed(let count): return count
        case .status(let bits): choices = Array(0...min(bits.value(in: .max), 7))
        case .division(_, _, _, let digits): choices = digits.sorted()
        }
        let tenth = division.milligrams.value / 10
        let isEnough = { (count: Int) in
            1000 * self.scale.numerator <= tenth * self.scale.denominator * Self.power(count)
        }
        return choices.first(where: isEnough) ?? choices.last ?? 0
    }

    /// The bits of the status register that tell the decimals.
    package func statusBits(decimals: Int) -> UInt16 {
        switch self.decimals {
        case .fixed, .division: 0
        case .status(let bits): UInt16(truncatingIfNeeded: decimals) << UInt16(bits.low)
        }
    }

    /// The register with the division's index, and what is in it.
    package func divisionRegister(decimals: Int) -> (RegisterBlock, UInt16)? {
        switch self.decimals {
        case .fixed, .status: return nil
        case .division(let table, let address, let bits, let digits):
            let index = digits.firstIndex(of: decimals) ?? 0
            let block = RegisterBlock(table: table, address: address, count: 1)
            return (block, UInt16(truncatingIfNeeded: index) << UInt16(bits.low))
        }
    }
}

extension ScaleRegisters.Status {
    /// The status register with its configured bits; the converter's error bit is off.
    package func word(stable: Bool, overload: Bool, negative: Bool) -> UInt16 {
        let bits: [(StatusBit?, Bool)] =
            [
                (self.stable, stable), (self.negative, negative),
            ] + self.overload.map { ($0, overload && $0 == self.overload.first) }
            + self.error.map { ($0, false) }
        return bits.reduce(0) { word, entry in
            guard let bit = entry.0, (0..<16).contains(bit.index), entry.1 != bit.inverted else {
                return word
            }
            return word | 1 << UInt16(bit.index)
        }
    }
}

extension ScaleRegisters.Temperature {
    /// The register at a temperature, rounded to the nearest raw unit.
    package func encode(celsius: Double) -> UInt16 {
        let raw = celsius * Double(self.scale.denominator) / Double(self.scale.numerator)
        return UInt16(bitPattern: Int16(clamping: Int64(raw.rounded())))
    }
}
