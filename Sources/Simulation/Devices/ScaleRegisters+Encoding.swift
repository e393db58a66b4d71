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
    package func encode(_ mass: Milligrams) -> CodedWeight {
        let raw = self.raw(of: mass)
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
            return self.coded(self.float(of: mass).bitPattern, isSaturated: false)
        }
    }

    /// A float carries fractions of the raw unit, often a kilogram, down to what a float resolves.
    private func float(of mass: Milligrams) -> Float {
        Float(
            Double(mass.value) * Double(self.scale.denominator)
                / (Double(self.scale.numerator) * 1000))
    }

    /// |mass| is at most 10^13 mg and the denominator 10^6: in 128 bits nothing can overflow.
    private func raw(of mass: Milligrams) -> Int64 {
        let product = Int128(mass.value) * Int128(self.scale.denominator)
        let unit = Int128(self.scale.numerator) * 1000
        let half = product < 0 ? -(unit / 2) : unit / 2
        return Int64(clamping: (product + half) / unit)
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

extension ScaleRegisters.Status {
    /// The status register with its configured bits; the converter's error bit is off.
    package func word(stable: Bool, overload: Bool, negative: Bool) -> UInt16 {
        let bits: [(StatusBit?, Bool)] = [
            (self.stable, stable), (self.overload, overload), (self.error, false),
            (self.negative, negative),
        ]
        return bits.reduce(0) { word, entry in
            guard let bit = entry.0, (0..<16).contains(bit.index), entry.1 != bit.inverted else {
                return word
            }
            return word | 1 << UInt16(bit.index)
        }
    }
}
