/// One RS-485 bus behind a serial port.
package struct BusSettings: Hashable, Sendable {
    package enum Parity: String, CaseIterable, Sendable { case none, even, odd }

    package var name: Name
    /// The path of the port, for instance `/dev/steelyard/rs485`.
    package var port: String
    package var baud: Int
    package var parity: Parity
    package var stopBits: Int
    /// How long a device may take to answer.
    package var timeoutMs: Int
    /// How long the line rests, beyond the silence between frames, before another device is asked
    /// than the one asked last: for devices that let go of the line late.
    package var turnaroundMs: Int

    package init(
        name: Name, port: String, baud: Int = 19200, parity: Parity = .even, stopBits: Int = 1,
        timeoutMs: Int = 200, turnaroundMs: Int = 0
    ) {
        self.name = name
        self.port = port
        self.baud = baud
        self.parity = parity
        self.stopBits = stopBits
        self.timeoutMs = timeoutMs
        self.turnaroundMs = turnaroundMs
    }
}

/// Which table of a Modbus device a register is in: function code 3 or 4.
package enum RegisterTable: String, CaseIterable, Sendable { case holding, input }

/// Adjacent registers, by wire address counted from 0.
package struct RegisterBlock: Hashable, Sendable {
    package var table: RegisterTable
    package var address: Int
    package var count: Int

    package init(table: RegisterTable, address: Int, count: Int) {
        self.table = table
        self.address = address
        self.count = count
    }
}

/// A card reader.
package struct ReaderSettings: Hashable, Sendable {
    package enum Driver: Hashable, Sendable {
        case modbus(ModbusReaderSettings)
        case wiegand(WiegandSettings)
    }

    package var name: Name
    package var driver: Driver

    package init(name: Name, driver: Driver) {
        self.name = name
        self.driver = driver
    }
}

/// A card reader on two GPIO lines.
package struct WiegandSettings: Hashable, Sendable {
    package var chip: String
    package var d0: Int
    package var d1: Int
    /// Of different lengths.
    package var formats: [WiegandFormat]

    package init(chip: String, d0: Int, d1: Int, formats: [WiegandFormat]) {
        self.chip = chip
        self.d0 = d0
        self.d1 = d1
        self.formats = formats
    }
}

/// A card reader on a Modbus bus.
package struct ModbusReaderSettings: Hashable, Sendable {
    /// How the reader says that a card is there.
    package enum Presence: Hashable, Sendable {
        /// The UID is 0 without a card.
        case level
        /// The UID is there for `ms` after a card came, and then is 0 whether it left or not.
        case hold(ms: Int)
        /// A register that changes with every card.
        case counter(RegisterBlock)
        /// A register that is not 0 when a card was read, and has to be cleared afterwards.
        case latched(RegisterBlock)
    }

    package var bus: Name
    package var address: Int
    package var presence: Presence
    package var uid: RegisterBlock
    /// What is written to clear a latched reader's flag.
    package var clear: [DeviceCommand]
    /// The profile that the registers are from, if they are not written out.
    package var profile: Name?
    /// How long it may take to answer, instead of what the bus says for all.
    package var timeoutMs: Int?

    /// - Parameter clear: `nil` writes 0 to each register of a latched reader's flag.
    package init(
        bus: Name, address: Int, presence: Presence, uid: RegisterBlock,
        clear: [DeviceCommand]? = nil, profile: Name? = nil, timeoutMs: Int? = nil
    ) {
        self.bus = bus
        self.address = address
        self.presence = presence
        self.uid = uid
        self.clear = clear ?? Self.zeroing(presence)
        self.profile = profile
        self.timeoutMs = timeoutMs
    }

    private static func zeroing(_ presence: Presence) -> [DeviceCommand] {
        switch presence {
        case .level, .hold, .counter: []
        case .latched(let flag):
            (0..<max(flag.count, 1)).map {
                DeviceCommand(
                    effect: .clear, function: .register, address: flag.address + $0, values: [0])
            }
        }
    }
}
