import Testing

/// A change to the smallest configuration, and all that is reported about it.
struct FaultyChange: Sendable, CustomTestStringConvertible {
    let old: String
    let new: String
    let expected: [String]

    init(_ old: String, _ new: String, _ expected: String...) {
        self.old = old
        self.new = new
        self.expected = expected
    }

    var testDescription: String { self.new.isEmpty ? "without \(self.old)" : self.new }
}

@Suite struct FaultTests {
    static let bin: [FaultyChange] = [
        FaultyChange("device:", "devise:", "1:1: `devise` is not known; did you mean `device`?"),
        FaultyChange(
            "device: { id: bin-1, community: baiyun }\n", "",
            "1:1: the configuration lacks `device`"),
        FaultyChange(
            "{ id: bin-1, community: baiyun }", "bin-1",
            "1:9: `device` must be a mapping, `key: value`"),
        FaultyChange("{ id: bin-1, community: baiyun }", "", "1:1: `device` has no value"),
        FaultyChange("id: bin-1, ", "", "1:1: `device` lacks `id`"),
        FaultyChange(
            "id: bin-1", "id: b1",
            "1:15: `b1` is not a name: use 3 to 63 of a-z, 0-9 and single hyphens inside"),
        FaultyChange(
            "id: bin-1", "id: Bin_1",
            "1:15: `Bin_1` is not a name: use 3 to 63 of a-z, 0-9 and single hyphens inside"),
        FaultyChange("id: bin-1", "id: [bin-1]", "1:15: `device.id` must be a text, not a list"),
        FaultyChange(
            "community: baiyun", "communty: baiyun",
            "1:22: `communty` is not known in `device`; did you mean `community`?"),
        FaultyChange(
            "community: baiyun", "community: bai--yun",
            "1:33: `bai--yun` is not a name: use 1 to 63 of a-z, 0-9 and single hyphens inside"),
        FaultyChange(
            "directory: /var/lib/steelyard", "directory: /var/lib/steelyard, retain-days: 89",
            "2:56: `storage.retain-days` must be a whole number from 90 to 36500, not `89`"),
        FaultyChange(
            "directory: /var/lib/steelyard", "retain-days: 90",
            "2:1: `storage` lacks `directory`"),
        FaultyChange(
            "directory: /var/lib/steelyard", "directory: \"a\\nb\"",
            "2:23: `storage.directory` must be a text of one line, 1 to 4096 bytes"),
        FaultyChange(
            "buses:", "trust: [ \"AAAA\" ]\nbuses:",
            "3:10: `trust` must hold Ed25519 public keys, base64 of 32 bytes as `steelyard-hub "
                + "key` prints them, not `AAAA`"),
        FaultyChange(
            "buses:", "trust: [ \(Example.key), \"\(Example.key)\" ]\nbuses:",
            "3:56: this key is in `trust` twice"),
        FaultyChange(
            "buses:", "trust: \(Example.key)\nbuses:",
            "3:8: `trust` must be a list of public keys, `[…]`"),
        FaultyChange(
            "compartments:", "compartements:",
            "13:1: `compartements` is not known; did you mean `compartments`?"),
        FaultyChange(
            "{ pet: { material: pet-bottle, scale: pet } }", "{}",
            "13:15: `compartments` is empty; name at least one"),
        FaultyChange(
            "compartments: { pet:", "compartments: { PET:",
            "13:17: `PET` is not a name: use 1 to 63 of a-z, 0-9 and single hyphens inside"),
        FaultyChange(
            "scale: pet }", "scale: pte }",
            "13:53: scale `pte` is not in `scales`; did you mean `pet`?"),
        FaultyChange(
            "scale: pet } }", "scale: pet }, b: { material: b, scale: pet } }",
            "13:85: scale `pet` is already used by `compartments.pet` on line 13"),
        FaultyChange(
            "scale: pet }", "scale: pet, lock: { chip: gpiochip0, line: 512 } }",
            "13:89: `compartments.pet.lock.line` must be a whole number from 0 to 511, not `512`"),
        FaultyChange(
            "scale: pet }",
            "scale: pet, lock: { chip: gpiochip0, line: 4 }, "
                + "counter: { chip: /dev/gpiochip0, line: 4 } }",
            "13:133: line 4 of gpiochip0 is already used by `compartments.pet.lock` on line 13"),
        FaultyChange(
            "compartments:", "feedback: { grene: { chip: a, line: 1 } }\ncompartments:",
            "13:13: `grene` is not known in `feedback`; did you mean `green`?"),
        FaultyChange(
            "compartments:", "session: { idle-seconds: 4 }\ncompartments:",
            "13:26: `session.idle-seconds` must be a whole number from 5 to 600, not `4`"),
    ]

