import BinCore
import Settings
import Testing

/// Linearity and temperature of scales.
@Suite struct CorrectionTests {
    private func scale(_ yaml: String) throws -> ScaleSettings {
        let settings = try SettingsReader.read(yaml: yaml, named: "bin.yaml").settings
        let pet = try #require(Name("pet"))
        return try #require(settings.scales[pet])
    }

    private static func with(_ written: String) -> String {
        Example.smallest.with("division: 5", "division: 5\n    \(written)")
    }

    /// With a register for the temperature, and `written` for the scale.
    private static func warm(
        _ written: String,
        register: String = "{ function: input, address: 9, type: int16, scale: 1/10 }"
    ) -> String {
        Self.with(written).with("      weight:", "      temperature: \(register)\n      weight:")
    }

    @Test(
        "points of linearity are grams with up to three decimals",
        arguments: [
            ("-2.0", -2_000), ("-2", -2_000), ("0.125", 125), ("0", 0), ("-0.5", -500),
            ("999.999", 999_999), ("-1000", -1_000_000),
        ] as [(String, Int64)])
    func correction(written: String, milligrams: Int64) throws {
        let scale = try self.scale(
            Self.with("linearity: [ { at: 10000, correction: \(written) } ]"))
        #expect(
            scale.linearity.points == [
                Linearity.Point(line: Grams(10_000), correction: Milligrams(milligrams))
            ])
    }

    @Test func aScaleIsStraightUnlessPointsSayOtherwise() throws {
        #expect(try self.scale(Example.smallest).linearity == .straight)
        let scale = try self.scale(
            Self.with(
                "linearity: [ { at: 10000, correction: -2 }, { at: 30000, correction: 1.5 } ]"))
        #expect(scale.linearity.points.map(\.line) == [Grams(10_000), Grams(30_000)])
        #expect(scale.linearity.points.map(\.correction.value) == [-2_000, 1_500])
    }

    static let faultyPoints: [(String, String)] = [
        (
            "[ { at: 1000, correction: 1.2345 } ]",
            "11:42: `scales.pet.linearity.correction` must be a number from -1000 to 1000 with at "
                + "most three decimals, not `1.2345`"
        ),
        (
            "[ { at: 1000, correction: 1e2 } ]",
            "11:42: `scales.pet.linearity.correction` must be a number from -1000 to 1000 with at "
                + "most three decimals, not `1e2`"
        ),
        (
            "[ { at: 1000, correction: 1000.001 } ]",
            "11:42: `scales.pet.linearity.correction` must be a number from -1000 to 1000 with at "
                + "most three decimals, not `1000.001`"
        ),
        (
            "[ { at: 1000, correction: .5 } ]",
            "11:42: `scales.pet.linearity.correction` must be a number from -1000 to 1000 with at "
                + "most three decimals, not `.5`"
        ),
        (
            "[ { at: 30001, correction: 1 } ]",
            "11:24: `scales.pet.linearity.at` must be a whole number from 1 to 30000, not `30001`"
        ),
        ("[ { at: 1000 } ]", "11:18: `scales.pet.linearity` lacks `correction`"),
        (
            "[ { at: 1000, corection: 1 } ]",
            "11:30: `corection` is not known in `scales.pet.linearity`; did you mean `correction`?"
        ),
        (
            "[ { at: 2000, correction: 1 }, { at: 2000, correction: 2 } ]",
            "11:47: `scales.pet.linearity` must have its points in the order of `at`, each once"
        ),
        (
            "[ { at: 2000, correction: 1 }, { at: 2001, correction: 0 } ]",
            "11:47: `scales.pet.linearity` falls so steeply that a greater load would show less"
        ),
        ("[]", "11:16: `scales.pet.linearity` must have 1 to 16 points"),
        (
            "5",
            "11:16: `scales.pet.linearity` must be a list of points `{ at: …, correction: … }`, "
                + "`[…]`"
        ),
        ("[ 5 ]", "11:18: `scales.pet.linearity` must be a mapping, `key: value`"),
    ]

    @Test("a point that can't be is reported with its place", arguments: Self.faultyPoints)
    func points(written: String, fault: String) {
        #expect(faults(of: Self.with("linearity: \(written)")) == [fault])
    }

    @Test func moreThanSixteenPointsAreTooMany() {
        let points = (1...17).map { "{ at: \($0), correction: 0 }" }.joined(separator: ", ")
        #expect(
            faults(of: Self.with("linearity: [ \(points) ]")) == [
                "11:16: `scales.pet.linearity` must have 1 to 16 points"
            ])
    }

    @Test func aTemperatureThatIsDeliveredIsCorrected() throws {
        let scale = try self.scale(
            Self.warm("temperature: { reference: 20.0, zero: -0.5, span-ppm: -10 }"))
        #expect(
            scale.temperature
                == TemperatureCoefficient(reference: 20_000, zero: Milligrams(-500), spanPpm: -10))
        guard case .modbus(let settings) = scale.driver else {
            Issue.record("the scale is not on Modbus")
            return
        }
        #expect(
            settings.registers.temperature
                == ScaleRegisters.Temperature(
                    table: .input, address: 9, scale: try #require(Ratio(1, 10))))
    }

    static let faultyTemperatures: [(String, [String])] = [
        (
            Self.with("temperature: { reference: 20, zero: 0, span-ppm: 0 }"),
            [
                "11:18: `scales.pet.temperature` can't be corrected: `registers` has no "
                    + "`temperature` to tell it"
            ]
        ),
        (
            Self.warm("temperature: { reference: 101, zero: 0, span-ppm: 1001 }"),
            [
                "11:31: `scales.pet.temperature.reference` must be a number from -100 to 100 with "
                    + "at most three decimals, not `101`",
                "11:55: `scales.pet.temperature.span-ppm` must be a whole number from -1000 to "
                    + "1000, not `1001`",
            ]
        ),
        (
            Self.warm("temperature: { reference: 20, zero: 0 }"),
            ["11:5: `scales.pet.temperature` lacks `span-ppm`"]
        ),
        (
            Self.warm(
                "minimum: 20",
                register: "{ function: input, address: 9, type: int32, scale: 1/10 }"),
            [
                "13:57: `scales.pet.registers.temperature.type` must be one of int16, not `int32`"
            ]
        ),
    ]

    @Test("a temperature that can't be is reported", arguments: Self.faultyTemperatures)
    func temperatures(yaml: String, expected: [String]) {
        #expect(faults(of: yaml) == expected)
    }

    @Test(
        "a converter that delivers none can't be corrected",
        arguments: [
            ("driver: hx711, chip: gpiochip0, clock: 5, data: 6, gain: 128, rate: 10", "hx711"),
            ("driver: iio, device: hx711", "iio"),
        ])
    func converters(written: String, driver: String) {
        let yaml = Example.contract.with(
            "driver: hx711, chip: gpiochip0, clock: 5, data: 6, gain: 128, rate: 10",
            "temperature: { reference: 20, zero: 0, span-ppm: 0 }, \(written)")
        #expect(
            faults(of: yaml) == [
                "18:24: `scales.film.temperature` can't be corrected: driver \(driver) delivers "
                    + "no temperature"
            ])
    }
}
