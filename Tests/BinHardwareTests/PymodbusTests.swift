import BinCore
import Testing

@testable import BinHardware

/// The bus against a Modbus server that isn't ours: `deploy/pymodbus/run.sh swift test` enables it.
@Suite(
    .enabled(if: Pymodbus.python != nil, "run it by deploy/pymodbus/run.sh"),
    .timeLimit(.minutes(1)))
struct PymodbusTests {
    @Test func readingsAndCardsComeThrough() async throws {
        let server = try Pymodbus()
        defer { server.end() }
        try server.put(1, [0, 1234, 0b0001])
        try server.put(9, [3, 0xA41E, 0x45C6])
        let side = try Fixtures.reader(.counter(Fixtures.register(0)))
        var back = try Fixtures.reader(.latched(Fixtures.register(0)), unit: 10)
        back.name = try Fixtures.name("back")
        var settings = try Fixtures.bus(server.path, timeoutMs: 2000)
        settings.parity = .none
        try await ModbusBus.whileRunning(
            settings, scales: [Fixtures.scale("pet", unit: 1)], readers: [side, back]
        ) { bus, events in
            let pet = try Fixtures.name("pet")
            #expect(try await events.nextReading(of: pet).mass == Milligrams(1_234_000))
            // By the second reading each reader was asked once.
            _ = try await events.nextReading(of: pet)
            try server.put(9, [4, 0x04A1, 0xB2C3])
            #expect(try await events.nextCard().description == "uid:04A1B2C3")
            try server.put(10, [1, 0xA41E, 0x45C6])
            #expect(try await events.nextCard().description == "uid:A41E45C6")
            // The flag was cleared, so the reader presents the same card again.
            _ = try await events.nextReading(of: pet)
            try server.put(10, [1, 0xA41E, 0x45C6])
            #expect(try await events.nextCard().description == "uid:A41E45C6")
            // −152 g at rest, then in motion beyond what can be weighed.
            try server.put(1, [0xFFFF, 0xFF68, 0b0001])
            var reading = try await events.nextReading(of: pet)
            while reading.mass != Milligrams(-152_000) {
                reading = try await events.nextReading(of: pet)
            }
            #expect(reading.isStable == true)
            try server.put(1, [0, 31_000, 0b0010])
            while reading.mass != Milligrams(31_000_000) {
                reading = try await events.nextReading(of: pet)
            }
            #expect(reading.isStable == false)
            #expect(reading.condition == .overload)
            let bad = bus.health().map { $0.timeouts + $0.badFrames + $0.exceptions }
            #expect(bad == [0, 0, 0, 0])
        }
    }

    @Test func registersThatItLacksAreAnException() async throws {
        let server = try Pymodbus()
        defer { server.end() }
        var settings = try Fixtures.bus(server.path, timeoutMs: 2000)
        settings.parity = .none
        var registers = try Fixtures.registers()
        registers.weight.address = 100
        registers.status = nil
        let scale = try Fixtures.scale("film", unit: 1, registers: registers)
        try await ModbusBus.whileRunning(settings, scales: [scale]) { bus, events in
            let notice = try await events.nextNotice()
            #expect(notice == .failed("scale film", "exception"))
            #expect(bus.health().allSatisfy { $0.exceptions >= 3 })
        }
    }
}