    static let scales: [FaultyChange] = [
        FaultyChange(
            "port: /dev/steelyard/rs485", "prot: /dev/steelyard/rs485",
            "3:19: `prot` is not known in `buses.rs485`; did you mean `port`?"),
        FaultyChange(
            "rs485 } }", "rs485, baud: 19201 } }",
            "3:53: `buses.rs485.baud` must be one of 1200, 2400, 4800, 9600, 19200, 38400, 57600, "
                + "115200, not `19201`"),
        FaultyChange(
            "rs485 } }", "rs485, baud: \"9600\" } }",
            "3:53: `buses.rs485.baud` must be one of 1200, 2400, 4800, 9600, 19200, 38400, 57600, "
                + "115200, not `9600` in quotes"),
        FaultyChange(
            "rs485 } }", "rs485, parity: evne } }",
            "3:55: `buses.rs485.parity` must be one of none, even, odd, not `evne`; did you mean "
                + "`even`?"),
        FaultyChange(
            "rs485 } }", "rs485, stop-bits: 3 } }",
            "3:58: `buses.rs485.stop-bits` must be one of 1, 2, not `3`"),
        FaultyChange(
            "rs485 } }", "rs485, timeout-ms: 9 } }",
            "3:59: `buses.rs485.timeout-ms` must be a whole number from 10 to 5000, not `9`"),
        FaultyChange(
            "rs485 } }", "rs485 }, b: { port: /dev/steelyard/rs485 } }",
            "3:60: port /dev/steelyard/rs485 is already used by `buses.rs485` on line 3"),
        FaultyChange(
            "bus: rs485", "bus: rs458",
            "7:10: bus `rs458` is not in `buses`; did you mean `rs485`?"),
        FaultyChange(
            "buses: {", "busses: {", "3:1: `busses` is not known; did you mean `buses`?"),
        FaultyChange(
            "driver: modbus", "driver: modbas",
            "6:13: `scales.pet.driver` must be one of modbus, hx711, iio, not `modbas`; did "
                + "you mean `modbus`?"),
        FaultyChange(
            "address: 1\n", "address: 248\n",
            "8:14: `scales.pet.address` must be a whole number from 1 to 247, not `248`"),
        FaultyChange(
            "address: 1\n", "address: 01\n",
            "8:14: `scales.pet.address` must be a whole number from 1 to 247, not `01`"),
        FaultyChange(
            "address: 1\n", "address: 1\n    gain: 64\n",
            "9:5: `gain` is not known in `scales.pet`; known here: driver, capacity, division, "
                + "minimum, linearity, temperature, bus, address, timeout-ms, registers, profile, "
                + "unit, decimals"),
        FaultyChange(
            "division: 5", "division: 3",
            "10:15: `scales.pet.division` must be 1, 2 or 5 times a power of ten, not `3`"),
        FaultyChange(
            "division: 5", "division: 15",
            "10:15: `scales.pet.division` must be 1, 2 or 5 times a power of ten, not `15`"),
        FaultyChange(
            "division: 5", "division: 2",
            "10:15: `scales.pet.division` must be at least 30000 g / 10000: class III has no more "
                + "intervals"),
        FaultyChange(
            "capacity: 30000", "capacity: 5",
            "9:15: `scales.pet.capacity` must be more than the division of 5 g"),
        FaultyChange(
            "division: 5", "division: 5\n    minimum: 30001",
            "11:14: `scales.pet.minimum` must be a whole number from 0 to 30000, not `30001`"),
        FaultyChange("    division: 5\n", "", "5:3: `scales.pet` lacks `division`"),
        FaultyChange(
            "    registers:\n      weight: { function: holding, address: 0, type: int32, order: big, scale: 1/1 }",
            "    profile: laumsa",
            "5:3: `scales.pet` lacks `unit`",
            "11:14: there is no profile `laumsa` of a transmitter; did you mean `laumas`?"),
        FaultyChange(
            "function: holding", "function: holdin",
            "12:27: `scales.pet.registers.weight.function` must be one of holding, input, not "
                + "`holdin`; did you mean `holding`?"),
        FaultyChange(
            "address: 0", "address: 65535",
            "12:45: `scales.pet.registers.weight.address` must be a whole number from 0 to 65534, "
                + "not `65535`"),
        FaultyChange(
            "type: int32", "type: int23",
            "12:54: `scales.pet.registers.weight.type` must be one of int16, uint16, int32, "
                + "uint32, float32, magnitude32, not `int23`; did you mean `int32`?"),
        FaultyChange(
            " order: big,", "", "12:7: `scales.pet.registers.weight` lacks `order`"),
        FaultyChange(
            "scale: 1/1", "scale: 0.1",
            "12:80: `scales.pet.registers.weight.scale` must be a fraction a/b of numbers from 1 "
                + "to 1000000, not `0.1`"),
        FaultyChange(
            "scale: 1/1", "scale: 1/0",
            "12:80: `scales.pet.registers.weight.scale` must be a fraction a/b of numbers from 1 "
                + "to 1000000, not `1/0`"),
        FaultyChange(
            "type: int32", "type: magnitude32",
            "12:15: type magnitude32 has its sign in a status bit; name it with `negative` under "
                + "`scales.pet.registers.status`"),
        FaultyChange(
            "compartments:",
            "      status: { function: holding, address: 2, stable: 16 }\ncompartments:",
            "13:56: `scales.pet.registers.status.stable` must be a bit from 0 to 15, or from !0 "
                + "to !15 if it means the opposite, not `16`"),
        FaultyChange(
            "compartments:", "      status: { function: holding, address: 2 }\ncompartments:",
            "13:7: `scales.pet.registers.status` names no bit; give one of stable, overload, "
                + "error, negative, or leave it out"),
        FaultyChange(
            "compartments:",
            "      status: { function: holding, address: 2, stable: !5}\ncompartments:",
            "13:58: is not valid YAML: did not find expected whitespace or line break; an inverted "
                + "bit needs a space behind it, or quotes: \"!5\""),
    ]

