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

    package init(bus: Name, address: Int, registers: ScaleRegisters) {
        self.bus = bus
        self.address = address
        self.registers = registers
    }
}

/// Where a transmitter keeps weight and status, and how they are coded.
package struct ScaleRegisters: Hashable, Sendable {
    package enum Coding: String, CaseIterable, Sendable {
        case int16, uint16, int32, uint32, float32
        /// An unsigned 32-bit magnitude; the sign is the status bit `negative`.
        case magnitude32

        package var registerCount: Int {
            switch self {
            case .int16, .uint16: 1
            case .int32, .uint32, .float32, .magnitude32: 2
            }
        }
    }

    /// Which of two registers comes first.
    package enum WordOrder: String, CaseIterable, Sendable { case big, little }

    package struct Weight: Hashable, Sendable {
        package var table: RegisterTable
        package var address: Int
        package var coding: Coding
        package var order: WordOrder
        /// raw × scale = gram.
        package var scale: Ratio

        package init(
            table: RegisterTable, address: Int, coding: Coding, order: WordOrder, scale: Ratio
        ) {
            self.table = table
            self.address = address
            self.coding = coding
            self.order = order
            self.scale = scale
        }
    }

    package struct Status: Hashable, Sendable {
        package var table: RegisterTable
        package var address: Int
        package var stable: StatusBit?
        package var overload: StatusBit?
        package var error: StatusBit?
        package var negative: StatusBit?

        package init(
            table: RegisterTable, address: Int, stable: StatusBit? = nil,
            overload: StatusBit? = nil, error: StatusBit? = nil, negative: StatusBit? = nil
        ) {
            self.table = table
            self.address = address
            self.stable = stable
            self.overload = overload
            self.error = error
            self.negative = negative
        }
    }

    package var weight: Weight
    package var status: Status?

    package init(weight: Weight, status: Status?) {
        self.weight = weight
        self.status = status
    }
}

/// A positive fraction, written `1/1` in the configuration.
package struct Ratio: Hashable, Sendable {
    package var numerator: Int64
    package var denominator: Int64

    /// Returns `nil` unless both are 1 to 1,000,000.
    package init?(_ numerator: Int64, _ denominator: Int64) {
        let allowed: ClosedRange<Int64> = 1...1_000_000
        guard allowed.contains(numerator), allowed.contains(denominator) else { return nil }
        self.numerator = numerator
        self.denominator = denominator
    }
}

/// One bit of a 16-bit status register, 0 being the least significant.
package struct StatusBit: Hashable, Sendable {
    package var index: Int
    /// Written `!5`: true when the bit is 0.
    package var inverted: Bool

    package init(index: Int, inverted: Bool = false) {
        self.index = index
        self.inverted = inverted
    }

    package func isSet(in word: UInt16) -> Bool {
        let bit = (0..<16).contains(self.index) && word >> UInt16(self.index) & 1 == 1
        return bit != self.inverted
    }
}
