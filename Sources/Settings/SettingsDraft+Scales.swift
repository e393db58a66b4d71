import BinCore

/// Buses and scales.
extension SettingsDraft {
    private enum ScaleDriver: String, CaseIterable {
        case modbus, hx711, iio

        var keys: [String] {
            switch self {
            case .modbus:
                [
                    "bus", "address", "timeout-ms", "registers", "profile", "unit", "decimals",
                ]
            case .hx711: ["chip", "clock", "data", "gain", "rate"]
            case .iio: ["device", "channel", "rate"]
            }
        }
    }

    private static let bauds = [1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200]
    /// One tonne; a compartment bears far less.
    private static let largestCapacity = 1_000_000
    /// The most scale intervals of class III (OIML R 76-1, table 3).
    private static let mostIntervals = 10_000
    /// Min of class III in scale intervals (OIML R 76-1, table 3).
    private static let minimumIntervals = 20

    func bus(_ name: Name, _ table: inout Table) -> BusSettings? {
        table.allow(["port", "baud", "parity", "stop-bits", "timeout-ms", "turnaround-ms"])
        let port = self.path("port", in: table)
        if let port {
            self.claims.take(.port(port), for: table.title, at: table.place(of: "port"))
        }
        let baud = table.integer("baud", oneOf: Self.bauds, default: 19_200)
        let parity = table.choice("parity", of: BusSettings.Parity.self, default: .even)
        let stopBits = table.integer("stop-bits", oneOf: [1, 2], default: 1)
        let timeout = table.integer("timeout-ms", 10...5000, default: 200)
        // Half a second is longer than any transceiver holds a line; more is a slip.
        let turnaround = table.integer("turnaround-ms", 0...500, default: 0)
        guard let port, let baud, let parity, let stopBits, let timeout, let turnaround else {
            return nil
        }
        return BusSettings(
            name: name, port: port, baud: baud, parity: parity, stopBits: stopBits,
            timeoutMs: timeout, turnaroundMs: turnaround)
    }

    func scale(_ name: Name, _ table: inout Table) -> ScaleSettings? {
        let known = table.peek("driver").flatMap { ScaleDriver(rawValue: $0) }
        let drivers = known.map { [$0] } ?? ScaleDriver.allCases
        table.allow(
            ["driver", "capacity", "division", "minimum", "linearity", "temperature"]
                + drivers.flatMap(\.keys))
        let limits = self.limits(in: table)
        let linearity = self.linearity(in: table, capacity: limits?.capacity)
        guard let driver = table.choice("driver", of: ScaleDriver.self) else { return nil }
        let settings: ScaleSettings.Driver?
        switch driver {
        case .modbus: settings = self.modbusScale(in: table).map { .modbus($0) }
        case .hx711: settings = self.converter(in: table).map { .hx711($0) }
        case .iio: settings = self.kernelConverter(in: table).map { .iio($0) }
        }
        let coefficient = self.temperature(in: table, of: settings, driver: driver.rawValue)
        guard let settings, let limits, let linearity,
            coefficient != nil || !table.has("temperature")
        else { return nil }
        return ScaleSettings(
            name: name, driver: settings, limits: limits, linearity: linearity,
            temperature: coefficient)
    }

    private func limits(in table: Table) -> ScaleLimits? {
        let capacity = table.integer("capacity", 1...Self.largestCapacity)
        let division = table.integer("division", 1...Self.largestCapacity)
        let minimum = table.integer(
            "minimum", 0...(capacity ?? Self.largestCapacity),
            default: min(Self.minimumIntervals * (division ?? 0), capacity ?? 0))
        guard let division else { return nil }
        guard Self.isInterval(division) else {
            self.log.add(
                "`\(table.path("division"))` must be 1, 2 or 5 times a power of ten, not "
                    + "`\(division)`", at: table.place(of: "division"))
            return nil
        }
        guard let capacity else { return nil }
        guard capacity > division else {
            self.log.add(
                "`\(table.path("capacity"))` must be more than the division of \(division) g",
                at: table.place(of: "capacity"))
            return nil
        }
        guard capacity / division <= Self.mostIntervals else {
            self.log.add(
                "`\(table.path("division"))` must be at least \(capacity) g / "
                    + "\(Self.mostIntervals): class III has no more intervals",
                at: table.place(of: "division"))
            return nil
        }
        guard let minimum else { return nil }
        return ScaleLimits(
            capacity: Grams(Int64(capacity)), division: Grams(Int64(division)),
            minimum: Grams(Int64(minimum)))
    }

    /// Whether `division` is 1, 2 or 5 times a power of ten (OIML R 76-1, 4.2.2.1).
    private static func isInterval(_ division: Int) -> Bool {
        var digits = division
        while digits >= 10, digits % 10 == 0 { digits /= 10 }
        return [1, 2, 5].contains(digits)
    }

    private func converter(in table: Table) -> HX711Settings? {
        let chip = self.chip(in: table)
        let clock = self.lineOffset("clock", of: chip, in: table)
        let data = self.lineOffset("data", of: chip, in: table)
        // Avia HX711 data sheet: "Selection of inputs and gain", "Output data rate".
        let gain = table.integer("gain", oneOf: [128, 64, 32], default: 128)
        let rate = self.rate(in: table)
        guard let chip, let clock, let data, let gain, let rate else { return nil }
        return HX711Settings(chip: chip, clock: clock, data: data, gain: gain, rate: rate)
    }

    private func rate(in table: Table) -> Int? {
        table.integer("rate", oneOf: [10, 80], default: 10)
    }

    private func kernelConverter(in table: Table) -> IIOSettings? {
        let device = table.text("device")
        if let device {
            // Not one channel each: a change of channel takes the settling time every time.
            self.claims.take(
                .converter(device), for: table.title, at: table.place(of: "device"))
        }
        let channel = table.choice("channel", of: IIOSettings.Channel.self, default: .a)
        let rate = self.rate(in: table)
        guard let device, let channel, let rate else { return nil }
        return IIOSettings(device: device, channel: channel, rate: rate)
    }
}
