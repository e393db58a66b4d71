import BinCore
import Testing

struct WiegandLineTests {
    static let card26 = Encoder.h10301(123, 4567)
    static let name26 = "w26:7B11D7"
    static let card34 = Encoder.h10306(35_284, 7041)
    static let name34 = "w34:89D41B81"

    private func line(_ formats: [WiegandFormat] = [.w26, .w34, .w37]) -> WiegandLine {
        WiegandLine(formats: formats, startNs: 0)
    }

    private func pulses(
        _ text: String, at startNs: Int64 = ms(500), every intervalNs: Int64 = ms(1),
        jitter: Int64 = 40
    ) -> [Pulse] {
        var dice = Rolls(seed: 7)
        return SimulatedReader(intervalNs: intervalNs, jitterPermille: jitter)
            .pulses(bits(text), at: startNs, &dice)
    }

    /// Intervals in microseconds: SIA's limits as the manuals of ZKTeco MultiBio 700 and Promag
    /// WEC200 restate them (200 µs and 20 ms), TDSi (1 ms), RF Solutions MFPROT and TagMaster XT-3
    /// (2 ms), Seeed 113020002 (880 µs), the Android-Wiegand sample (1,850 µs), and the reader of
    /// pigpio issue 197 (1.14 to 1.24 ms, here as ±4.2 % of 1.19 ms).
    @Test(
        "reads every reader that is known",
        arguments: [200, 880, 1000, 1190, 1850, 2000, 20_000] as [Int64],
        [0, 42, 110, 230] as [Int64])
    func readsKnownReaders(intervalUs: Int64, jitter: Int64) {
        for (text, name) in [(Self.card26, Self.name26), (Self.card34, Self.name34)] {
            var line = self.line()
            let pulses = self.pulses(text, every: us(intervalUs), jitter: jitter)
            #expect(line.read(pulses).cards == [name])
            #expect(line.tally.counts["frames"] == 1)
            #expect(line.tally.badFrames == 0)
        }
    }

    @Test("reads every known frame", arguments: WiegandFormatTests.vectors)
    func readsVectors(vector: WiegandFormatTests.Vector) throws {
        var line = self.line([.w26, .w34, .w35, vector.format.bits == 37 ? vector.format : .w37])
        let text = try Encoder.bits(hex: vector.hex, vector.format.bits)
        #expect(line.read(self.pulses(text)).cards == [vector.card])
    }

    @Test func aFrameIsNoNoiseAndAFloatingWireIsUntilThereIsSilence() throws {
        var line = self.line()
        _ = line.take(self.pulses(Self.card34).signals)
        #expect(!line.isNoise)
        // More than the longest format has, at 20 kHz.
        let start = us(2_000_000)
        let noise = (0..<400).map { WiegandSignal.pulse(.d0, atNs: start + us(50 * Int64($0))) }
        _ = line.take(noise)
        #expect(line.isNoise)
        let end = try #require(line.deadlineNs)
        _ = line.advance(to: end - 1)
        #expect(line.isNoise)
        _ = line.advance(to: end)
        #expect(!line.isNoise)
    }

    @Test("a frame is only taken after its silence, and not one nanosecond before")
    func waitsForTheEnd() throws {
        var line = self.line()
        let pulses = self.pulses(Self.card26, jitter: 0)
        #expect(line.deadlineNs == nil)
        #expect(line.take(pulses.signals).isEmpty)
        let last = try #require(pulses.last).atNs
        #expect(line.deadlineNs == last + ms(25))
        #expect(line.advance(to: last + ms(25) - 1).isEmpty)
        #expect(line.advance(to: last + ms(25)).cards == [Self.name26])
        #expect(line.deadlineNs == nil)
        #expect(line.advance(to: last + ms(900)).isEmpty)
    }

    @Test(
        "the silence is five of the reader's own gaps, 25 to 100 ms",
        arguments: [(us(200), ms(25)), (ms(5), ms(25)), (ms(8), ms(40)), (ms(20), ms(100))]
            as [(Int64, Int64)])
    func silences(intervalNs: Int64, silenceNs: Int64) throws {
        var line = self.line()
        let pulses = self.pulses(Self.card26, every: intervalNs, jitter: 0)
        _ = line.take(pulses.signals)
        #expect(line.deadlineNs == (try #require(pulses.last).atNs) + silenceNs)
    }

