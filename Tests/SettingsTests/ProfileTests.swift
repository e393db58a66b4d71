import BinCore
import Settings
import Testing

@Suite struct ProfileTests {
    private func yaml(_ device: String) -> String {
        Example.smallest.with(
            "    registers:\n      weight: { function: holding, address: 0, type: int32, order: big, "
                + "scale: 1/1 }\n", device)
    }

    private func scale(_ device: String) throws -> ModbusScaleSettings {
        let settings = try SettingsReader.read(yaml: self.yaml(device), named: "bin.yaml").settings
        guard case .modbus(let modbus) = settings.scales.values.first?.driver else {
            throw SettingsFaultsMissing()
        }
        return modbus
    }

    private struct SettingsFaultsMissing: Error {}

    @Test func aProfileStandsForItsRegisters() throws {
        let scale = try self.scale("    profile: laumas\n    unit: kg\n    timeout-ms: 150\n")
        #expect(scale.profile?.text == "laumas")
        #expect(scale.timeoutMs == 150)
        #expect(scale.registers.weight.address == 7)
        #expect(scale.registers.weight.scale == Ratio(1000, 1))
        #expect(scale.registers.status?.overload == [2, 3, 4, 5].map { StatusBit(index: $0) })
        // DOMAIN §4.4: 0 = 100, 8 = 0.2, 14 = 0.002, 18 = 0.0001.
        guard case .division(.holding, 13, let bits, let digits) = scale.registers.weight.decimals
        else {
            Issue.record("no division")
            return
        }
        #expect(bits == BitField(low: 0, count: 8))
        #expect([digits[0], digits[8], digits[14], digits[18]] == [0, 1, 3, 4])
        #expect(digits.count == 19)
        #expect(scale.commands.map(\.effect) == [.zero, .eeprom])
    }

    @Test("Every profile is without a fault", arguments: ProfileLibrary.Kind.allCases)
    func everyProfile(kind: ProfileLibrary.Kind) {
        for name in ProfileLibrary.names(kind) {
            let yaml =
                switch kind {
                case .transmitter: self.yaml("    profile: \(name)\n    unit: kg\n")
                case .reader:
                    Example.smallest.with(
                        "compartments:",
                        "readers: { side: { driver: modbus, bus: rs485, address: 9, "
                            + "profile: \(name) } }\ncompartments:")
                }
            // A display whose point only the technician knows is the one thing it may ask for.
            #expect(faults(of: yaml).allSatisfy { $0.contains("lacks `decimals`") }, "\(name)")
        }
    }

    @Test(
        "What is wrong with a profile's use",
        arguments: [
            (
                "profile: laumas\n    unit: kgs",
                "12:11: `scales.pet.unit` must be one of g, kg, not"
            ),
            ("profile: laumas\n    unit: kg\n    decimals: 3", "knows where its point is; leave"),
            ("profile: dini-argeo-dgt\n    unit: kg", "lacks `decimals`: how many digits"),
            ("profile: lamas\n    unit: kg", "did you mean `laumas`?"),
            ("profile: vrd-485\n    unit: kg", "there is no profile `vrd-485` of a transmitter"),
            (
                "profile: dy610\n    unit: kg\n    decimals: 3\n    registers: {}",
                "has both `profile` and `registers`; leave one out"
            ),
        ])
    func faulty(device: String, expected: String) {
        let reported = faults(of: self.yaml("    \(device)\n"))
        #expect(reported.count == 1)
        #expect(reported.first?.contains(expected) == true, "\(reported)")
    }

