import Simulation
import Testing

extension RigTests {
    @Suite(.enabled(if: Rig.timeIsVirtual, "only in virtual time"))
    struct SonarModelTests {
        /// Pulses the trigger, line 0, and gives the edges of the echo, line 1, in microseconds
        /// since the end of the pulse.
        private func measure(
            _ chip: SimulatedChip, triggerUs: Int = 10
        ) throws -> [(atUs: Int, isRising: Bool)] {
            let trigger = try KernelLines(chip.device, [0], as: .output)
            let echo = try KernelLines(chip.device, [1], as: .bothEdges)
            try trigger.set([true])
            RigTime.sleep(us: triggerUs)
            try trigger.set([false])
            let start = RigTime.nowUs()
            var edges: [(atUs: Int, isRising: Bool)] = []
            while let edge = try echo.nextEdge(withinMs: 100) {
                edges.append((edge.atUs - start, edge.isRising))
            }
            return edges
        }

        /// 58 µs a centimetre there and back. Source: Elecfreaks HC-SR04 user's guide.
        @Test("the echo is as long as it is set", arguments: [116, 5800, 23_200])
        func echo(us length: Int) throws {
            let chip = try SimulatedChip(label: "echo", lines: 2)
            let model = try SonarModel(chip: chip, trigger: 0, echo: 1)
            try model.setEcho(us: length)
            for count in 1...3 {
                let edges = try self.measure(chip)
                #expect(edges.map(\.isRising) == [true, false])
                let from = try #require(edges.first).atUs
                let to = try #require(edges.last).atUs
                #expect(abs(from - SonarModel.burstUs) <= 5 && abs(to - from - length) <= 2)
                #expect(try model.counters() == .init(measurements: count, ignored: 0))
            }
        }

        @Test func withoutAnEchoOrWithABrokenWireNothingComes() throws {
            let chip = try SimulatedChip(label: "silent", lines: 2)
            let model = try SonarModel(chip: chip, trigger: 0, echo: 1)
            #expect(try self.measure(chip).isEmpty)
            try model.setEcho(us: 1000)
            try model.setWire(.staysLow)
            #expect(try self.measure(chip).isEmpty)
            #expect(try model.counters() == .init(measurements: 2, ignored: 0))
        }

        @Test func aShortPulseAndOneDuringAMeasurementAreIgnored() throws {
            let chip = try SimulatedChip(label: "ignored", lines: 2)
            let model = try SonarModel(chip: chip, trigger: 0, echo: 1)
            try model.setEcho(us: 5000)
            #expect(try self.measure(chip, triggerUs: 5).isEmpty)
            let trigger = try KernelLines(chip.device, [0], as: .output)
            for pauseUs in [1000, 5000, 1000] {
                try trigger.set([true])
                RigTime.sleep(us: 20)
                try trigger.set([false])
                RigTime.sleep(us: pauseUs)
            }
            #expect(try model.counters() == .init(measurements: 2, ignored: 2))
        }
    }
}
