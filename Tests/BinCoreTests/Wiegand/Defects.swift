import BinCore
import Testing

/// What can happen to the pulses of one frame. Times are drawn evenly unless said otherwise.
enum Defect: CaseIterable {
    /// One pulse does not arrive.
    case lost
    /// One more pulse on either wire, from three intervals before the frame to three after it.
    case added
    /// A pulse arrives on the wrong wire.
    case misread
    /// A pulse strikes the other wire too, within 99 µs.
    case crosstalk
    /// A pulse is told twice, within 99 µs.
    case ringing
    /// Two neighbours are stamped late, together, and in either order: interrupts were off.
    case delayed
    /// A pulse on either wire up to 120 ms before or after the frame.
    case near

    func strike(_ pulses: [Pulse], every intervalNs: Int64, _ dice: inout Rolls) -> [Pulse] {
        var result = pulses
        let index = Int(dice.below(UInt64(pulses.count)))
        let struck = pulses[index]
        let wire: WiegandWire = dice.below(2) == 0 ? .d0 : .d1
        let start = pulses.first?.atNs ?? 0
        let end = pulses.last?.atNs ?? 0
        switch self {
        case .lost:
            result.remove(at: index)
        case .added:
            let atNs = dice.within((start - 3 * intervalNs)...(end + 3 * intervalNs))
            result.append(Pulse(wire: wire, atNs: atNs))
        case .misread:
            result[index].wire = struck.wire.opposite
        case .crosstalk:
            let atNs = struck.atNs + dice.within(0...us(99))
            result.append(Pulse(wire: struck.wire.opposite, atNs: atNs))
        case .ringing:
            result.append(Pulse(wire: struck.wire, atNs: struck.atNs + dice.within(1...us(99))))
        case .delayed:
            guard index + 1 < pulses.count else { return result }
            let atNs = pulses[index + 1].atNs + dice.within(0...us(20))
            result[index].atNs = atNs + dice.within(0...us(20))
            result[index + 1].atNs = atNs
        case .near:
            let isBefore = dice.below(2) == 0
            let distance = dice.within(1...ms(120))
            result.append(Pulse(wire: wire, atNs: isBefore ? start - distance : end + distance))
        }
        return result
    }
}

extension WiegandWire {
    var opposite: WiegandWire {
        switch self {
        case .d0: .d1
        case .d1: .d0
        }
    }
}

/// What became of many frames.
struct Score: CustomStringConvertible {
    var frames = 0
    var right = 0
    var wrong = 0
    var rejected: Int { self.frames - self.right - self.wrong }

    /// Counts one frame whose card is `name`.
    mutating func count(_ outcomes: [WiegandOutcome], of name: String) {
        self.frames += 1
        let cards = outcomes.cards
        if cards.contains(where: { $0 != name }) || cards.count > 1 {
            self.wrong += 1
        } else if cards == [name] {
            self.right += 1
        }
    }

    var description: String {
        "\(self.frames) frames: \(self.right) right, \(self.rejected) rejected, "
            + "\(self.wrong) wrong"
    }
}

/// What can happen to many pulses of one frame.
enum Disaster: CaseIterable {
    /// Any two defects of `Defect`, one after the other.
    case twoDefects
    case twoLost, twoMisread, lostAndAdded
    /// The first pulse is lost, and one is added behind in the frame's own rhythm.
    case shifted
    /// The last or the first pulses are lost, any number.
    case tailCut, headCut
    /// A run of pulses is lost anywhere.
    case runLost
    /// Each pulse is lost with a chance of 3 %.
    case rain
    /// Pulses on both wires, 50 a second.
    case storm
    /// One to three pulses on one wire before the frame, in its own rhythm.
    case echoes

    /// The most wrong cards in a thousand frames of 26, 34 and 37 bits.
    ///
    /// Two misread bits under one rule are right to any parity: about half of all pairs. A shift
    /// keeps length and rhythm: parity holds for one in four. A cut has to leave another length
    /// exactly, and echoes have to fill up to one, and parity to hold in both cases. Of 20,000
    /// frames each: two misread 459 ‰, shifted 242 ‰, echoes 28 ‰, two defects 10 ‰, tail cut 8 ‰,
    /// head cut 7 ‰, run lost 6 ‰, lost and added 0.3 ‰, the others 0.
    var mostWrongPermille: Int {
        switch self {
        case .twoDefects: 20
        case .twoMisread: 500
        case .shifted: 270
        case .tailCut, .headCut, .runLost: 12
        case .lostAndAdded: 2
        case .echoes: 40
        case .twoLost, .rain, .storm: 0
        }
    }

    func strike(_ pulses: [Pulse], every intervalNs: Int64, _ dice: inout Rolls) -> [Pulse] {
        func one(_ defect: Defect, _ pulses: [Pulse]) -> [Pulse] {
            defect.strike(pulses, every: intervalNs, &dice).sorted { $0.atNs < $1.atNs }
        }
        func any() -> Int { Int(dice.below(UInt64(pulses.count))) }
        let start = pulses.first?.atNs ?? 0
        let end = pulses.last?.atNs ?? 0
        switch self {
        case .twoDefects:
            let all = Defect.allCases
            let first = all[Int(dice.below(UInt64(all.count)))]
            let second = all[Int(dice.below(UInt64(all.count)))]
            return one(second, one(first, pulses))
        case .twoLost: return one(.lost, one(.lost, pulses))
        case .twoMisread: return one(.misread, one(.misread, pulses))
        case .lostAndAdded: return one(.lost, one(.added, pulses))
        case .shifted:
            let wire: WiegandWire = dice.below(2) == 0 ? .d0 : .d1
            return pulses.dropFirst() + [Pulse(wire: wire, atNs: end + intervalNs)]
        case .tailCut: return Array(pulses.dropLast(max(1, any())))
        case .headCut: return Array(pulses.dropFirst(max(1, any())))
        case .runLost:
            let first = any()
            return Array(pulses[..<first]) + pulses.dropFirst(first + 1 + any())
        case .rain: return pulses.filter { _ in dice.below(100) >= 3 }
        case .storm:
            var result = pulses
            var atNs = start - ms(150)
            while atNs < end + ms(150) {
                atNs += dice.within(1...ms(40))
                result.append(Pulse(wire: dice.below(2) == 0 ? .d0 : .d1, atNs: atNs))
            }
            return result
        case .echoes:
            let wire: WiegandWire = dice.below(2) == 0 ? .d0 : .d1
            let echoes = (1...(1 + Int64(dice.below(3)))).map {
                Pulse(wire: wire, atNs: start - $0 * intervalNs)
            }
            return echoes + pulses
        }
    }
}
