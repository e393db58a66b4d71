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
    /// What it shows wrong between zero and span.
    package var linearity: Linearity
    /// How it follows the temperature that its converter delivers, if it is to be corrected.
    package var temperature: TemperatureCoefficient?

    package init(
        name: Name, driver: Driver, limits: ScaleLimits, linearity: Linearity = .straight,
        temperature: TemperatureCoefficient? = nil
    ) {
        self.name = name
        self.driver = driver
        self.limits = limits
        self.linearity = linearity
        self.temperature = temperature
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

    /// The largest error that a class III scale may have at `load` when it is verified; in service
    /// twice as much.
    ///
    /// | load in divisions | error in divisions | 30 kg / 5 g |
    /// | --- | ---: | ---: |
    /// | to 500 | 0.5 | 2.5 g to 2,500 g |
    /// | to 2,000 | 1.0 | 5 g to 10,000 g |
    /// | above | 1.5 | 7.5 g |
    ///
    /// Source: UK SI 1995/1907 Schedule 2 paragraph 4, OIML R 76-1 3.5.1.
    package func permissibleError(at load: Milligrams) -> Milligrams {
        let division = self.division.milligrams.value
        let halves: Int64 =
            load.value <= 500 * division ? 1 : load.value <= 2_000 * division ? 2 : 3
        return Milligrams(halves * division / 2)
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
