import BinCore
import Settings
import Testing

/// Expected values are read off CONTRACT §7 by hand.
@Suite struct ExampleTests {
    private func example() throws -> BinSettings {
        try SettingsReader.read(yaml: Example.contract, named: "/etc/steelyard/steelyard.yaml")
            .settings
    }

    private func name(_ text: String) throws -> Name { try #require(Name(text)) }

    @Test func readsDeviceStorageTrustAndSession() throws {
        let settings = try self.example()
        #expect(settings.device == DeviceID("baiyun-017"))
        #expect(settings.community == Name("baiyun"))
        #expect(
            settings.storage == StorageSettings(directory: "/var/lib/steelyard", retainDays: 400))
        #expect(settings.trust == [Example.key])
        #expect(settings.session.idleSeconds == 30)
    }

    @Test func readsBusesAndScales() throws {
        let settings = try self.example()
        let rs485 = try self.name("rs485")
        let bus = BusSettings(
            name: rs485, port: "/dev/steelyard/rs485", baud: 19_200, parity: .even, stopBits: 1,
            timeoutMs: 200)
        #expect(settings.buses == [rs485: bus])

        let pet = try self.name("pet")
        let ratio = try #require(Ratio(1, 1))
        let registers = ScaleRegisters(
            weight: .init(table: .holding, address: 0, coding: .int32, order: .big, scale: ratio),
            status: .init(
                table: .holding, address: 2, stable: StatusBit(index: 0),
                overload: [StatusBit(index: 1)], error: [StatusBit(index: 2)],
                negative: StatusBit(index: 3)))
        let petScale = ScaleSettings(
            name: pet,
            driver: .modbus(ModbusScaleSettings(bus: rs485, address: 1, registers: registers)),
            limits: ScaleLimits(capacity: Grams(30_000), division: Grams(5), minimum: Grams(20)))

        let film = try self.name("film")
        let filmScale = ScaleSettings(
            name: film,
            driver: .hx711(
                HX711Settings(chip: "gpiochip0", clock: 5, data: 6, gain: 128, rate: 10)),
            limits: ScaleLimits(capacity: Grams(30_000), division: Grams(10), minimum: Grams(200)))
        #expect(settings.scales == [pet: petScale, film: filmScale])
    }

    @Test func readsCompartmentsReadersAndFeedback() throws {
        let settings = try self.example()
        func line(_ number: Int) -> LineSettings { LineSettings(chip: "gpiochip0", line: number) }
        let (pet, film) = (try self.name("pet"), try self.name("film"))
        let bottles = CompartmentSettings(
            name: pet, material: try self.name("pet-bottle"), scale: pet,
            lock: LockSettings(line: line(17)),
            counter: CounterSettings(
                input: InputSettings(line: line(16), debounceMs: 5), longestMs: 3_000,
                leastPiece: Grams(5)))
        let films = CompartmentSettings(
            name: film, material: try self.name("pe-film"), scale: film)
        #expect(settings.compartments == [pet: bottles, film: films])

        let (front, side) = (try self.name("front"), try self.name("side"))
        let wiegand = WiegandSettings(chip: "gpiochip0", d0: 23, d1: 24, formats: [.w26, .w34])
        let modbus = ModbusReaderSettings(
            bus: try self.name("rs485"), address: 9,
            presence: .counter(RegisterBlock(table: .holding, address: 0, count: 1)),
            uid: RegisterBlock(table: .holding, address: 1, count: 4))
        #expect(settings.readers[front] == ReaderSettings(name: front, driver: .wiegand(wiegand)))
        #expect(settings.readers[side] == ReaderSettings(name: side, driver: .modbus(modbus)))
        #expect(settings.readers.count == 2)

        #expect(settings.feedback == [.green: line(27), .red: line(22), .buzzer: line(18)])
    }

    @Test func readsUplinkPullAndKiosk() throws {
        let settings = try self.example()
        let uplink = UplinkSettings(
            url: "https://hub.example:8443", ca: "/etc/steelyard/hub-ca.pem", everySeconds: 60)
        #expect(settings.uplink == uplink)
        let everywhere = try #require(ListenAddress("0.0.0.0:8443"))
        #expect(settings.pull == PullSettings(listen: everywhere, allow: ["hub"]))
        let loopback = try #require(ListenAddress("127.0.0.1:8080"))
        #expect(settings.kiosk == KioskSettings(listen: loopback, languages: [.zh, .en]))
    }

