import BinCore
import Testing

/// Names and settings for tests.
enum Fixtures {
    static func name(_ text: String) throws -> Name { try #require(Name(text)) }

    static func bus(_ port: String, timeoutMs: Int = 60) throws -> BusSettings {
        BusSettings(name: try self.name("rs485"), port: port, timeoutMs: timeoutMs)
    }

    /// The map of CONTRACT §7: an int32 in grams at 0 and a status at 2.
    static func registers() throws -> ScaleRegisters {
        ScaleRegisters(
            weight: .init(
                table: .holding, address: 0, coding: .int32, order: .big,
                scale: try #require(Ratio(1, 1))),
            status: .init(
                table: .holding, address: 2, stable: StatusBit(index: 0),
                overload: [StatusBit(index: 1)], error: [StatusBit(index: 2)],
                negative: StatusBit(index: 3)))
    }

    static func scale(
        _ name: String, unit: Int, registers: ScaleRegisters? = nil
    ) throws -> ScaleSettings {
        ScaleSettings(
            name: try self.name(name),
            driver: .modbus(
                ModbusScaleSettings(
                    bus: try self.name("rs485"), address: unit,
                    registers: try registers ?? self.registers())),
            limits: ScaleLimits(capacity: Grams(30_000), division: Grams(5), minimum: Grams(20)))
    }

    static func reader(
        _ presence: ModbusReaderSettings.Presence, unit: Int = 9,
        uid: RegisterBlock = RegisterBlock(table: .holding, address: 1, count: 2)
    ) throws -> ReaderSettings {
        ReaderSettings(
            name: try self.name("side"),
            driver: .modbus(
                ModbusReaderSettings(
                    bus: try self.name("rs485"), address: unit, presence: presence, uid: uid)))
    }

    /// One holding register.
    static func register(_ address: Int) -> RegisterBlock {
        RegisterBlock(table: .holding, address: address, count: 1)
    }
}
