import BinCore
import Records
import Synchronization
import Testing

@testable import BinRuntime

/// What happened, in order, at the bin and on the buses.
private final class Diary: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { self.lines.withLock { $0 } }

    func add(_ line: String) { self.lines.withLock { $0.append(line) } }
}

private struct DiaryBus: TransmitterCommanding {
    let diary: Diary
    let scales: [Name]
    var checked: CommandRefusal?
    var given: CommandRefusal?

    func check(_ effect: DeviceCommand.Effect, for scale: Name) async throws(CommandRefusal) {
        guard self.scales.contains(scale) else { throw .noSuchScale }
        if let checked { throw checked }
    }

    func give(
        _ effect: DeviceCommand.Effect, to scale: Name, by person: Attendant
    ) async throws(CommandRefusal) {
        self.diary.add("\(effect) to \(scale) by \(person)")
        if let given { throw given }
    }
}

private struct DiaryBin: Calibrating {
    let diary: Diary
    var failure: CalibrationFailure?

    var scales: [ScaleReport] { [] }

    func calibrate(
        _ compartment: Name, _ step: CalibrationStep, by: String
    ) async throws(CalibrationFailure) -> CalibrationResult {
        if let failure { throw failure }
        self.diary.add("\(step) noted of \(compartment) by \(by)")
        return CalibrationResult(zero: 0, calibration: nil, spread: 0)
    }
}

@Suite struct TransmitterDeskTests {
    private let diary = Diary()

    private func give(
        to place: String, bus change: (inout DiaryBus) -> Void = { _ in },
        failure: CalibrationFailure? = nil
    ) async throws -> Name {
        let device = try #require(DeviceID("bin-1"))
        var settings = BinSettings(
            device: device, community: try name("baiyun"),
            storage: StorageSettings(directory: "unused"))
        let pet = try name("pet")
        settings.compartments[pet] = CompartmentSettings(
            name: pet, material: try name("pet-bottle"), scale: try name("left"))
        var bus = DiaryBus(diary: self.diary, scales: [try name("left")])
        change(&bus)
        let desk = TransmitterDesk(
            settings, buses: [DiaryBus(diary: self.diary, scales: []), bus],
            bin: DiaryBin(diary: self.diary, failure: failure))
        let person = try #require(Attendant("li"))
        return try await desk.give(.zero, to: try name(place), by: person)
    }

    @Test("A scale is named by itself or its compartment", arguments: ["pet", "left"])
    func isNotedFirst(place: String) async throws {
        #expect(try await self.give(to: place).text == "pet")
        #expect(self.diary.all.count == 2)
        #expect(self.diary.all.first?.hasSuffix("noted of pet by li") == true)
        #expect(self.diary.all.last == "zero to left by li")
    }

    @Test func whatTheBusRefusesIsNotNoted() async throws {
        await #expect(throws: ServiceFailure.refused(.notListed)) {
            try await self.give(to: "pet", bus: { $0.checked = .notListed })
        }
        await #expect(throws: ServiceFailure.refused(.noSuchScale)) {
            try await self.give(to: "pet", bus: { $0 = DiaryBus(diary: $0.diary, scales: []) })
        }
        await #expect(throws: ServiceFailure.refused(.noSuchScale)) {
            try await self.give(to: "glass")
        }
        #expect(self.diary.all.isEmpty)
    }

    @Test func whatIsNotNotedIsNotGiven() async throws {
        await #expect(throws: ServiceFailure.notNoted(.refused(.busy))) {
            try await self.give(to: "pet", failure: .refused(.busy))
        }
        #expect(self.diary.all.isEmpty)
    }

    @Test func whatTheTransmitterDidNotTakeIsTold() async throws {
        let failed = CommandRefusal.failed(code: "no-reply", hint: "did not answer")
        await #expect(throws: ServiceFailure.refused(failed)) {
            try await self.give(to: "pet", bus: { $0.given = failed })
        }
        #expect(self.diary.all.count == 2)
    }

    /// The event counter of the legally relevant parameters.
    @Test func aCommandRaisesTheEventCounter() async throws {
        let bench = try BinBench()
        let loop = bench.loop()
        for _ in 0..<8 {
            bench.clock.advance(byMs: 200)
            let reading = Reading(
                mass: .zero, isStable: nil, condition: .normal, at: bench.clock.now())
            loop.take(.hardware(.reading(scale: bench.scale, reading)))
        }
        let result = await withCheckedContinuation { reply in
            loop.take(
                .calibrate(
                    CalibrationRequest(
                        compartment: bench.scale, step: .command(.zero), by: "li",
                        reply: reply)))
        }
        _ = try result.get()
        let facts = bench.journal.facts.compactMap { fact -> CalibrationFact? in
            if case .calibration(let calibration) = fact { calibration } else { nil }
        }
        #expect(facts.map(\.by) == ["li (transmitter zero)"])
        #expect(facts.first?.seal?.events == 1)
    }
}
