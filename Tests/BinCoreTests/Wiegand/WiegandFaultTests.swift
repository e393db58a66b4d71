import BinCore
import Testing

/// When a reader counts as broken, and when as whole again.
struct WiegandFaultTests {
    private static let good = Encoder.h10301(137, 52_078)

    /// Frames one second apart.
    private func outcomes(
        _ frames: [[Pulse]], on line: inout WiegandLine, from second: Int64 = 1
    ) -> [WiegandOutcome] {
        frames.enumerated().flatMap { index, pulses in
            let base = ms((second + Int64(index)) * 1000)
            return line.read(pulses.map { Pulse(wire: $0.wire, atNs: $0.atNs + base) })
        }
    }

    private func frame(_ text: String) -> [Pulse] {
        var dice = Rolls(seed: 5)
        return SimulatedReader().pulses(bits(text), at: 0, &dice)
    }

    private func fault(
        of frames: [[Pulse]], formats: [WiegandFormat] = [.w26]
    ) -> [WiegandFault] {
        var line = WiegandLine(formats: formats, startNs: 0)
        return self.outcomes(frames, on: &line).faults
    }

    @Test("five bad frames alike name what is wrong")
    func names() {
        let swapped = self.frame(String(Self.good.map { $0 == "1" ? "0" : "1" }))
        let whole = self.frame(Self.good)
        let cases: [(WiegandFault, [Pulse])] = [
            (.silentWire(.d1), whole.filter { $0.wire == .d0 }),
            (.silentWire(.d0), whole.filter { $0.wire == .d1 }),
            (.swapped, swapped),
            (.unknownLength(34), self.frame(Encoder.h10306(1, 1))),
            (.parity(26), self.frame("0" + String(repeating: "01", count: 12) + "0")),
            (.crosstalk, whole + whole.map { Pulse(wire: .d0, atNs: $0.atNs + us(20)) }),
            (.irregular, whole.filter { $0 != whole[7] }),
        ]
        for (expected, pulses) in cases {
            #expect(self.fault(of: Array(repeating: pulses, count: 4)).isEmpty)
            #expect(self.fault(of: Array(repeating: pulses, count: 5)) == [expected])
            #expect(self.fault(of: Array(repeating: pulses, count: 50)) == [expected])
        }
    }

    @Test("a mixture is told once, a better name later, and a card ends it")
    func mixture() {
        var line = WiegandLine(formats: [.w26], startNs: 0)
        let long = self.frame(Encoder.h10306(1, 1))
        let broken = Array(self.frame(Self.good).dropFirst())
        let mixed = [long, broken, long, broken, long]
        #expect(self.outcomes(mixed, on: &line).faults == [.unreadable])
        let longs = Array(repeating: long, count: 5)
        #expect(self.outcomes(longs, on: &line, from: 10).faults == [.unknownLength(34)])
        #expect(self.outcomes(mixed, on: &line, from: 20).faults.isEmpty)
        #expect(line.fault == .unknownLength(34))
        let end = self.outcomes([self.frame(Self.good)], on: &line, from: 30)
        #expect(end.restored == [.unknownLength(34)])
        #expect(line.fault == nil)
        #expect(self.outcomes(Array(mixed.prefix(4)), on: &line, from: 40).faults.isEmpty)
    }

    @Test("noise and keys are no fault, however many")
    func harmless() {
        let keys = Array(repeating: self.frame("0110"), count: 50)
        let clicks = Array(repeating: self.frame("01"), count: 50)
        #expect(self.fault(of: keys + clicks).isEmpty)
    }

    @Test("a fault reaches the journal with its code and a hint of at most 200 bytes")
    func facts() throws {
        let faults: [WiegandFault] = [
            .silentWire(.d0), .silentWire(.d1), .swapped, .unknownLength(128), .parity(128),
            .crosstalk, .noise, .irregular, .lostEvents, .unreadable,
        ]
        let front = try #require(Name("front"))
        for fault in faults {
            let fact = fault.fact(of: front)
            #expect(fact.source == "reader front")
            #expect(fact.detail.utf8.count <= 200)
        }
        #expect(Set(faults.map(\.code)).count == faults.count)
        #expect(WiegandFault.silentWire(.d1).code == "no-d1")
    }
}