    @Test("the head of 34 bits is no card of 26")
    func headIsNoCard() throws {
        // The first 26 bits are a right frame of 26 bits.
        let text = Self.card26 + "00000000"
        var line = self.line([.w26])
        #expect(line.read(self.pulses(text)).rejections == [.length])
    }

    /// The same pulses whole, one by one, and with what is known of time between them.
    @Test("delivery in any portions gives the same")
    func drips() {
        let pulses =
            self.pulses(Self.card26) + self.pulses(Self.card34, at: ms(900))
            + self.pulses("1011", at: ms(1200))
        var whole = self.line()
        let expected = whole.read(pulses)
        #expect(expected.cards == [Self.name26, Self.name34])
        #expect(expected.rejections == [.keypad])
        var dripping = self.line()
        var outcomes: [WiegandOutcome] = []
        for signal in pulses.signals {
            outcomes += dripping.take([signal])
            if case .pulse(_, let atNs) = signal { outcomes += dripping.advance(to: atNs) }
        }
        outcomes += dripping.advance(to: ms(2000))
        #expect(outcomes == expected)
        #expect(dripping.tally == whole.tally)
    }

    @Test("the lines are read one after the other: pulses may come late by one reading")
    func toleratesDisorder() {
        let signals = self.pulses(Self.card26).signals
        for index in signals.indices.dropLast() {
            var swapped = signals
            swapped.swapAt(index, index + 1)
            var line = self.line()
            #expect((line.take(swapped) + line.advance(to: ms(2000))).cards == [Self.name26])
        }
    }

    @Test(
        "what is wrong with a frame is named",
        arguments: [
            (.noise, [0]), (.noise, [0, 1000, 2000]), (.keypad, [0, 1000, 2000, 3000]),
            (.length, [0, 1000, 2000, 3000, 4000]), (.tooFast, [0, 1000, 1099, 2000, 3000]),
            (.irregular, [0, 1000, 2000, 3000, 4601, 5601]),
            (.length, [0, 1000, 2000, 3000, 4600, 5600]),
            (.irregular, [0, 1000, 2000, 3000, 3624, 4624]),
            (.length, [0, 1000, 2000, 3000, 3625, 4625]),
        ] as [(WiegandRejection, [Int64])])
    func namesRejections(rejection: WiegandRejection, timesUs: [Int64]) {
        var line = self.line()
        let pulses = timesUs.map { Pulse(wire: .d0, atNs: ms(500) + us($0)) }
        #expect(line.read(pulses).rejections == [rejection])
        #expect(line.tally.counts[rejection.rawValue] == 1)
    }

    @Test(
        "pulses on both wires within 100 µs are crosstalk",
        arguments: [(0, .crosstalk), (us(99), .crosstalk), (us(100), .irregular)]
            as [(Int64, WiegandRejection)])
    func crosstalk(distanceNs: Int64, rejection: WiegandRejection) {
        var pulses = self.pulses(Self.card26, jitter: 0)
        let struck = pulses[9]
        pulses.append(Pulse(wire: struck.wire == .d0 ? .d1 : .d0, atNs: struck.atNs + distanceNs))
        var line = self.line()
        #expect(line.read(pulses).rejections == [rejection])
    }

    @Test("keys of four and eight bits are counted and never a card")
    func keypads() throws {
        var line = self.line([try WiegandFormat(bits: 32, payload: [0...31])])
        for key in 0..<16 as Range<UInt64> {
            let nibble = Encoder.binary(key, 4)
            let inverse = Encoder.binary(15 - key, 4)
            let start = ms(500 + Int64(key) * 1000)
            #expect(line.read(self.pulses(nibble, at: start)).rejections == [.keypad])
            let long = self.pulses(inverse + nibble, at: start + ms(500))
            #expect(line.read(long).rejections == [.keypad])
        }
        #expect(line.tally.counts["keypad"] == 32)
        #expect(line.fault == nil && line.tally.badFrames == 0)
        #expect(line.read(self.pulses("10101010", at: ms(90_000))).rejections == [.length])
    }

