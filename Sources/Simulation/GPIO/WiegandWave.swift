/// What a Wiegand reader does on its two wires while it sends one frame, defects included.
///
/// Both wires rest high; a low pulse on D0 is a 0, one on D1 a 1.
///
/// | bits | defect | pulses, with 100 µs every 2,000 µs |
/// | --- | --- | --- |
/// | 0 1 | | D0 at 0, D1 at 2,000 |
/// | 0 1 | `.missing(bit: 0)` | D1 at 2,000 |
/// | 0 1 | `.extra(true, at: 1)` | D0 at 0, D1 at 2,000 and 4,000 |
/// | 0 1 | `.both(bit: 0)` | D0 and D1 at 0, D1 at 2,000 |
/// | 0 1 | `.stray(.d1, after: 0, widthUs: 5)` | the first two, and D1 from 1,000 to 1,005 |
/// | 0 1 | `.stuck(.d0, from: 0, forUs: 9000)` | D0 from 0 to 9,000, D1 at 2,000 |
package struct WiegandWave: Hashable, Sendable {
    package enum Wire: Hashable, Sendable, CaseIterable { case d0, d1 }

    /// The times of a reader.
    package struct Timing: Hashable, Sendable {
        package var pulseUs: Int
        /// From the beginning of a pulse to that of the next one.
        package var intervalUs: Int

        /// Source: TagMaster XT-3 and most others; SIA's limits are 20 to 100 and 200 to 20,000.
        package static let usual = Timing(pulseUs: 100, intervalUs: 2000)

        package init(pulseUs: Int, intervalUs: Int) {
            self.pulseUs = pulseUs
            self.intervalUs = intervalUs
        }
    }

    /// What goes wrong. Bits are counted from 0; beyond the frame's last one nothing happens.
    package enum Defect: Hashable, Sendable {
        /// The bit's pulse is left out; the others keep their places.
        case missing(bit: Int)
        /// One more bit comes before bit `at`, or at the end.
        case extra(Bool, at: Int)
        /// The bit's pulse comes on both wires at once.
        case both(bit: Int)
        /// A pulse halfway to the next bit: noise if it is as wide as others, a glitch if not.
        case stray(Wire, after: Int, widthUs: Int)
        /// The wire goes low with bit `from` and stays so; its other pulses drown in that.
        case stuck(Wire, from: Int, forUs: Int)
    }

    /// One wire's change of level.
    package struct Move: Hashable, Sendable {
        /// Since the beginning of the frame.
        package let atUs: Int
        package let wire: Wire
        package let isHigh: Bool

        package init(atUs: Int, wire: Wire, isHigh: Bool) {
            self.atUs = atUs
            self.wire = wire
            self.isHigh = isHigh
        }
    }

    /// In the order of time, D0 first where two come at once.
    package let moves: [Move]

    package init(bits: [Bool], timing: Timing = .usual, defects: [Defect] = []) {
        var bits = bits
        for case .extra(let bit, let at) in defects {
            bits.insert(bit, at: min(max(at, 0), bits.count))
        }
        let lows = Self.Lows(bits: bits, timing: timing, defects: defects)
        self.moves = (Self.moves(of: .d0, lows.d0) + Self.moves(of: .d1, lows.d1))
            .enumerated()
            .sorted { ($0.element.atUs, $0.offset) < ($1.element.atUs, $1.offset) }
            .map(\.element)
    }

    /// Runs together what touches, and tells where each wire falls and rises.
    private static func moves(of wire: Wire, _ lows: [Range<Int>]) -> [Move] {
        var joined: [Range<Int>] = []
        for low in lows.sorted(by: { $0.lowerBound < $1.lowerBound }) where !low.isEmpty {
            if let last = joined.last, low.lowerBound <= last.upperBound {
                joined[joined.count - 1] =
                    last.lowerBound..<max(last.upperBound, low.upperBound)
            } else {
                joined.append(low)
            }
        }
        return joined.flatMap {
            [
                Move(atUs: $0.lowerBound, wire: wire, isHigh: false),
                Move(atUs: $0.upperBound, wire: wire, isHigh: true),
            ]
        }
    }

    /// When each wire is low, in microseconds since the beginning.
    private struct Lows {
        var d0: [Range<Int>] = []
        var d1: [Range<Int>] = []

        init(bits: [Bool], timing: Timing, defects: [Defect]) {
            var pulses: [Int: Set<Wire>] = [:]
            for (index, bit) in bits.enumerated() { pulses[index] = [bit ? .d1 : .d0] }
            for defect in defects {
                switch defect {
                case .missing(let bit): pulses[bit] = nil
                case .both(let bit): if bits.indices.contains(bit) { pulses[bit] = [.d0, .d1] }
                case .stray(let wire, let bit, let width):
                    self.add(wire, at: bit * timing.intervalUs + timing.intervalUs / 2, for: width)
                case .stuck(let wire, let bit, let time):
                    self.add(wire, at: bit * timing.intervalUs, for: time)
                case .extra: break
                }
            }
            for (index, wires) in pulses {
                for wire in wires {
                    self.add(wire, at: index * timing.intervalUs, for: timing.pulseUs)
                }
            }
        }

        private mutating func add(_ wire: Wire, at start: Int, for width: Int) {
            let low = start..<(start + max(width, 0))
            switch wire {
            case .d0: self.d0.append(low)
            case .d1: self.d1.append(low)
            }
        }
    }
}
