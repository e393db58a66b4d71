/// The layout of a Wiegand frame: which of its bits are the card's number and which guard them.
///
/// Bits are counted from 0 for the first transmitted. A single wrong bit breaks every format whose
/// bits all stand under a parity rule, as those of the built-in ones do. A format without any, such
/// as 32 bits of UID, is protected by its length and timing only: a bit read wrongly is another
/// card.
///
/// Source: proxmark3, `wiegand_formats.c`.
package struct WiegandFormat: Hashable, Sendable {
    /// One bit that makes the number of ones, in itself and in what it covers, even or odd.
    package struct Parity: Hashable, Sendable {
        package enum Kind: String, CaseIterable, Sendable { case even, odd }

        package let kind: Kind
        package let bit: Int
        /// Without `bit`, ascending.
        package let covered: [Int]

        package init(_ kind: Kind, bit: Int, over covered: [Int]) {
            self.kind = kind
            self.bit = bit
            self.covered = Set(covered).sorted()
        }

        func holds(in frame: WiegandFrame) -> Bool {
            let ones = frame.ones(at: self.covered) + (frame[self.bit] ? 1 : 0)
            switch self.kind {
            case .even: return ones % 2 == 0
            case .odd: return ones % 2 == 1
            }
        }
    }

    /// What a layout can't be.
    package enum Fault: Error, Hashable, Sendable {
        /// Fewer than 4 or more than 128 bits.
        case bits
        /// 4 and 8 bits are the frames of keypads.
        case keypad
        /// The bit is not in the frame, or in the payload twice.
        case payloadBit(Int)
        /// No payload, or more than 64 bits.
        case payloadSize(Int)
        /// Card numbers of this length have so many bits (CONTRACT §6).
        case payloadFixed(Int)
        /// The bit is not in the frame, has two rules, or is part of the payload.
        case parityBit(Int)
        /// The bit is not in the frame, or is the parity bit itself.
        case coveredBit(Int)
        /// The facility code's or the number's bits are not all in the payload.
        case field
    }

    /// As the configuration calls it.
    package let name: String
    package let bits: Int
    /// The bits of the card's number, the most significant first.
    package let payload: [ClosedRange<Int>]
    package let parities: [Parity]
    /// What is printed on cards; for people only.
    package let facility: ClosedRange<Int>?
    package let number: ClosedRange<Int>?

    /// A layout from outside.
    ///
    /// Its name is `w` and its bits, so that its card numbers are those of CONTRACT §6.
    package init(
        bits: Int, payload: [ClosedRange<Int>], parities: [Parity] = [],
        facility: ClosedRange<Int>? = nil, number: ClosedRange<Int>? = nil
    ) throws(Fault) {
        guard CardNumber.Format.wiegandBits.contains(bits) else { throw .bits }
        guard bits != 4, bits != 8 else { throw .keypad }
        var taken: Set<Int> = []
        for range in payload {
            for bit in [range.lowerBound, range.upperBound] where !(0..<bits).contains(bit) {
                throw .payloadBit(bit)
            }
            for bit in range where !taken.insert(bit).inserted { throw .payloadBit(bit) }
        }
        guard (1...CardNumber.Format.mostPayloadBits).contains(taken.count) else {
            throw .payloadSize(taken.count)
        }
        if let fixed = CardNumber.Format.fixedPayload(ofFrame: bits), taken.count != fixed {
            throw .payloadFixed(fixed)
        }
        let fields = [facility, number].compactMap(\.self)
        guard fields.allSatisfy({ field in field.allSatisfy(taken.contains) }) else {
            throw .field
        }
        for parity in parities {
            guard (0..<bits).contains(parity.bit), taken.insert(parity.bit).inserted else {
                throw .parityBit(parity.bit)
            }
            for bit in parity.covered where bit == parity.bit || !(0..<bits).contains(bit) {
                throw .coveredBit(bit)
            }
        }
        self.init(
            name: "w\(bits)", trusted: bits, payload: payload, parities: parities,
            facility: facility, number: number)
    }

    private init(
        name: String, trusted bits: Int, payload: [ClosedRange<Int>], parities: [Parity],
        facility: ClosedRange<Int>?, number: ClosedRange<Int>?
    ) {
        self.name = name
        self.bits = bits
        self.payload = payload
        self.parities = parities
        self.facility = facility
        self.number = number
    }

    /// Whether `frame` has this length and breaks no parity rule.
    package func accepts(_ frame: WiegandFrame) -> Bool {
        frame.count == self.bits && self.parities.allSatisfy { $0.holds(in: frame) }
    }

    /// The number of the card that sent `frame`; `nil` unless the format accepts it.
    package func card(of frame: WiegandFrame) -> CardNumber? {
        guard self.accepts(frame) else { return nil }
        var value: UInt64 = 0
        var size = 0
        for range in self.payload {
            value = value << UInt64(range.count) | UInt64(truncatingIfNeeded: frame.number(range))
            size += range.count
        }
        return CardNumber(frameBits: self.bits, payload: value, payloadBits: size)
    }
}

extension WiegandFormat {
    /// 26 bits, H10301: facility code of 8 bits, number of 16.
    package static let w26 = WiegandFormat(
        name: "w26", trusted: 26, payload: [1...24],
        parities: [
            Parity(.even, bit: 0, over: Array(1...12)),
            Parity(.odd, bit: 25, over: Array(13...24)),
        ], facility: 1...8, number: 9...24)

    /// 34 bits, H10306 and N10002: facility code and number of 16 bits.
    package static let w34 = WiegandFormat(
        name: "w34", trusted: 34, payload: [1...32],
        parities: [
            Parity(.even, bit: 0, over: Array(1...16)),
            Parity(.odd, bit: 33, over: Array(17...32)),
        ], facility: 1...16, number: 17...32)

    /// 35 bits, Corporate 1000: company code of 12 bits, number of 20.
    package static let w35 = WiegandFormat(
        name: "w35", trusted: 35, payload: [2...33],
        parities: [
            Parity(.odd, bit: 0, over: Array(1...34)),
            Parity(.even, bit: 1, over: (2...33).filter { $0 % 3 != 1 }),
            Parity(.odd, bit: 34, over: (1...32).filter { $0 % 3 != 0 }),
        ], facility: 2...13, number: 14...33)

    /// 37 bits, H10302: a number of 35 bits. Bit 18 is under both rules.
    package static let w37 = WiegandFormat(
        name: "w37", trusted: 37, payload: [1...35], parities: Self.parities37, facility: nil,
        number: 1...35)

    /// 37 bits, H10304: frames and card numbers of `w37`, read as a facility code of 16 bits and
    /// a number of 19.
    package static let h10304 = WiegandFormat(
        name: "h10304", trusted: 37, payload: [1...35], parities: Self.parities37,
        facility: 1...16, number: 17...35)

    private static let parities37 = [
        Parity(.even, bit: 0, over: Array(1...18)), Parity(.odd, bit: 36, over: Array(18...35)),
    ]

    /// What a configuration may name.
    package static let builtIn: [WiegandFormat] = [.w26, .w34, .w35, .w37, .h10304]
}
