/// A scale: its metrological figures and how it is read.
package struct ScaleSettings: Hashable, Sendable {
    package enum Driver: Hashable, Sendable {
        case modbus(ModbusScaleSettings)
        case hx711(HX711Settings)
        case iio(IIOSettings)

        /// Whether the converter knows nothing of mass.
        package var needsCalibration: Bool {
            switch self {
            case .modbus: false
            case .hx711, .iio: true
            }
        }
    }

    package var name: Name
    package var driver: Driver
    package var limits: ScaleLimits

    package init(name: Name, driver: Driver, limits: ScaleLimits) {
        self.name = name
        self.driver = driver
        self.limits = limits
    }
}

/// What a scale can weigh.
package struct ScaleLimits: Hashable, Sendable {
    /// The largest load (Max).
    package var capacity: Grams
    /// The scale interval, e = d; at least 1 g.
    package var division: Grams
    /// The smallest load that counts (Min).
    package var minimum: Grams

    package init(capacity: Grams, division: Grams, minimum: Grams) {
        self.capacity = capacity
        self.division = division
        self.minimum = minimum
    }

    /// Above this a scale indicates nothing: Max + 9 e.
    ///
    /// Source: the French decree of 24 March 1972, article 15.1.4, and the Laumas status bit
    /// "exceeds Max by 9 divisions" (OIML R 76-1 4.2.3 is said to agree).
    package var overload: Milligrams {
        (self.capacity + Grams(9 * self.division.value)).milligrams
    }
}

/// A load cell on an HX711 converter on two GPIO lines.
package struct HX711Settings: Hashable, Sendable {
    package var chip: String
    package var clock: Int
    package var data: Int
    /// 128 or 64 on channel A, 32 on channel B.
    package var gain: Int
    /// Conversions per second: 10 or 80.
    package var rate: Int

    package init(chip: String, clock: Int, data: Int, gain: Int = 128, rate: Int = 10) {
        self.chip = chip
        self.clock = clock
        self.data = data
        self.gain = gain
        self.rate = rate
    }
}

/// A load cell on an HX711 converter that the kernel's own driver reads.
package struct IIOSettings: Hashable, Sendable {
    /// With the gain that the driver has for it: 128 for A, 32 for B.
    package enum Channel: String, CaseIterable, Sendable {
        case a = "A"
        case b = "B"
    }

    /// The path of the device's folder, its name there (`iio:device0`), its label, or the name that
    /// its driver gives (`hx711`).
    package var device: String
    package var channel: Channel
    /// Conversions per second: 10 or 80.
    package var rate: Int

    package init(device: String, channel: Channel = .a, rate: Int = 10) {
        self.device = device
        self.channel = channel
        self.rate = rate
    }
}

/// A transmitter on a Modbus bus.
package struct ModbusScaleSettings: Hashable, Sendable {
    package var bus: Name
    package var address: Int
    package var registers: ScaleRegisters
    /// The profile that the registers are from, if they are not written out.
    package var profile: Name?
    /// How long it may take to answer, instead of what the bus says for all.
    package var timeoutMs: Int?
    /// All that may ever be written to it.
    package var commands: [DeviceCommand]

    package init(
        bus: Name, address: Int, registers: ScaleRegisters, profile: Name? = nil,
        timeoutMs: Int? = nil, commands: [DeviceCommand] = []
    ) {
        self.bus = bus
        self.address = address
        self.registers = registers
        self.profile = profile
        self.timeoutMs = timeoutMs
        self.commands = commands
    }
}
