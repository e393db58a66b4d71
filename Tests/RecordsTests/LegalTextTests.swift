import BinCore
import Records
import Testing

@Suite struct LegalTextTests {
    /// Written by hand from the description of `BinSettings.legalText`.
    private static let golden = """
        steelyard parameters v1
        scale cans max 6000 d 2 min 40 iio hx711 channel B rate 80
        scale film max 30000 d 10 min 200 hx711 chip gpiochip0 clock 5 data 6 gain 128 \
        rate 10
        linearity film 10000 -2000
        linearity film 30000 1500
        scale foil max 30000 d 5 min 100 modbus rs485 3 holding 7 magnitude32 big 1/1 \
        decimals division holding 20 0-7 0,1,2 sign holding 6 7 status holding 6 \
        overload 2 overload 3 error 0 negative 7
        scale pet max 30000 d 5 min 20 modbus rs485 1 holding 0 int32 big 1000/1 \
        decimals 3 status holding 2 stable 0 overload 1 error !2 alive noise input 9 2 \
        0-15 temperature input 12 1/10 atomic
        temperature pet 20000 500 -10
        compartment cans can cans
        compartment film pe-film film
        compartment pet pet-bottle pet piece 5

        """

    private func name(_ text: String) throws -> Name { try #require(Name(text)) }

    private func scale(
        _ text: String, _ driver: ScaleSettings.Driver, _ limits: (Int64, Int64, Int64)
    ) throws -> ScaleSettings {
        ScaleSettings(
            name: try self.name(text), driver: driver,
            limits: ScaleLimits(
                capacity: Grams(limits.0), division: Grams(limits.1), minimum: Grams(limits.2)))
    }

    private func settings() throws -> BinSettings {
        var settings = BinSettings(
            device: try #require(DeviceID("bin-1")), community: try self.name("a"),
            storage: StorageSettings(directory: "d"))
        var film = try self.scale(
            "film", .hx711(HX711Settings(chip: "gpiochip0", clock: 5, data: 6)),
            (30_000, 10, 200))
        film.linearity = try #require(
            Linearity(points: [
                Linearity.Point(line: Grams(10_000), correction: Milligrams(-2_000)),
                Linearity.Point(line: Grams(30_000), correction: Milligrams(1_500)),
            ]))
        var pet = try self.scale("pet", .modbus(try self.transmitter()), (30_000, 5, 20))
        pet.temperature = TemperatureCoefficient(
            reference: 20_000, zero: Milligrams(500), spanPpm: -10)
        let cans = try self.scale(
            "cans", .iio(IIOSettings(device: "hx711", channel: .b, rate: 80)), (6_000, 2, 40))
        let foil = try self.scale("foil", .modbus(try self.signed()), (30_000, 5, 100))
        for scale in [pet, film, cans, foil] { settings.scales[scale.name] = scale }
        for (compartment, material) in [
            ("pet", "pet-bottle"), ("film", "pe-film"), ("cans", "can"),
        ] {
            settings.compartments[try self.name(compartment)] = CompartmentSettings(
                name: try self.name(compartment), material: try self.name(material),
                scale: try self.name(compartment))
        }
        settings.compartments[try self.name("pet")]?.counter = CounterSettings(
            input: InputSettings(line: LineSettings(chip: "c", line: 1), debounceMs: 5))
        return settings
    }

    private func transmitter() throws -> ModbusScaleSettings {
        ModbusScaleSettings(
            bus: try self.name("rs485"), address: 1,
            registers: ScaleRegisters(
                weight: .init(
                    table: .holding, address: 0, coding: .int32, order: .big,
                    scale: try #require(Ratio(1_000, 1)), decimals: .fixed(3)),
                status: .init(
                    table: .holding, address: 2, stable: StatusBit(index: 0),
                    overload: [StatusBit(index: 1)],
                    error: [StatusBit(index: 2, inverted: true)]),
                liveness: .init(
                    kind: .noise, block: RegisterBlock(table: .input, address: 9, count: 2)),
                temperature: .init(table: .input, address: 12, scale: try #require(Ratio(1, 10))),
                isAtomic: true))
    }

    private func signed() throws -> ModbusScaleSettings {
        ModbusScaleSettings(
            bus: try self.name("rs485"), address: 3,
            registers: ScaleRegisters(
                weight: .init(
                    table: .holding, address: 7, coding: .magnitude32, order: .big,
                    scale: try #require(Ratio(1, 1)),
                    decimals: .division(
                        table: .holding, address: 20, bits: BitField(low: 0, count: 8),
                        digits: [0, 1, 2])),
                status: .init(
                    table: .holding, address: 6,
                    overload: [StatusBit(index: 2), StatusBit(index: 3)],
                    error: [StatusBit(index: 0)], negative: StatusBit(index: 7))))
    }

    @Test func theTextIsTheDescribedOneAndItsDigestIsWhatAnyoneComputes() throws {
        let text = try self.settings().legalText
        #expect(text == Self.golden)
        // `sha256sum` of the text.
        #expect(
            Digest256(of: Array(text.utf8)).hex
                == "1aa1969c33763411e441d48e596d1d610bb4e4641207348af450eb2417fced00")
    }

    @Test func whatWeighsIsLegallyRelevantAndTheRestIsNot() throws {
        var settings = try self.settings()
        let text = settings.legalText
        settings.session.idleSeconds = 99
        settings.storage.retainDays = 90
        #expect(settings.legalText == text)
        settings.scales[try self.name("pet")]?.limits.division = Grams(10)
        #expect(settings.legalText != text)
    }

    @Test(
        "a calibration belongs to what makes the raw values",
        arguments: [
            ("film", "film hx711 gain 128"), ("cans", "cans iio channel B"),
            ("pet", "pet modbus rs485 1 holding 0 int32 big 1000/1 decimals 3"),
            (
                "foil",
                "foil modbus rs485 3 holding 7 magnitude32 big 1/1 "
                    + "decimals division holding 20 0-7 0,1,2 sign holding 6 7"
            ),
        ])
    func converters(scale: String, text: String) throws {
        #expect(try self.settings().scales[try self.name(scale)]?.converter == text)
    }
}
