import BinCore
import Testing

@testable import BinHardware

/// The bus against a Modbus server that isn't ours, on a line that spoils replies:
/// `deploy/pymodbus/run.sh swift test` enables it.
@Suite(
    .enabled(if: Pymodbus.python != nil, "run it by deploy/pymodbus/run.sh"),
    .timeLimit(.minutes(3)), .serialized)
struct ChaosPymodbusTests {
    private static let units = 1...8
    /// These have weight, status and the converter's code far from each other.
    private static let farUnits = 7...8
    private static let readerUnit = 9
    private static let stepMs: Int64 = 300
    /// A card comes with every so many steps.
    private static let stepsPerCard = 4
    /// How old a value may be that a reading tells: what a loaded machine adds. Replies are up to
    /// a second late.
    private static let oldestMs: Int64 = 250

    /// What a transmitter was told to weigh, and when.
    private struct Weighed {
        let step: Int
        let from: BootInstant
        /// The next value was there for sure.
        var until: BootInstant?
    }

    /// The weight of a unit at a step is of no other unit and no other step, in grams; the status
    /// says "stable" at every other step, so that a status of another weight shows.
    private static func grams(unit: Int, step: Int) -> Int { unit * 4000 + step * 10 }

    private static func card(_ number: Int) -> String {
        "uid:A41E45" + (number < 16 ? "0" : "") + String(number, radix: 16, uppercase: true)
    }

