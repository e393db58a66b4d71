import BinCore
import Testing

/// One pulse of a simulated reader.
struct Pulse: Hashable {
    var wire: WiegandWire
    var atNs: Int64
}

/// A simulated reader: it knows when it sends, not how it is read.
struct SimulatedReader {
    /// Between the starts of two bits, nanoseconds.
    var intervalNs: Int64 = 1_000_000
    /// By how much an interval may be off, in permille.
    var jitterPermille: Int64 = 40

    func pulses(_ bits: [Bool], at startNs: Int64, _ dice: inout Rolls) -> [Pulse] {
        var atNs = startNs
        let most = self.intervalNs * self.jitterPermille / 1000
        var pulses: [Pulse] = []
        for bit in bits {
            pulses.append(Pulse(wire: bit ? .d1 : .d0, atNs: atNs))
            atNs += self.intervalNs + dice.within(-most...most)
        }
        return pulses
    }
}

func bits(_ text: String) -> [Bool] { text.filter { $0 != " " }.map { $0 == "1" } }

func ms(_ count: Int64) -> Int64 { count * 1_000_000 }
func us(_ count: Int64) -> Int64 { count * 1_000 }

extension [Pulse] {
    /// As the thread at the lines tells them.
    var signals: [WiegandSignal] {
        var signals: [WiegandSignal] = []
        var last = Int64.min
        for pulse in self {
            guard pulse.atNs >= last else { return self.sorted { $0.atNs < $1.atNs }.signals }
            last = pulse.atNs
            signals.append(.pulse(pulse.wire, atNs: last))
        }
        return signals
    }
}

extension WiegandLine {
    /// Takes pulses and lets time pass until nothing is under way.
    mutating func read(_ pulses: [Pulse]) -> [WiegandOutcome] {
        var outcomes = self.take(pulses.signals)
        if let deadlineNs = self.deadlineNs { outcomes += self.advance(to: deadlineNs) }
        return outcomes
    }
}

extension [WiegandOutcome] {
    var cards: [String] {
        self.compactMap { outcome in
            switch outcome {
            case .card(let card, _): card.description
            case .rejected, .failed, .restored: nil
            }
        }
    }

    var rejections: [WiegandRejection] {
        self.compactMap { outcome in
            switch outcome {
            case .rejected(let rejection, _): rejection
            case .card, .failed, .restored: nil
            }
        }
    }

    var faults: [WiegandFault] {
        self.compactMap { outcome in
            switch outcome {
            case .failed(let fault): fault
            case .card, .rejected, .restored: nil
            }
        }
    }

    var restored: [WiegandFault] {
        self.compactMap { outcome in
            switch outcome {
            case .restored(let fault): fault
            case .card, .rejected, .failed: nil
            }
        }
    }
}
