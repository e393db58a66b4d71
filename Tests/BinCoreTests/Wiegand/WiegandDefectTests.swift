import BinCore
import Testing

/// Over 100,000 frames with defects: every one is the right card or a rejection.
struct WiegandDefectTests {
    struct Sample {
        var bits: [Bool]
        var name: String
    }

    /// SIA's limits, and what lies between.
    static let intervalsUs: [Int64] = [200, 880, 1000, 1190, 1850, 2000, 20_000]

    /// Random cards of a format by its bits.
    static func samples(_ format: Int, _ count: Int, _ dice: inout Rolls) -> [Sample] {
        (0..<count).map { _ in
            switch format {
            case 26:
                let (code, number) = (dice.below(1 << 8), dice.below(1 << 16))
                return Sample(
                    bits: bits(Encoder.h10301(code, number)),
                    name: "w26:" + Encoder.hex(code << 16 | number, 6))
            case 34:
                let (code, number) = (dice.below(1 << 16), dice.below(1 << 16))
                return Sample(
                    bits: bits(Encoder.h10306(code, number)),
                    name: "w34:" + Encoder.hex(code << 16 | number, 8))
            case 35:
                let (code, number) = (dice.below(1 << 12), dice.below(1 << 20))
                return Sample(
                    bits: bits(Encoder.corporate1000(code, number)),
                    name: "w35:" + Encoder.hex(code << 20 | number, 8))
            default:
                let number = dice.below(1 << 35)
                return Sample(
                    bits: bits(Encoder.h10302(number)), name: "w37:" + Encoder.hex(number, 9))
            }
        }
    }

    /// Runs frames through one line, each struck by `strike`.
    private func score(
        _ count: Int, lengths: [Int], formats: [WiegandFormat], seed: UInt64,
        line: WiegandLine? = nil, jitter: Int64 = 100, intervals: [Int64] = Self.intervalsUs,
        strike: ([Pulse], Int64, inout Rolls) -> [Pulse]
    ) -> Score {
        var dice = Rolls(seed: seed)
        let samples = lengths.flatMap { Self.samples($0, 200, &dice) }
        var line = line ?? WiegandLine(formats: formats, startNs: 0)
        var score = Score()
        var start = ms(100_000)
        for _ in 0..<count {
            let sample = samples[Int(dice.below(UInt64(samples.count)))]
            let intervalNs = us(intervals[Int(dice.below(UInt64(intervals.count)))])
            let reader = SimulatedReader(intervalNs: intervalNs, jitterPermille: jitter)
            let pulses = reader.pulses(sample.bits, at: start, &dice)
            score.count(line.read(strike(pulses, intervalNs, &dice)), of: sample.name)
            start += ms(2000)
        }
        return score
    }

    private static let common: [WiegandFormat] = [.w26, .w34, .w37]

    @Test("whole frames are all read", arguments: [0, 42, 110, 230] as [Int64])
    func wholeFrames(jitter: Int64) {
        let score = self.score(
            1000, lengths: [26, 34, 37], formats: Self.common, seed: 3, jitter: jitter
        ) { pulses, _, _ in pulses }
        #expect(score.right == score.frames, "\(score)")
    }

    @Test("no single defect makes another card", arguments: Defect.allCases)
    func singleDefects(defect: Defect) {
        for (formats, lengths) in [
            (Self.common, [26, 34, 37]), ([.w26, .w35, .w37], [26, 35, 37]),
        ] as [([WiegandFormat], [Int])] {
            let score = self.score(4000, lengths: lengths, formats: formats, seed: 11) {
                defect.strike($0, every: $1, &$2)
            }
            #expect(score.wrong == 0, "\(score)")
        }
    }

    /// Parity can't tell two defects from none: this says how often that makes another card.
    @Test("several defects at once make another card no more often", arguments: Disaster.allCases)
    func disasters(disaster: Disaster) {
        let score = self.score(2000, lengths: [26, 34, 37], formats: Self.common, seed: 5) {
            disaster.strike($0, every: $1, &$2)
        }
        #expect(score.wrong * 1000 <= score.frames * disaster.mostWrongPermille, "\(score)")
    }

