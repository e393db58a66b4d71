import BinCore
import CHX711
import Simulation
import Testing

@testable import BinHardware

/// CHX711 on a simulated chip: what one read comes to.
struct HX711TimingTests {
    private static let inputs: [HX711Selection: UInt32] = [
        .a128: 0x0A1B2C, .a64: 0x051234, .b32: 0xF5E4D4,
    ]

    /// A settled chip that has announced a conversion, and when.
    private static func ready(
        _ words: [HX711Selection: UInt32] = Self.inputs
    ) throws -> HX711Bench {
        var chip = HX711Chip(words: words)
        _ = chip.isDataHigh(atNs: 399_000_000)
        let bench = HX711Bench(chip)
        _ = try bench.withWires { wires in
            wires.pointee.delay_ns(wires.pointee.context, 400_000_000)
            return 0
        }
        return bench
    }

    private static func read(
        _ bench: HX711Bench, pulses: Int32 = 25
    ) throws -> (code: Int, result: chx711_result) {
        var result = chx711_result()
        let code = try bench.withWires { chx711_read($0, pulses, &result) }
        return (Int(code), result)
    }

    @Test(
        "words come as they are, most significant bit first",
        // DOMAIN: codes for tests, computed from the data sheet's format.
        arguments: [0x000000, 0x000001, 0x7FFFFF, 0x800000, 0xFFFFFF, 0x0A1B2C, 0xF5E4D4])
    func words(word: UInt32) throws {
        let bench = try Self.ready([.a128: word])
        let (code, result) = try Self.read(bench)
        #expect(code == CHX711_OK)
        #expect(result.word == word)
        #expect(result.pulses == 25)
        #expect(result.longest_high_ns == 1000)
        #expect(result.end_ns - result.begin_ns == 50_000)
    }

    @Test(
        "the high phase is judged on both sides of each limit, at every pulse",
        arguments: [
            (1000, CHX711_OK), (49_000, CHX711_OK), (50_000, CHX711_OK), (50_001, CHX711_SLOW),
            (60_000, CHX711_SLOW), (60_001, CHX711_POWERED_DOWN), (200_000, CHX711_POWERED_DOWN),
        ] as [(Int64, Int)],
        [HX711Bench.Moment.beforeRise, .high, .afterFall])
    func limits(high: (ns: Int64, code: Int), moment: HX711Bench.Moment) throws {
        for pulses in 25...27 {
            for pulse in 1...pulses {
                let bench = try Self.ready()
                bench.interruptions = [
                    .init(pulse: pulse, moment: moment, ns: high.ns - 1000)
                ]
                let (code, result) = try Self.read(bench, pulses: Int32(pulses))
                #expect(code == high.code, "pulse \(pulse) of \(pulses)")
                #expect(result.longest_high_ns == high.ns)
                // What may have been powered down is not clocked on, but surely powered down.
                let isDown = high.code == CHX711_POWERED_DOWN
                #expect(result.pulses == (isDown ? pulse : pulses))
                #expect((bench.chip.powerDowns > 0) == isDown)
            }
        }
    }

    @Test("time spent with the clock low is harmless", arguments: [49, 51, 61, 200] as [Int64])
    func lowPhase(us: Int64) throws {
        for pulse in 1...25 {
            let bench = try Self.ready()
            bench.interruptions = [.init(pulse: pulse, moment: .low, ns: us * 1000)]
            let (code, result) = try Self.read(bench)
            #expect(code == CHX711_OK)
            #expect(result.word == 0x0A1B2C)
            #expect(result.longest_high_ns == 1000)
        }
    }

    @Test func aChipThatIsBusyIsNotClocked() throws {
        let bench = HX711Bench(HX711Chip(words: Self.inputs))
        let (code, result) = try Self.read(bench)
        #expect(code == CHX711_NOT_READY)
        #expect(result.pulses == 0)
        #expect(bench.chip.pulsesSeen == 0)
    }

    @Test func dataThatStaysLowIsAWrongCount() throws {
        let bench = try Self.ready()
        bench.chip.dataWire = .stuckLow
        #expect(try Self.read(bench).code == CHX711_BAD_COUNT)
    }

    @Test("a pulse that the chip missed is seen where its last bit is 0", arguments: 1...25)
    func lostPulse(pulse: Int) throws {
        let bench = try Self.ready()
        bench.chip.lostPulses = [pulse]
        #expect(try Self.read(bench).code == CHX711_BAD_COUNT)
    }

    @Test(arguments: [24, 28, 0, -1] as [Int32])
    func otherNumbersOfPulsesAreRefused(pulses: Int32) throws {
        let bench = try Self.ready()
        #expect(throws: LineError.self) { try Self.read(bench, pulses: pulses) }
        #expect(bench.chip.pulsesSeen == 0)
    }

    @Test(
        "pulses select channel and gain of the next conversion", arguments: HX711Selection.allCases)
    func selection(selection: HX711Selection) throws {
        let bench = try Self.ready()
        _ = try Self.read(bench, pulses: Int32(selection.pulses))
        // Settled at the fourth conversion after the change.
        for _ in 0..<4 {
            _ = try bench.withWires { wires in
                wires.pointee.delay_ns(wires.pointee.context, 100_000_000)
                return 0
            }
            let (code, result) = try Self.read(bench, pulses: Int32(selection.pulses))
            #expect(code == CHX711_OK)
            if bench.nowNs > 800_000_000 { #expect(result.word == Self.inputs[selection]) }
        }
    }

    @Test func resetHoldsTheClockHighLongEnoughAndLetsItGo() throws {
        let bench = try Self.ready()
        try bench.reset()
        #expect(bench.chip.powerDowns == 1)
        #expect(bench.nowNs == 410_000_000)
        #expect(bench.chip.nextAnnouncementNs == 510_000_000)
    }
}