    /// Weight at 40, status at 8, the converter's code at 20, which is as long as the weight.
    private static func farRegisters() throws -> ScaleRegisters {
        ScaleRegisters(
            weight: .init(
                table: .holding, address: 40, coding: .int32, order: .big,
                scale: try #require(Ratio(1, 1))),
            status: .init(table: .holding, address: 8, stable: StatusBit(index: 0)),
            liveness: .init(
                kind: .noise, block: RegisterBlock(table: .holding, address: 20, count: 2)))
    }

    private static func scales() throws -> [ScaleSettings] {
        try Self.units.map { unit in
            let far = Self.farUnits.contains(unit) ? try Self.farRegisters() : nil
            return try Fixtures.scale("s\(unit)", unit: unit, registers: far)
        }
    }

    private static func bus(_ server: Pymodbus, timeoutMs: Int) throws -> BusSettings {
        var settings = try Fixtures.bus(server.path, timeoutMs: timeoutMs)
        settings.parity = .none
        return settings
    }

    private static func put(step: Int, of unit: Int, to server: Pymodbus) throws {
        let grams = UInt16(Self.grams(unit: unit, step: step))
        let status = UInt16(step % 2)
        guard Self.farUnits.contains(unit) else {
            return try server.put(unit, [0, grams, status])
        }
        var values = [UInt16](repeating: 0, count: 34)
        values[0] = status
        // Beyond what any unit weighs.
        values[12] = 25
        values[13] = UInt16(step)
        values[33] = grams
        try server.put(unit, values, at: 8)
    }

    /// The server's values, step by step, and what was there when.
    private struct Course {
        let server: Pymodbus
        var weighed: [Int: [Weighed]] = [:]
        private(set) var step = 0

        init(_ server: Pymodbus) { self.server = server }

        mutating func stepOn(_ clock: some MonotonicClock) throws {
            for unit in ChaosPymodbusTests.units {
                let from = clock.now()
                try ChaosPymodbusTests.put(step: self.step, of: unit, to: self.server)
                let last = (self.weighed[unit]?.count ?? 0) - 1
                if last >= 0 { self.weighed[unit]?[last].until = clock.now() }
                self.weighed[unit, default: []].append(Weighed(step: self.step, from: from))
            }
            let card = UInt16(self.step / ChaosPymodbusTests.stepsPerCard)
            try self.server.put(ChaosPymodbusTests.readerUnit, [card, 0xA41E, 0x4500 + card])
            self.step += 1
        }

        /// How long ago a transmitter weighed what is said of it; `nil` if it never did.
        func ageMs(of reading: Reading, unit: Int) -> Int64? {
            (self.weighed[unit] ?? []).filter { value in
                let grams = Int64(ChaosPymodbusTests.grams(unit: unit, step: value.step))
                return reading.mass == Milligrams(grams * 1000) && reading.at >= value.from
                    && reading.isStable == (value.step % 2 == 1)
            }.map { $0.until.map { max(0, reading.at.ms(since: $0)) } ?? 0 }.min()
        }
    }

    @Test(
        "No wrong weight and no second tap comes through", arguments: [(1, 11), (5, 12), (20, 13)])
    func chaos(percent: Int, seed: Int) async throws {
        let server = try Pymodbus(spoiling: percent, seed: seed)
        defer { server.end() }
        let clock = RunningClock()
        var course = Course(server)
        try course.stepOn(clock)
        var readings = 0
        var oldestMs: Int64 = 0
        var cards: [String] = []
        let reader = try Fixtures.reader(.counter(Fixtures.register(0)), unit: Self.readerUnit)
        try await ModbusBus.whileRunning(
            Self.bus(server, timeoutMs: 150), scales: Self.scales(), readers: [reader]
        ) { bus, events in
            let end = clock.now().advanced(byMs: 15_000)
            var next = clock.now().advanced(byMs: Self.stepMs)
            while clock.now() < end {
                if clock.now() >= next {
                    try course.stepOn(clock)
                    next = clock.now().advanced(byMs: Self.stepMs)
                }
                switch try await events.next() {
                case .reading(_, let reading) where reading.condition == .unsure: break
                case .reading(let scale, let reading):
                    readings += 1
                    let unit = Int(scale.text.dropFirst()) ?? 0
                    let ageMs = course.ageMs(of: reading, unit: unit)
                    #expect(ageMs.map { $0 <= Self.oldestMs } ?? false, "\(scale) said \(reading)")
                    oldestMs = max(oldestMs, ageMs ?? 0)
                case .presented(_, let card, _): cards.append(card.description)
                case .converted, .pieces, .contact, .filled, .failed, .restored: break
                }
            }
            let health = bus.health().dropFirst()
            let bad = health.reduce(0) { $0 + $1.timeouts + $1.badFrames }
            #expect(bad > 0)
            print(
                "chaos \(percent) %: \(readings) readings, the oldest \(oldestMs) ms behind, "
                    + "\(cards.count) cards, "
                    + "\(bad) bad exchanges, \(course.step) steps")
        }
        #expect(readings >= 40)
        // Each at most once, and in the order in which they came.
        let known = (0...course.step / Self.stepsPerCard).map(Self.card)
        let places = cards.compactMap { known.firstIndex(of: $0) }
        #expect(!places.isEmpty && places.count == cards.count)
        #expect(zip(places, places.dropFirst()).allSatisfy { $0 < $1 }, "\(cards)")
    }

    /// All with the same timeout, which is that of a bus that says nothing about it.
    @Test(
        "Seven keep their period while the eighth is dead",
        arguments: [(0, 21), (1, 22), (5, 23), (20, 24)])
    func dead(percent: Int, seed: Int) async throws {
        let server = try Pymodbus(spoiling: percent, seed: seed)
        defer { server.end() }
        for unit in Self.units { try Self.put(step: 0, of: unit, to: server) }
        try server.mute(8)
        let scales = try Self.units.map { try Fixtures.scale("s\($0)", unit: $0) }
        let dead = try Fixtures.name("s8")
        let clock = RunningClock()
        let standard = BusSettings(name: dead, port: "").timeoutMs
        try await ModbusBus.whileRunning(Self.bus(server, timeoutMs: standard), scales: scales) {
            bus, events in
            var isDown = false
            while !isDown {
                if case .failed(let source, _) = try await events.nextNotice() {
                    isDown = source == "scale s8"
                }
            }
            // By then the bus knows how fast each of them answers.
            let known = clock.now().advanced(byMs: 5000)
            while clock.now() < known { _ = try await events.next() }
            let spanMs: Int64 = 10_000
            let (start, before) = (clock.now(), bus.health())
            var readings: [Name: Int] = [:]
            while clock.now() < start.advanced(byMs: spanMs) {
                guard case .reading(let scale, let reading) = try await events.next(),
                    reading.condition != .unsure
                else { continue }
                readings[scale, default: 0] += 1
            }
            let after = bus.health()
            let asked = zip(before, after).map { $1.polls - $0.polls }
            #expect(readings.count == 7 && readings[dead] == nil)
            let all = spanMs / PollSchedule.periodMs
            // Where a fifth is spoiled one may look dead for a moment, and weights that are said
            // again are spoiled, too.
            let sum = asked[1...7].reduce(0, +)
            #expect(sum * 10 >= 7 * all * 9, "\(asked)")
            let least = percent < 20 ? 90 : 40
            #expect(asked[1...7].allSatisfy { $0 * 100 >= all * Int64(least) }, "\(asked)")
            #expect(
                readings.values.allSatisfy { Int64($0) * 100 >= all * Int64(least) }, "\(readings)")
            print(
                "one of eight dead, \(percent) % spoiled: of \(all) polls \(asked[1...7].sorted()) "
                    + "were made, \(readings.values.sorted()) gave a reading")
        }
    }
}
