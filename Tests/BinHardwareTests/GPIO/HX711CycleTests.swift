import BinCore
import Simulation
import Testing

@testable import BinHardware

/// The whole way from a simulated chip's wires to what the bin is told.
struct HX711CycleTests {
    /// Near zero on both sides, in the middle, and with ones in its last bits.
    private static let words: [UInt32] = [0x000000, 0x0A1B2C, 0xF5E4D4, 0x0A1B7F]

    private static func inputs(
        _ selection: HX711Selection, _ word: UInt32
    ) -> [HX711Selection: UInt32] {
        // On the other channels lies something else, which must never be told.
        var words: [HX711Selection: UInt32] = [.a128: 0x111110, .a64: 0x088888, .b32: 0x044444]
        words[selection] = word
        return words
    }

    private static func counts(_ word: UInt32) throws -> Int64 {
        try #require(HX711Word(word)).counts
    }

    @Test(
        "interrupted while the clock is high: no wrong weight is told, ever",
        arguments: HX711Selection.allCases, HX711Chip.Revision.allCases)
    func interruptions(selection: HX711Selection, revision: HX711Chip.Revision) throws {
        for (tellsUnsettled, word) in Self.words.map({ (true, $0) }) + [(false, Self.words[1])] {
            for us in [49, 51, 61, 200] as [Int64] {
                for pulse in 1...selection.pulses {
                    let bench = HX711Bench(
                        HX711Chip(
                            words: Self.inputs(selection, word), revision: revision,
                            tellsUnsettled: tellsUnsettled))
                    // The pulse of the reset, six reads, then the one that is interrupted.
                    let reads = 6
                    bench.interruptions = [
                        .init(
                            pulse: 1 + reads * selection.pulses + pulse, moment: .high,
                            ns: us * 1000 - 1000)
                    ]
                    let (told, health) = try bench.read(selection, tenths: tellsUnsettled ? 22 : 32)
                    let counts = try Self.counts(word)
                    #expect(told.conversions.allSatisfy { $0.counts == counts })
                    #expect(told.conversions.count >= 5)
                    #expect(told.notices.isEmpty)
                    #expect(health.counts["slow-clock"] == (us == 51 ? 1 : 0))
                    #expect(health.counts["powered-down"] == (us >= 61 ? 1 : 0))
                    // Ours at the start, its own, and ours to be sure of it.
                    #expect(bench.chip.powerDowns == (us >= 61 ? 3 : 1))
                }
            }
        }
    }

    @Test(
        "interrupted at any moment of a pulse and for any time: no wrong weight is told",
        arguments: HX711Bench.Moment.allCases)
    func everyMoment(moment: HX711Bench.Moment) throws {
        for us in [49, 51, 61, 200, 8000, 99_000, 101_000] as [Int64] {
            for pulse in 1...25 {
                let bench = HX711Bench(
                    HX711Chip(words: Self.inputs(.a128, 0x0A1B2C), revision: .v1))
                bench.callNs = 900
                bench.interruptions = [.init(pulse: 151 + pulse, moment: moment, ns: us * 1000)]
                let (told, health) = try bench.read(tenths: 30)
                #expect(told.conversions.allSatisfy { $0.counts == 0x0A1B2C })
                #expect(told.conversions.count >= 10)
                if moment == .low, us <= 8000 {
                    #expect(health.counts.filter { $0.value > 0 } == ["settling": 5])
                }
            }
        }
    }

    @Test("each channel and gain is told after it settled", arguments: HX711Selection.allCases)
    func selections(selection: HX711Selection) throws {
        for rate in [10, 80] {
            let timing = HX711Timing(rate: rate)
            let bench = HX711Bench(
                HX711Chip(words: Self.inputs(selection, 0x0A1B2C), timing: timing))
            let (told, health) = try bench.read(selection, rate: rate, tenths: 20)
            #expect(told.conversions.allSatisfy { $0.counts == 0x0A1B2C })
            #expect(told.conversions.count >= rate * 2 - 6)
            #expect(health.counts["settling"] == 5)
            #expect(health.state == .working)
        }
    }