    /// A reader with 34 and 35 bits configured that sends one of them.
    @Test(
        "lengths that differ by one bit: what the reader usually sends decides",
        arguments: [34, 35])
    func neighbours(length: Int) {
        for defect in Defect.allCases {
            var line = WiegandLine(formats: [.w34, .w35], startNs: 0)
            var dice = Rolls(seed: 9)
            for (index, sample) in Self.samples(length, 3, &dice).enumerated() {
                let pulses = SimulatedReader()
                    .pulses(sample.bits, at: ms(1000 + Int64(index) * 1000), &dice)
                #expect(line.read(pulses).cards == [sample.name])
            }
            let score = self.score(
                1500, lengths: [length], formats: [], seed: 21, line: line, jitter: 0
            ) { defect.strike($0, every: $1, &$2) }
            #expect(score.wrong == 0, "\(defect): \(score)")
        }
    }

    @Test("a frame of the unusual length is read when it comes twice, or is certain")
    func unusualLengths() throws {
        var line = WiegandLine(formats: [.w34, .w35], startNs: 0)
        var dice = Rolls(seed: 9)
        var second: Int64 = 1
        func read(_ bits: [Bool]) -> [WiegandOutcome] {
            defer { second += 1 }
            return line.read(SimulatedReader().pulses(bits, at: ms(second * 1000), &dice))
        }
        var rolls = Rolls(seed: 4)
        for sample in Self.samples(35, 3, &rolls) {
            #expect(read(sample.bits).cards == [sample.name])
        }
        // All zeros but the last: with a 1 in front it is a right frame of 35 bits as well.
        let doubtful = bits(Encoder.h10306(0, 0))
        #expect(read(doubtful).rejections == [.doubtful])
        second += 10
        #expect(read(doubtful).rejections == [.doubtful])
        #expect(read(doubtful).cards == ["w34:00000000"])
        #expect(read(bits(Encoder.h10306(0, 0))).cards == ["w34:00000000"])
        #expect(line.tally.counts["doubtful"] == 2 && line.fault == nil)
    }

    @Test("glued frames are read right or not at all")
    func gluedFrames() {
        var dice = Rolls(seed: 13)
        let samples = Self.samples(26, 100, &dice) + Self.samples(34, 100, &dice)
        var line = WiegandLine(formats: Self.common, startNs: 0)
        var start = ms(1000)
        for _ in 0..<1500 {
            let first = samples[Int(dice.below(200))]
            let second = samples[Int(dice.below(200))]
            let reader = SimulatedReader(intervalNs: us(Self.intervalsUs[Int(dice.below(7))]))
            let head = reader.pulses(first.bits, at: start, &dice)
            let end = head.last?.atNs ?? 0
            let tail = reader.pulses(second.bits, at: end + dice.within(us(50)...ms(120)), &dice)
            let cards = line.read(head + tail).cards
            #expect([[], [first.name], [first.name, second.name]].contains(cards))
            start += ms(3000)
        }
    }

    /// A thread that reads late, and lines whose queues hold 16 events and drop the newest.
    private func stalled(capacity: Int?, seed: UInt64) -> Score {
        var dice = Rolls(seed: seed)
        let samples = [26, 34, 37].flatMap { Self.samples($0, 200, &dice) }
        var line = WiegandLine(formats: Self.common, startNs: 0)
        var score = Score()
        var now = ms(1000)
        for _ in 0..<3000 {
            let sample = samples[Int(dice.below(600))]
            let interval = us([200, 880, 1000, 2000][Int(dice.below(4))])
            let pulses = SimulatedReader(intervalNs: interval)
                .pulses(sample.bits, at: now + ms(200), &dice)
            let end = (pulses.last?.atNs ?? now) + ms(300)
            var outcomes: [WiegandOutcome] = []
            while now < end {
                let wake = now + dice.within(us(200)...ms(60))
                let seen = pulses.filter { $0.atNs >= now && $0.atNs < wake }
                let d0 = seen.filter { $0.wire == .d0 }.map(\.atNs).prefix(16)
                let d1 = seen.filter { $0.wire == .d1 }.map(\.atNs).prefix(16)
                outcomes += line.take(
                    WiegandSignal.merged(
                        d0: Array(d0), d1: Array(d1), capacity: capacity, readAtNs: wake))
                outcomes += line.advance(to: wake)
                now = wake
            }
            score.count(outcomes, of: sample.name)
        }
        return score
    }