    static let others: [FaultyChange] = [
        FaultyChange("gain: 128", "gain: 100", "gain` must be one of 128, 64, 32, not `100`"),
        FaultyChange("rate: 10", "rate: 20", "rate` must be one of 10, 80, not `20`"),
        FaultyChange(
            "driver: hx711, chip: gpiochip0, clock: 5, data: 6, gain: 128", "driver: iio",
            "`scales.film` lacks `device`"),
        FaultyChange(
            "driver: hx711, chip: gpiochip0, clock: 5, data: 6, gain: 128",
            "driver: iio, device: hx711, channel: C", "channel` must be one of A, B, not `C`"),
        FaultyChange(
            "driver: hx711, chip: gpiochip0, clock: 5, data: 6, gain: 128, rate: 10",
            "driver: iio, device: hx711, rate: 11", "rate` must be one of 10, 80, not `11`"),
        FaultyChange(
            "driver: hx711, chip: gpiochip0, clock: 5, data: 6, gain: 128",
            "driver: iio, device: hx711, gain: 64", "`gain` is not known in `scales.film`"),
        FaultyChange(
            "clock: 5", "clock: 6", "line 6 of gpiochip0 is already used by `scales.film`"),
        FaultyChange("d0: 23", "d0: 17", "is already used by `compartments.pet.lock` on line"),
        FaultyChange("address: 9", "address: 1", "address 1 on bus `rs485` is already used by"),
        FaultyChange("formats: [w26, w34]", "formats: [w26, uid]", "h10304 or layouts"),
        FaultyChange("formats: [w26, w34]", "formats: [w26, h1304]", "did you mean `h10304`?"),
        FaultyChange("formats: [w26, w34]", "formats: [w26, w26]", "w26 is in the list twice"),
        FaultyChange("formats: [w26, w34]", "formats: [w37, h10304]", "both have 37 bits"),
        FaultyChange("formats: [w26, w34]", "formats: []", "formats` is empty; name some of w26,"),
        FaultyChange("formats: [w26, w34]", "formats: w26", "must be a list of formats"),
        FaultyChange("presence: counter", "presence: level", "`counter` is not known in"),
        FaultyChange("count: 4", "count: 6", "count` must be a whole number from 1 to 5, not `6`"),
        FaultyChange(
            "address: 1, count: 4", "address: 65532, count: 5",
            "must be a whole number from 0 to 65531, not `65532`"),
        FaultyChange(
            "presence: counter, counter: { function: holding",
            "presence: latched, latch: { function: input",
            "is written to 0, so its function must be holding"),
        FaultyChange("https://hub", "ftp://hub", "`uplink.url` must be https://HOST[:PORT]"),
        FaultyChange("https://hub", "https://me@hub", "`uplink.url` must be https://HOST[:PORT]"),
        FaultyChange(":8443, ca", ":8443/?a=b, ca", "`uplink.url` must be https://HOST[:PORT]"),
        FaultyChange("ca: hub-ca.pem", "token-file: t", "is for http:// on loopback only"),
        FaultyChange(
            "https://hub.example:8443, ca: hub-ca.pem", "http://127.0.0.1:8080",
            "`uplink` over http:// lacks `token-file`"),
        FaultyChange(
            "https://hub.example:8443, ca: hub-ca.pem", "http://127.evil.example, token-file: t",
            "may be http:// on 127.0.0.1, localhost or [::1] only"),
        FaultyChange(
            "https://hub.example:8443", "\"http://[::1]:80\", token-file: t",
            "`uplink.ca` is for https:// only"),
        FaultyChange("every-seconds: 60", "every-seconds: 0", "from 1 to 86400, not `0`"),
        FaultyChange("0.0.0.0:8443", "8443", "`pull.listen` must be HOST:PORT"),
        FaultyChange(
            "127.0.0.1:8080", "127.0.0.1:8443", "port 8443 on 127.0.0.1 is already used by"),
        FaultyChange("allow: [hub]", "allow: []", "`pull.allow` is empty"),
        FaultyChange("allow: [hub]", "allow: [hub, hub]", "`hub` is in the list twice"),
        FaultyChange("127.0.0.1:8080", "192.0.2.1:8080", "`kiosk.listen` must be on loopback"),
        FaultyChange("127.0.0.1:8080", "127.evil:8080", "`kiosk.listen` must be on loopback"),
        FaultyChange("127.0.0.1:8080", "127.0.0.1:65536", "with a port from 0 to 65535"),
        FaultyChange("[zh, en]", "[zh, de]", "must be one of zh, en, not `de`"),
        FaultyChange("[zh, en]", "[]", "`kiosk.languages` is empty"),
        FaultyChange("[zh, en]", "[zh, zh]", "zh is in the list twice"),
    ]

