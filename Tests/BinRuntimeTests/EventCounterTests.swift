import BinCore
import Records
import Synchronization
import Testing

@testable import BinRuntime

/// A scale on an HX711 of 20 counts a gram that was switched on, with a calibration of old.
@Suite struct EventCounterTests {
    private let mark = LegalMark(parameters: "p", software: "0+a", events: 7)
    private let bench: BinBench

    init() throws {
        var memory = BinMemory()
        memory.compartments[try name("pet")] = BinMemory.Compartment(
            calibration: Calibration(zero: 5_000, span: 200_000, reference: Grams(10_000)))
        memory.isSwitchedOn = true
        self.bench = try BinBench(
            driver: .hx711(HX711Settings(chip: "c", clock: 1, data: 2)), memory: memory,
            boot: BootFact(version: "0+a", config: "c", reason: .power, legal: self.mark))
    }

    private func weigh(_ grams: Int64, for ms: Int64, on loop: BinLoop) {
        for _ in 0..<ms / 100 {
            self.bench.clock.advance(byMs: 100)
            let conversion = Conversion(
                counts: 5_000 + 20 * grams, at: self.bench.clock.now())
            loop.take(.hardware(.converted(scale: self.bench.scale, conversion)))
        }
    }

    private func calibrate(_ step: CalibrationStep, on loop: BinLoop) async throws {
        let result = await withCheckedContinuation { reply in
            loop.take(
                .calibrate(
                    CalibrationRequest(
                        compartment: self.bench.scale, step: step, by: "li", reply: reply)))
        }
        _ = try result.get()
    }

    private var calibrations: [CalibrationFact] {
        self.bench.journal.facts.compactMap {
            if case .calibration(let fact) = $0 { fact } else { nil }
        }
    }

    @Test func everyCalibrationIsCountedWhoeverMakesIt() async throws {
        let told = Mutex<Int64>(0)
        let loop = self.bench.loop(publish: { news in told.withLock { $0 = news.events } })
        try loop.begin()
        #expect(told.withLock { $0 } == 7)
        self.weigh(10, for: 5_000, on: loop)
        #expect(told.withLock { $0 } == 8)
        try await self.calibrate(.zero, on: loop)
        #expect(told.withLock { $0 } == 9)
        self.weigh(10_010, for: 5_000, on: loop)
        try await self.calibrate(.span(reference: Grams(10_000)), on: loop)
        #expect(told.withLock { $0 } == 10)
        #expect(self.calibrations.map(\.by) == ["zero-tracking", "li", "li"])
        #expect(self.calibrations.map(\.seal?.events) == [8, 9, 10])
        #expect(self.calibrations.allSatisfy { $0.seal?.version == "0+a" })
        #expect(self.calibrations.allSatisfy { $0.converter == "pet hx711 gain 128" })
        try self.recount()
    }

    /// Anyone counts the same from the records.
    private func recount() throws {
        var count = EventCount(startsFromZero: false)
        for (index, fact) in self.bench.journal.facts.enumerated() {
            let header = RecordHeader(
                seq: RecordNumber(index + 1), boot: 1, moment: self.bench.clock.moment())
            try count.check(Record(header: header, fact: fact))
        }
        #expect(count.mark == LegalMark(parameters: "p", software: "0+a", events: 10))
    }

    @Test func whatTheMediumRefusesIsNotCounted() async throws {
        let told = Mutex<Int64>(0)
        let loop = self.bench.loop(publish: { news in told.withLock { $0 = news.events } })
        try loop.begin()
        self.bench.journal.state.withLock { $0.refuses = true }
        self.weigh(10, for: 5_000, on: loop)
        #expect(told.withLock { $0 } == 7)
        self.bench.journal.state.withLock { $0.refuses = false }
        self.weigh(10, for: 5_000, on: loop)
        #expect(told.withLock { $0 } == 8)
        #expect(self.calibrations.map(\.seal?.events) == [8])
    }
}
