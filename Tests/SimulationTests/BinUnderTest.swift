import BinCore
import Simulation
import Testing

/// Names and numbers of the tests are literals: one that breaks a rule ends the test at once.
func name(_ text: String) throws -> Name { try #require(Name(text)) }
func card(_ text: String) throws -> CardNumber { try #require(CardNumber(text)) }

func ms(_ value: Int64) -> BootInstant { BootInstant(milliseconds: value) }
func grams(_ value: Int64) -> Milligrams { Grams(value).milligrams }

/// A bin with one bus: scales `pet` (address 1) and `film` (address 2), readers of all three kinds
/// (`counter` 9, `latched` 10, `level` 11), and a Wiegand reader and an HX711 scale on GPIO lines.
enum BinUnderTest {
    static let limits = ScaleLimits(
        capacity: Grams(30_000), division: Grams(5), minimum: Grams(20))
    static let uid = RegisterBlock(table: .holding, address: 1, count: 4)
    static let flag = RegisterBlock(table: .holding, address: 0, count: 1)

    static func registers(
        _ coding: ScaleRegisters.Coding = .int32, order: ScaleRegisters.WordOrder = .big,
        scale: (Int64, Int64) = (1, 1), status: ScaleRegisters.Status? = defaultStatus
    ) throws -> ScaleRegisters {
        ScaleRegisters(
            weight: .init(
                table: .holding, address: 0, coding: coding, order: order,
                scale: try #require(Ratio(scale.0, scale.1))),
            status: status)
    }

    static let defaultStatus = ScaleRegisters.Status(
        table: .holding, address: 2, stable: StatusBit(index: 0), overload: [StatusBit(index: 1)],
        error: [StatusBit(index: 2)], negative: StatusBit(index: 3))

    static func settings(port: String = "/nowhere/rs485") throws -> BinSettings {
        let bus = try name("rs485")
        var settings = BinSettings(
            device: try #require(DeviceID("test-001")), community: try name("test"),
            storage: StorageSettings(directory: "/nowhere"))
        settings.buses[bus] = BusSettings(name: bus, port: port, timeoutMs: 200)
        for (address, text) in [(1, "pet"), (2, "film")] {
            let name = try name(text)
            let place = ModbusScaleSettings(
                bus: bus, address: address, registers: try Self.registers())
            settings.scales[name] = ScaleSettings(
                name: name, driver: .modbus(place), limits: Self.limits)
            settings.compartments[name] = CompartmentSettings(
                name: name, material: name, scale: name)
        }
        let kinds: [(Int, String, ModbusReaderSettings.Presence)] = [
            (9, "counter", .counter(Self.flag)), (10, "latched", .latched(Self.flag)),
            (11, "level", .level),
        ]
        for (address, text, presence) in kinds {
            let name = try name(text)
            let place = ModbusReaderSettings(
                bus: bus, address: address, presence: presence, uid: Self.uid)
            settings.readers[name] = ReaderSettings(name: name, driver: .modbus(place))
        }
        let gpio = try name("gpio")
        settings.scales[gpio] = ScaleSettings(
            name: gpio, driver: .hx711(HX711Settings(chip: "gpiochip0", clock: 5, data: 6)),
            limits: Self.limits)
        settings.compartments[gpio] = CompartmentSettings(
            name: gpio, material: gpio, scale: gpio)
        settings.readers[gpio] = ReaderSettings(
            name: gpio,
            driver: .wiegand(WiegandSettings(chip: "gpiochip0", d0: 23, d1: 24, formats: [.w26])))
        return settings
    }

    static func bin(seed: UInt64 = 1) throws -> SimulatedBin {
        SimulatedBin(settings: try Self.settings(), seed: seed, start: ms(0))
    }
}

extension SimulatedBin {
    /// The bytes that come back on bus `rs485`; empty if nobody answers.
    mutating func ask(
        _ address: UInt8, _ function: UInt8, _ payload: [UInt8], at now: BootInstant
    ) throws -> DelayedReply? {
        var parser = RTURequestParser()
        let request = RTUChecksum.sealed([address, function] + payload)
        let frame = try #require(parser.append(request).first)
        return self.reply(to: frame, on: try name("rs485"), at: now)
    }

    /// The registers that a read brings.
    mutating func registers(
        _ address: UInt8, _ first: UInt8, _ count: UInt8, at now: BootInstant
    ) throws -> [UInt16] {
        let reply = try #require(try self.ask(address, 3, [0, first, 0, count], at: now)).bytes
        try #require(RTUChecksum.holds(for: reply))
        try #require(reply.prefix(3) == [address, 3, count * 2])
        let data = Array(reply.dropFirst(3).dropLast(2))
        return stride(from: 0, to: data.count, by: 2).map {
            UInt16(data[$0]) << 8 | UInt16(data[$0 + 1])
        }
    }

    mutating func perform(_ line: String, at now: BootInstant) throws {
        try self.perform(try Act(line: line), at: now)
    }
}