    @Test(
        "a broken wire is one fault and few attempts, and comes back by itself",
        arguments: [
            (.stuckHigh, "no-reply"), (.stuckLow, "pulse-count"),
        ] as [(HX711Chip.DataWire, String)])
    func brokenWire(wire: HX711Chip.DataWire, code: String) throws {
        let bench = HX711Bench(HX711Chip(words: Self.inputs(.a128, 0x0A1B2C)))
        bench.chip.dataWire = wire
        let told = try bench.read(tenths: 100)
        #expect(told.told.notices == [.failed("scale film", code)])
        #expect(told.told.conversions.isEmpty)
        #expect(told.health.state == .down)
        #expect(told.health.polls <= 20)
    }

    @Test(
        "a wire that was broken for a while makes no weight and heals",
        arguments: [.stuckHigh, .stuckLow] as [HX711Chip.DataWire], HX711Chip.Revision.allCases)
    func healedWire(wire: HX711Chip.DataWire, revision: HX711Chip.Revision) throws {
        for ms in stride(from: 1510, to: 1610, by: 3) {
            let breakNs = Int64(ms) * 1_000_000
            let bench = HX711Bench(
                HX711Chip(words: Self.inputs(.b32, 0x0A1B2C), revision: revision))
            bench.wireChanges = [
                (breakNs, wire), (breakNs + 2_500_000_000, .sound),
            ]
            let (told, health) = try bench.read(.b32, tenths: 80)
            #expect(told.notices.count == 2)
            #expect(told.conversions.allSatisfy { $0.counts == 0x0A1B2C })
            #expect(health.state == .working)
        }
    }

    @Test(
        "a pulse that the chip missed or saw twice makes no weight, in no read and at no place",
        arguments: HX711Selection.allCases, [false, true])
    func miscounts(selection: HX711Selection, isDoubled: Bool) throws {
        // The last bit decides whether the loss can be seen on the wires.
        for (word, tellsUnsettled) in [0x0A1B2C, 0x0A1B2D, 0xF5E4D5].flatMap({
            [($0, true), ($0, false)]
        }) as [(UInt32, Bool)] {
            let counts = try Self.counts(word)
            // Those that settle, the first ones that are told, and one among others.
            for read in [0, 2, 3, 4, 5, 6, 9] {
                for pulse in 1...selection.pulses {
                    let bench = HX711Bench(
                        HX711Chip(
                            words: Self.inputs(selection, word), tellsUnsettled: tellsUnsettled))
                    let place = 1 + read * selection.pulses + pulse
                    if isDoubled {
                        bench.chip.doubledPulses = [place]
                    } else {
                        bench.chip.lostPulses = [place]
                    }
                    let (told, health) = try bench.read(selection, tenths: 40)
                    // In the last bits it is within the noise.
                    let wrong = told.conversions.map { $0.counts - counts }.filter { abs($0) > 256 }
                    #expect(
                        wrong.isEmpty, "\(word) pulse \(pulse) of read \(read) \(tellsUnsettled)")
                    #expect(told.conversions.count >= 10)
                    #expect(told.notices.isEmpty)
                    #expect(health.state == .working)
                }
            }
        }
    }

    @Test(
        "a supply that was away makes no weight, however long it was",
        arguments: HX711Selection.allCases, [true, false])
    func supplyDips(selection: HX711Selection, tellsUnsettled: Bool) throws {
        for startMs in stride(from: 1510, to: 1610, by: 7) {
            for ms in [1, 20, 60, 200] as [Int64] {
                let bench = HX711Bench(
                    HX711Chip(
                        words: Self.inputs(selection, 0x0A1B2C), tellsUnsettled: tellsUnsettled))
                bench.supplyDips = [(Int64(startMs) * 1_000_000, ms * 1_000_000)]
                let (told, health) = try bench.read(selection, tenths: 40)
                #expect(told.conversions.allSatisfy { $0.counts == 0x0A1B2C })
                #expect(told.conversions.count >= 10)
                #expect(told.notices.isEmpty)
                #expect(health.state == .working)
            }
        }
    }

    @Test func aWrongRateIsNoFault() throws {
        // Set to 80 a second, strapped to 10: late each time, but there.
        let bench = HX711Bench(HX711Chip(words: Self.inputs(.a128, 0x0A1B2C)))
        let (told, health) = try bench.read(rate: 80, tenths: 50)
        #expect(told.notices.isEmpty)
        #expect(told.conversions.count >= 40)
        #expect(health.timeouts > 0)
    }
}
