import BinCore
import Testing

/// A beam with 5 ms of debounce that may be broken for 3 s.
@Suite struct PieceCounterTests {
    private struct Beam {
        var counter: PieceCounter
        var isBroken = false
        var pieces = 0
        var told: [PieceCounter.Notice] = []

        init() {
            let line = LineSettings(chip: "c", line: 1)
            self.counter = PieceCounter(
                CounterSettings(input: InputSettings(line: line, debounceMs: 5)))
            self.take(self.counter.read(false, at: at(0)))
            self.wait(until: 100)
        }

        mutating func take(_ notices: [PieceCounter.Notice]) {
            for notice in notices {
                if notice == .piece { self.pieces += 1 } else { self.told.append(notice) }
            }
        }

        /// Reads the line whenever the counter asks for it.
        mutating func wait(until ms: Int64) {
            while let due = self.counter.deadline, due.milliseconds <= ms {
                self.take(self.counter.read(self.isBroken, at: due))
            }
        }

        /// Edges at these times, each the opposite of the one before.
        mutating func toggle(_ times: Int64...) {
            for ms in times {
                self.wait(until: ms - 1)
                self.isBroken.toggle()
                self.take(self.counter.edge(self.isBroken, at: at(ms)))
            }
        }
    }

    @Test(
        "counts interruptions of the length of a piece",
        arguments: [
            // Broken and whole again, ms; how many pieces that is.
            ([200, 204], 0), ([200, 205], 1), ([200, 3199], 1), ([200, 3200], 0),
            ([200, 220, 300, 320, 400, 420], 3),
            // Bounces at either end are one piece.
            ([200, 201, 203, 240, 242, 244], 1),
            // Two bottles with a gap that is shorter than the debounce time are one.
            ([200, 220, 224, 240], 1), ([200, 220, 225, 240], 2),
        ] as [([Int64], Int)])
    func counts(times: [Int64], expected: Int) {
        var beam = Beam()
        for time in times { beam.toggle(time) }
        beam.wait(until: 10_000)
        #expect(beam.pieces == expected)
    }

    @Test func aBeamThatStaysBrokenIsBlockedAndCountsNothing() {
        var beam = Beam()
        beam.toggle(200)
        beam.wait(until: 3_199)
        #expect(beam.told.isEmpty)
        beam.wait(until: 3_200)
        #expect(beam.told == [.blocked])
        #expect(beam.counter.deadline == nil)
        beam.toggle(9_000)
        beam.wait(until: 9_100)
        #expect(beam.told == [.blocked, .whole])
        #expect(beam.pieces == 0)
        beam.toggle(9_200, 9_240)
        beam.wait(until: 9_300)
        #expect(beam.pieces == 1)
    }

    @Test func aBeamThatIsBrokenFromTheStartIsBlocked() {
        let line = LineSettings(chip: "c", line: 1)
        var counter = PieceCounter(
            CounterSettings(input: InputSettings(line: line, debounceMs: 5)))
        #expect(counter.read(true, at: at(0)) == [])
        #expect(counter.read(true, at: at(5)) == [])
        #expect(counter.deadline == at(3_000))
        #expect(counter.read(true, at: at(3_000)) == [.blocked])
    }

    @Test func edgesToldLateAreCountedByTheirOwnTimes() {
        var beam = Beam()
        // A busy moment: all edges of two bottles come at once, and only then the line is read.
        for (isBroken, ms) in [(true, 200), (false, 230), (true, 300), (false, 330)]
            as [(Bool, Int64)]
        {
            beam.take(beam.counter.edge(isBroken, at: at(ms)))
        }
        beam.isBroken = false
        beam.wait(until: 1_000)
        #expect(beam.pieces == 2)
    }

    @Test func aFlutteringWireCountsNothing() {
        var beam = Beam()
        for ms in stride(from: Int64(200), to: 8_200, by: 2) { beam.toggle(ms) }
        beam.wait(until: 20_000)
        #expect(beam.pieces == 0)
    }
}