    @Test("a frame that was under way when listening began is none")
    func startsInTheMiddle() {
        // 26 bits that are right by themselves and the end of a longer frame.
        var line = WiegandLine(formats: [.w26], startNs: ms(499))
        #expect(line.read(self.pulses(Self.card26)).rejections == [.crowded])
        #expect(line.read(self.pulses(Self.card26, at: ms(700))).cards == [Self.name26])
    }

    @Test("noise hinders a card for its own silence only")
    func noiseBefore() {
        var line = self.line()
        var pulses = self.pulses(Self.card26)
        pulses.append(Pulse(wire: .d0, atNs: ms(475)))
        let outcomes = line.read(pulses)
        #expect(outcomes.rejections == [.noise])
        #expect(outcomes.cards == [Self.name26])
        var near = self.pulses(Self.card26, at: ms(900))
        near.append(Pulse(wire: .d0, atNs: ms(876)))
        #expect(line.read(near).rejections == [.irregular])
    }

    @Test("two cards right after each other are both read, or neither")
    func cardsInARow() {
        for (gap, names) in [(ms(25), [Self.name26, Self.name34]), (ms(24), [])] {
            var line = self.line()
            let first = self.pulses(Self.card26)
            let start = (first.last?.atNs ?? 0) + gap
            let outcomes = line.read(first + self.pulses(Self.card34, at: start))
            #expect(outcomes.cards == names)
        }
    }

    @Test("endless pulses are counted while they go on, and end with a silence")
    func endlessNoise() throws {
        var line = self.line()
        // Mains hum on an open wire.
        let hum = (0..<1000).map { Pulse(wire: .d1, atNs: ms(500 + $0 * 20)) }
        let outcomes = line.take(hum.signals)
        #expect(outcomes.rejections == Array(repeating: .tooLong, count: 7))
        #expect(outcomes.faults == [.noise])
        let silence = try #require(line.deadlineNs)
        #expect(line.advance(to: silence).isEmpty)
        let next = line.read(self.pulses(Self.card26, at: silence + ms(100)))
        #expect(next.cards == [Self.name26])
        #expect(next.restored == [.noise])
        #expect(line.tally.counts["frames"] == 8)
    }

    @Test("two readers know nothing of each other")
    func twoReaders() {
        var (front, side) = (self.line(), self.line([.w26]))
        var outcomes: [[WiegandOutcome]] = [[], []]
        let here = self.pulses(Self.card34, every: ms(2)).signals
        let there = self.pulses(Self.card26, at: ms(503)).signals
        for index in 0..<34 {
            outcomes[0] += front.take([here[index]])
            if index < 26 { outcomes[1] += side.take([there[index]]) }
        }
        outcomes[0] += front.advance(to: ms(900))
        outcomes[1] += side.advance(to: ms(900))
        #expect(outcomes.map(\.cards) == [[Self.name34], [Self.name26]])
    }

    @Test("a clock that was set loses one frame at most")
    func clockSteps() {
        var line = self.line()
        #expect(line.read(self.pulses(Self.card26, at: ms(90_000_000))).cards == [Self.name26])
        #expect(line.read(self.pulses(Self.card26, at: ms(1000))).rejections == [.crowded])
        #expect(line.read(self.pulses(Self.card26, at: ms(2000))).cards == [Self.name26])
        // In the middle of a frame.
        _ = line.take(self.pulses("0101", at: ms(50_000)).signals)
        let outcomes = line.read(self.pulses(Self.card26, at: ms(3000)))
        #expect(outcomes.cards.isEmpty)
        #expect(line.read(self.pulses(Self.card26, at: ms(4000))).cards == [Self.name26])
    }

    @Test("no timestamp stops the bin")
    func absurdTimes() {
        let times: [Int64] = [.min, .max, 0, .max - 1, -1, .min + 1, 5]
        var line = self.line()
        for first in times {
            for second in times {
                let signals: [WiegandSignal] = [
                    .pulse(.d0, atNs: first), .lost(fromNs: first, untilNs: second),
                    .pulse(.d1, atNs: second), .pulse(.d1, atNs: first),
                ]
                #expect(line.take(signals).cards.isEmpty)
                #expect(line.advance(to: second).cards.isEmpty)
            }
        }
    }
}