    @Test("reports with place and hint", arguments: Self.bin + Self.scales)
    func reports(change: FaultyChange) {
        #expect(faults(of: Example.smallest.with(change.old, change.new)) == change.expected)
    }

    /// For what only the full example has: one fault, on the line that was changed.
    @Test("reports one fault on the changed line", arguments: Self.others)
    func reportsOnTheLine(change: FaultyChange) throws {
        let range = try #require(Example.contract.firstRange(of: change.old))
        let line = Example.contract[..<range.lowerBound].count { $0 == "\n" } + 1
        let reported = faults(of: Example.contract.with(change.old, change.new))
        let fault = try #require(reported.first)
        #expect(reported.count == 1)
        #expect(fault.hasPrefix("\(line):"))
        #expect(fault.contains(try #require(change.expected.first)))
    }

    @Test func oneConverterOfTheKernelIsForOneScale() {
        let yaml = Example.contract.with(
            "film: { driver: hx711, chip: gpiochip0, clock: 5, data: 6, gain: 128",
            "caps: { driver: iio, device: hx711, channel: B, capacity: 3000, division: 1 }\n"
                + "  film: { driver: iio, device: hx711")
        #expect(
            faults(of: yaml) == [
                "19:32: converter `hx711` is already used by `scales.caps` on line 18"
            ])
    }

    @Test func reportsEverythingAtOnceInOrder() {
        let yaml = Example.smallest.with("bin-1", "B").with("/var/lib/steelyard", "[]")
            .with("rs485 } }", "rs485, baud: 1 } }").with("driver: modbus", "drvier: modbus")
            .with("division: 5", "divisoin: 5").with("scale: pet }", "scale: pets, colour: red }")
        let places = faults(of: yaml).map { $0.prefix { $0 != " " } }
        #expect(
            places == ["1:15:", "2:23:", "3:53:", "6:5:", "10:5:", "13:53:", "13:59:"])
    }
}