    @Test("a queue that was full spoils its frame, also at the frame's ends")
    func fullQueues() {
        let told = self.stalled(capacity: WiegandSignal.queueOfV1, seed: 1)
        #expect(told.wrong == 0, "\(told)")
        #expect(told.right * 2 > told.frames, "\(told)")
    }

    @Test("losses are placed behind the last event that the queue could hold")
    func mergesQueues() {
        let d0 = (0..<16).map { Int64($0) * 10 }
        let merged = WiegandSignal.merged(
            d0: d0, d1: [155, 45], capacity: 16, readAtNs: 500)
        #expect(merged.count == 19)
        #expect(merged[5] == .pulse(.d1, atNs: 45))
        #expect(merged[15] == .pulse(.d0, atNs: 140))
        #expect(
            merged[16...] == [
                .pulse(.d0, atNs: 150), .lost(fromNs: 150, untilNs: 500),
                .pulse(.d1, atNs: 155),
            ])
        let fifteen = WiegandSignal.merged(
            d0: Array(d0.dropLast()), d1: [], capacity: 16, readAtNs: 500)
        #expect(fifteen.count == 15)
    }

    @Test("a loss spoils what it touches, and not the next card")
    func losses() {
        var dice = Rolls(seed: 2)
        let text = bits(WiegandLineTests.card26)
        for (fromNs, untilNs, cards) in [
            (ms(400), ms(470), 1), (ms(400), ms(476), 0), (ms(510), ms(510), 0),
            (ms(540), ms(560), 0), (ms(551), ms(560), 1),
        ] as [(Int64, Int64, Int)] {
            var line = WiegandLine(formats: [.w26], startNs: 0)
            let reader = SimulatedReader(jitterPermille: 0)
            var signals = reader.pulses(text, at: ms(500), &dice).signals
            let index = signals.firstIndex {
                if case .pulse(_, let atNs) = $0 { atNs > fromNs } else { false }
            }
            signals.insert(.lost(fromNs: fromNs, untilNs: untilNs), at: index ?? signals.count)
            let outcomes = line.take(signals) + line.advance(to: ms(900))
            #expect(outcomes.cards.count == cards)
            #expect(outcomes.rejections.contains(.lostEvents))
            let next = line.read(reader.pulses(text, at: ms(1000), &dice))
            #expect(next.cards == [WiegandLineTests.name26])
        }
    }

    @Test("no signals stop the bin, and few of noise alone are a card")
    func garbage() {
        var dice = Rolls(seed: 17)
        var line = WiegandLine(formats: Self.common, startNs: 0)
        var atNs = ms(1000)
        var cards = 0
        for _ in 0..<20_000 {
            atNs += dice.below(50) == 0 ? ms(200) : dice.within(-us(100)...ms(3))
            let signal: WiegandSignal =
                dice.below(100) == 0
                ? .lost(fromNs: atNs, untilNs: atNs + dice.within(-ms(1)...ms(50)))
                : .pulse(dice.below(2) == 0 ? .d0 : .d1, atNs: atNs)
            cards += (line.take([signal]) + line.advance(to: atNs)).cards.count
        }
        #expect(cards == 0)
        let tally = line.tally
        #expect(tally.frames == tally.cards + tally.rejected.values.reduce(0, +))
    }
}