    @Test func fillsInDefaults() throws {
        let settings = try SettingsReader.read(yaml: Example.smallest, named: "bin.yaml").settings
        #expect(settings.storage.retainDays == 400)
        #expect(settings.session.idleSeconds == 30)
        #expect(settings.trust.isEmpty && settings.readers.isEmpty && settings.feedback.isEmpty)
        #expect(settings.uplink == nil && settings.pull == nil && settings.kiosk == nil)
        let rs485 = try self.name("rs485")
        #expect(
            settings.buses[rs485] == BusSettings(name: rs485, port: "/dev/steelyard/rs485"))
        // 20 divisions of 5 g: Min of class III, OIML R 76-1, table 3.
        #expect(settings.scales[try self.name("pet")]?.limits.minimum == Grams(100))
    }

    @Test func keepsTheBytesAndTheirDigest() throws {
        // `printf '%s' "$TEXT" | sha256sum` of the smallest configuration.
        let checked = try SettingsReader.read(yaml: Example.smallest, named: "bin.yaml")
        #expect(checked.bytes == Array(Example.smallest.utf8))
        #expect(
            checked.sha256 == "ea9d54e5849ed7dd1d2322121d3870439182d6638a1b4b90044f11dc3a0fad4e")
    }

    @Test(
        "takes relative paths relative to the file's directory",
        arguments: [
            ("/etc/steelyard/steelyard.yaml", "/etc/steelyard/state"),
            ("conf/bin.yaml", "conf/state"),
            ("bin.yaml", "state"),
        ])
    func relativePaths(file: String, expected: String) throws {
        let yaml = Example.smallest.with("/var/lib/steelyard", "state")
        #expect(
            try SettingsReader.read(yaml: yaml, named: file).settings.storage.directory == expected)
    }

    @Test(
        "reads the bits of a status",
        arguments: [
            ("stable: 5 }", StatusBit(index: 5)),
            ("stable: !5 }", StatusBit(index: 5, inverted: true)),
            ("stable: !0, error: 1 }", StatusBit(index: 0, inverted: true)),
            ("stable: \"!15\"}", StatusBit(index: 15, inverted: true)),
        ])
    func statusBits(written: String, expected: StatusBit) throws {
        let yaml = Example.contract.with("stable: 0, overload: 1, error: 2, negative: 3 }", written)
        let scale = try SettingsReader.read(yaml: yaml, named: "bin.yaml")
            .settings.scales[try self.name("pet")]
        guard case .modbus(let modbus) = scale?.driver else {
            Issue.record("the scale is not on Modbus")
            return
        }
        #expect(modbus.registers.status?.stable == expected)
    }

    @Test(
        "reads a converter of the kernel's driver",
        arguments: [
            ("device: hx711", IIOSettings(device: "hx711", channel: .a, rate: 10)),
            (
                "device: iio:device0, channel: B",
                IIOSettings(device: "iio:device0", channel: .b, rate: 10)
            ),
            (
                "device: /sys/bus/iio/devices/iio:device1, channel: A, rate: 80",
                IIOSettings(device: "/sys/bus/iio/devices/iio:device1", channel: .a, rate: 80)
            ),
        ])
    func kernelConverters(written: String, expected: IIOSettings) throws {
        let yaml = Example.contract.with(
            "driver: hx711, chip: gpiochip0, clock: 5, data: 6, gain: 128, rate: 10",
            "driver: iio, \(written)")
        let scale = try SettingsReader.read(yaml: yaml, named: "bin.yaml")
            .settings.scales[try self.name("film")]
        #expect(scale?.driver == .iio(expected))
    }

    @Test(
        "reads how a reader announces a card",
        arguments: [
            ("presence: level", ModbusReaderSettings.Presence.level),
            (
                "presence: latched, latch: { function: holding, address: 7 }",
                .latched(RegisterBlock(table: .holding, address: 7, count: 1))
            ),
            (
                "presence: counter, counter: { function: input, address: 65535 }",
                .counter(RegisterBlock(table: .input, address: 65_535, count: 1))
            ),
        ])
    func presences(written: String, expected: ModbusReaderSettings.Presence) throws {
        let yaml = Example.contract
            .with("presence: counter, counter: { function: holding, address: 0 }", written)
        let reader = try SettingsReader.read(yaml: yaml, named: "bin.yaml")
            .settings.readers[try self.name("side")]
        guard case .modbus(let modbus) = reader?.driver else {
            Issue.record("the reader is not on Modbus")
            return
        }
        #expect(modbus.presence == expected)
    }
}
