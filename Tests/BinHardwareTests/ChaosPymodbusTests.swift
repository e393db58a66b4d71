import BinCore
import Testing

@testable import BinHardware

/// The bus against a Modbus server that isn't ours, on a line that spoils replies:
/// `deploy/pymodbus/run.sh swift test` enables it.
@Suite(
    .enabled(if: Pymodbus.python != nil, "run it by deploy/pymodbus/run.sh"),
    .timeLimit(.minutes(2)), .serialized)
struct ChaosPymodbusTests {
    private static let units = 1...8
    private static let stepMs: Int64 = 300
    /// How old a value may be that a reading tells: its timeout, and what a loaded machine adds.
    private static let oldestMs: Int64 = 1000

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

    private func bus(_ server: Pymodbus, timeoutMs: Int) throws -> BusSettings {
        var settings = try Fixtures.bus(server.path, timeoutMs: timeoutMs)
        settings.parity = .none
        return settings
    }

    private func put(step: Int, of unit: Int, to server: Pymodbus) throws {
        let grams = UInt16(Self.grams(unit: unit, step: step))
        try server.put(unit, [0, grams, UInt16(step % 2)])
    }

    @Test("No wrong weight comes through", arguments: [(1, 11), (5, 12), (20, 13)])
    func chaos(percent: Int, seed: Int) async throws {
        let server = try Pymodbus(spoiling: percent, seed: seed)
        defer { server.end() }
        let clock = RunningClock()
        var weighed: [Int: [Weighed]] = [:]
        var step = 0
        func stepOn() throws {
            for unit in Self.units {
                let from = clock.now()
                try self.put(step: step, of: unit, to: server)
                let last = (weighed[unit]?.count ?? 0) - 1
                if last >= 0 { weighed[unit]?[last].until = clock.now() }
                weighed[unit, default: []].append(Weighed(step: step, from: from))
            }
            step += 1
        }
        try stepOn()
        let scales = try Self.units.map { try Fixtures.scale("s\($0)", unit: $0) }
        var readings = 0
        try await ModbusBus.whileRunning(self.bus(server, timeoutMs: 150), scales: scales) {
            bus, events in
            let end = clock.now().advanced(byMs: 8000)
            var next = clock.now().advanced(byMs: Self.stepMs)
            while clock.now() < end {
                if clock.now() >= next {
                    try stepOn()
                    next = clock.now().advanced(byMs: Self.stepMs)
                }
                guard case .reading(let scale, let reading) = try await events.next() else {
                    continue
                }
                readings += 1
                let unit = Int(scale.text.dropFirst()) ?? 0
                let isRight = (weighed[unit] ?? []).contains { value in
                    let grams = Int64(Self.grams(unit: unit, step: value.step))
                    let isOld = value.until.map { reading.at.ms(since: $0) > Self.oldestMs }
                    return reading.mass == Milligrams(grams * 1000)
                        && reading.isStable == (value.step % 2 == 1) && isOld != true
                        && reading.at >= value.from
                }
                #expect(isRight, "\(scale) said \(reading) at \(clock.now())")
            }
            let health = bus.health().dropFirst()
            let bad = health.reduce(0) { $0 + $1.timeouts + $1.badFrames }
            #expect(bad > 0)
            print("chaos \(percent) %: \(readings) readings, \(bad) bad exchanges, \(step) steps")
        }
        #expect(readings >= 40)
    }

    @Test func sevenKeepTheirPeriodWhileTheEighthIsDead() async throws {
        let server = try Pymodbus()
        defer { server.end() }
        for unit in Self.units { try self.put(step: 0, of: unit, to: server) }
        try server.mute(8)
        var scales = try Self.units.map { try Fixtures.scale("s\($0)", unit: $0) }
        let dead = try Fixtures.name("s8")
        scales[7].driver = .modbus(
            ModbusScaleSettings(
                bus: try Fixtures.name("rs485"), address: 8, registers: try Fixtures.registers(),
                timeoutMs: 50))
        let clock = RunningClock()
        try await ModbusBus.whileRunning(self.bus(server, timeoutMs: 500), scales: scales) {
            _, events in
            #expect(try await events.nextNotice() == .failed("scale s8", "no-reply"))
            let spanMs: Int64 = 8000
            let start = clock.now()
            var polls: [Name: Int] = [:]
            while clock.now() < start.advanced(byMs: spanMs) {
                guard case .reading(let scale, _) = try await events.next() else { continue }
                polls[scale, default: 0] += 1
            }
            #expect(polls.count == 7 && polls[dead] == nil)
            let all = Int(spanMs / PollSchedule.periodMs)
            #expect(polls.values.allSatisfy { $0 * 10 >= all * 9 }, "\(polls)")
            print("one of eight dead: \(polls.values.sorted()) of \(all) polls")
        }
    }
}