    @Test func unitsBelongToProfiles() {
        let yaml = Example.smallest.with("    registers:\n", "    unit: kg\n    registers:\n")
        #expect(
            faults(of: yaml) == [
                "11:11: `scales.pet.unit` is for a `profile`; `registers` have their `scale`"
            ])
    }

    @Test func tellsWhatWasNotVerified() throws {
        let checked = try SettingsReader.read(
            yaml: self.yaml("    profile: tuna-id551\n    unit: kg\n"), named: "bin.yaml")
        let warning = try #require(checked.warnings.first)
        #expect(checked.warnings.count == 1)
        #expect(warning.line == 11)
        #expect(warning.message.hasPrefix("profile `tuna-id551` has not been verified: the order"))
        let sure = try SettingsReader.read(
            yaml: self.yaml("    profile: rs485-signed32\n    unit: kg\n"), named: "bin.yaml")
        #expect(sure.warnings.isEmpty)
    }

    @Test("A bus that is too slow for its scales is told", arguments: [(9600, 3, 1), (9600, 2, 0)])
    func slowBus(baud: Int, scales: Int, warnings: Int) throws {
        let list = (1...scales).map { number in
            "  s\(number): { driver: modbus, bus: rs485, address: \(number), capacity: 30000, "
                + "division: 5, profile: rs485-signed32, unit: kg }\n"
        }.joined()
        let yaml = """
            device: { id: bin-1, community: baiyun }
            storage: { directory: /var/lib/steelyard }
            buses: { rs485: { port: /dev/steelyard/rs485, baud: \(baud) } }
            scales:
            \(list)compartments: { pet: { material: pet-bottle, scale: s1 } }
            """
        let checked = try SettingsReader.read(yaml: yaml, named: "bin.yaml")
        #expect(checked.warnings.count == warnings)
        if let warning = checked.warnings.first {
            #expect((warning.line, warning.column) == (3, 10))
            #expect(warning.message.contains("3 devices"))
        }
    }

    @Test func aDeviceMayOfferNothingThatMoves() throws {
        let registers = try self.scale(
            "    registers:\n      weight: { function: holding, address: 0, type: int16, "
                + "scale: 1/1 }\n      alive: none\n"
        ).registers
        #expect(registers.liveness == nil)
        #expect(
            faults(of: self.yaml("    registers:\n      alive: nothing\n")).contains {
                $0.contains("alive` must be a mapping")
            })
    }

    @Test func aTransmitterMayHaveToBeUnlocked() throws {
        let scale = try self.scale("    profile: rs485-signed32\n    unit: g\n")
        #expect(scale.commands.map(\.effect) == [.unlock, .zero, .tare])
    }

    @Test func aBusMayRestBetweenDevices() throws {
        func turnaround(_ text: String) throws -> Int? {
            let yaml = Example.smallest.with("/rs485 }", "/rs485\(text) }")
            return try SettingsReader.read(yaml: yaml, named: "bin.yaml").settings.buses.values
                .first?.turnaroundMs
        }
        #expect(try turnaround("") == 0)
        #expect(try turnaround(", turnaround-ms: 500") == 500)
        let tooLong = Example.smallest.with("/rs485 }", "/rs485, turnaround-ms: 501 }")
        #expect(
            faults(of: tooLong) == [
                "3:62: `buses.rs485.turnaround-ms` must be a whole number from 0 to 500, not `501`"
            ])
    }

    /// What a poll writes it writes with every card, for years.
    @Test(
        "A reader's flag is cleared, and nothing else is written",
        arguments: [
            ("{ function: register, address: 1000, values: [0] }", true),
            ("{ function: registers, address: 1000, values: [0] }", true),
            ("{ function: coil, address: 1016, values: [0] }", true),
            ("{ function: coil, address: 1016, values: [1] }", false),
            ("{ function: register, address: 1000, values: [1] }", false),
            ("{ function: register, address: 1001, values: [0] }", false),
            ("{ function: registers, address: 1000, values: [0, 0] }", false),
        ])
    func clearing(write: String, isRight: Bool) {
        let yaml = Example.smallest.with(
            "compartments:",
            "readers: { side: { driver: modbus, bus: rs485, address: 9, registers: { presence: "
                + "latched, latch: { function: holding, address: 1000 }, clear: \(write), "
                + "uid: { function: holding, address: 1001, count: 2 } } } }\ncompartments:")
        let reported = faults(of: yaml)
        #expect(reported.isEmpty == isRight)
        #expect(reported.allSatisfy { $0.contains("a 0 into the register of `latch` or") })
    }

    @Test func registersMayTellTheirDecimalsAndLiveness() throws {
        let registers = try self.scale(
            """
                registers:
                  weight: { function: holding, address: 80, type: int32, order: big, scale: 1000/1, decimals: { status: 0-2 } }
                  status: { function: holding, address: 8, stable: "!5", overload: [6, "!9"] }
                  alive: { kind: counter, function: holding, address: 9, bits: 8-15 }
                  atomic: true

            """
        ).registers
        #expect(registers.weight.decimals == .status(BitField(low: 0, count: 3)))
        #expect(
            registers.status?.overload == [
                StatusBit(index: 6), StatusBit(index: 9, inverted: true),
            ])
        #expect(registers.liveness?.bits == BitField(low: 8, count: 8))
        #expect(registers.isAtomic)
    }
}
