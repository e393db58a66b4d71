import BinCore
import Settings
import Testing

/// Parts on single GPIO lines, with every key and with none but those of CONTRACT §7.
@Suite struct LineTests {
    private func compartment(_ written: String) throws -> CompartmentSettings {
        let yaml = Example.smallest.with("scale: pet }", "scale: pet, \(written) }")
        let settings = try SettingsReader.read(yaml: yaml, named: "bin.yaml").settings
        let pet = try #require(Name("pet"))
        return try #require(settings.compartments[pet])
    }

    private func root(_ written: String) throws -> BinSettings {
        let yaml = Example.smallest.with("compartments:", "\(written)\ncompartments:")
        return try SettingsReader.read(yaml: yaml, named: "bin.yaml").settings
    }

    static let locks: [(String, LockSettings)] = [
        (
            "",
            LockSettings(
                line: LineSettings(chip: "c", line: 1), powered: .opens, longestMs: 10_000,
                restMs: 10_000)
        ),
        (
            ", active: low, longest-ms: 500",
            LockSettings(
                line: LineSettings(chip: "c", line: 1, active: .low), powered: .opens,
                longestMs: 500, restMs: 500)
        ),
        (
            ", longest-ms: 500, rest-ms: 4500",
            LockSettings(
                line: LineSettings(chip: "c", line: 1), powered: .opens, longestMs: 500,
                restMs: 4_500)
        ),
        // A holding magnet is driven for as long as the lid is to be locked.
        (
            ", powered: locks",
            LockSettings(
                line: LineSettings(chip: "c", line: 1), powered: .locks, longestMs: nil,
                restMs: 10_000)
        ),
        (
            ", powered: locks, longest-ms: 60000",
            LockSettings(
                line: LineSettings(chip: "c", line: 1), powered: .locks, longestMs: 60_000,
                restMs: 60_000)
        ),
    ]

    @Test("reads locks", arguments: Self.locks)
    func lock(written: String, expected: LockSettings) throws {
        let read = try self.compartment("lock: { chip: c, line: 1\(written) }").lock
        #expect(read == expected)
    }

    @Test func readsCounters() throws {
        let line = LineSettings(chip: "c", line: 2)
        #expect(
            try self.compartment("counter: { chip: c, line: 2 }").counter
                == CounterSettings(
                    input: InputSettings(line: line, bias: .none, debounceMs: 5),
                    longestMs: 3_000, leastPiece: Grams(5)))
        let every =
            "counter: { chip: c, line: 2, active: low, bias: pull-up, debounce-ms: 8, "
            + "longest-ms: 2000, least-piece-grams: 12 }"
        #expect(
            try self.compartment(every).counter
                == CounterSettings(
                    input: InputSettings(
                        line: LineSettings(chip: "c", line: 2, active: .low), bias: .pullUp,
                        debounceMs: 8),
                    longestMs: 2_000, leastPiece: Grams(12)))
    }

    @Test func readsLidsAndDoors() throws {
        let line = LineSettings(chip: "c", line: 3)
        #expect(
            try self.compartment("lid: { chip: c, line: 3 }").lid
                == ContactSettings(
                    input: InputSettings(line: line, debounceMs: 50), longestOpenSeconds: 300))
        let doors = try self.root(
            "doors: { service: { chip: c, line: 3, open: low, bias: pull-down, debounce-ms: 20, "
                + "longest-open-seconds: 60 } }"
        ).doors
        let service = try #require(Name("service"))
        #expect(
            doors == [
                service: ContactSettings(
                    input: InputSettings(
                        line: LineSettings(chip: "c", line: 3, active: .low), bias: .pullDown,
                        debounceMs: 20), longestOpenSeconds: 60)
            ])
    }

    @Test func readsFillSensors() throws {
        #expect(
            try self.compartment("fill: { chip: c, line: 4 }").fill
                == .level(
                    InputSettings(line: LineSettings(chip: "c", line: 4), debounceMs: 3_000)))
        #expect(
            try self.compartment("fill: { driver: switch, chip: c, line: 4, active: low }").fill
                == .level(
                    InputSettings(
                        line: LineSettings(chip: "c", line: 4, active: .low), debounceMs: 3_000)))
        func sensor(_ clear: Int, _ every: Int) -> FillSettings {
            .ultrasonic(
                UltrasonicSettings(
                    trigger: LineSettings(chip: "c", line: 5),
                    echo: LineSettings(chip: "c", line: 6), fullMm: 150, clearMm: clear,
                    everySeconds: every))
        }
        let least = "fill: { driver: ultrasonic, chip: c, trigger: 5, echo: 6, full-mm: 150"
        #expect(try self.compartment("\(least) }").fill == sensor(200, 5))
        #expect(
            try self.compartment("\(least), clear-mm: 300, every-seconds: 2 }").fill
                == sensor(300, 2))
    }

    @Test func readsLampsWithTheirLevel() throws {
        let feedback = try self.root("feedback: { red: { chip: c, line: 7, active: low } }")
            .feedback
        #expect(feedback == [.red: LineSettings(chip: "c", line: 7, active: .low)])
    }

    /// What is written in a compartment, and the end of the only fault.
    static let faulty: [(String, String)] = [
        (
            "lock: { chip: c, line: 1, powered: open }",
            "opens, locks, not `open`; did you mean `opens`?"
        ),
        ("lock: { chip: c, line: 1, longest-ms: 99 }", "from 100 to 600000, not `99`"),
        ("lock: { chip: c, line: 1, longest-ms: 600001 }", "from 100 to 600000, not `600001`"),
        (
            "lock: { chip: c, line: 1, powered: locks, rest-ms: 100 }",
            "`compartments.pet.lock.rest-ms` follows `longest-ms`; name that too, or neither"
        ),
        ("lock: { chip: c, line: 1, activ: low }", "did you mean `active`?"),
        ("counter: { chip: c, line: 1, bias: pullup }", "did you mean `pull-up`?"),
        ("counter: { chip: c, line: 1, debounce-ms: 0 }", "from 1 to 100, not `0`"),
        ("counter: { chip: c, line: 1, least-piece-grams: 0 }", "from 1 to 10000, not `0`"),
        (
            "lid: { chip: c, line: 1, active: low }",
            "known here: chip, line, bias, debounce-ms, open, longest-open-seconds"
        ),
        ("lid: { chip: c }", "`compartments.pet.lid` lacks `line`"),
        ("fill: { driver: ultrasonc, chip: c }", "did you mean `ultrasonic`?"),
        ("fill: { chip: c, line: 1, debounce-ms: 50 }", "from 100 to 60000, not `50`"),
        (
            "fill: { driver: ultrasonic, chip: c, trigger: 1, echo: 1, full-mm: 100 }",
            "line 1 of c is already used by `compartments.pet.fill` on line 13"
        ),
        (
            "fill: { driver: ultrasonic, chip: c, trigger: 1, echo: 2, full-mm: 19 }",
            "from 20 to 3999, not `19`"
        ),
        (
            "fill: { driver: ultrasonic, chip: c, trigger: 1, echo: 2, full-mm: 4000 }",
            "from 20 to 3999, not `4000`"
        ),
        (
            "fill: { driver: ultrasonic, chip: c, trigger: 1, echo: 2, full-mm: 3999, clear-mm: 1 }",
            "from 4000 to 4000, not `1`"
        ),
        (
            "fill: { driver: ultrasonic, chip: c, trigger: 1, echo: 2, full-mm: 100, clear-mm: 100 }",
            "from 101 to 4000, not `100`"
        ),
        (
            "fill: { driver: ultrasonic, chip: c, line: 1, trigger: 1, echo: 2, full-mm: 100 }",
            "`line` is not known in `compartments.pet.fill`; known here: driver, chip, trigger, "
                + "echo, full-mm, clear-mm, every-seconds"
        ),
        (
            "lock: { chip: c, line: 1 }, lid: { chip: c, line: 1 }",
            "line 1 of c is already used by `compartments.pet.lock` on line 13"
        ),
    ]

    @Test("reports what is wrong at its place", arguments: Self.faulty)
    func reports(written: String, expected: String) throws {
        let yaml = Example.smallest.with("scale: pet }", "scale: pet, \(written) }")
        let reported = faults(of: yaml)
        let fault = try #require(reported.first)
        #expect(reported.count == 1)
        #expect(fault.hasPrefix("13:"))
        #expect(fault.hasSuffix(expected))
    }

    @Test func aDoorsLineIsCountedToo() {
        let yaml = Example.smallest.with("scale: pet }", "scale: pet, lid: { chip: c, line: 1 } }")
            .with("compartments:", "doors: { service: { chip: c, line: 1 } }\ncompartments:")
        #expect(
            faults(of: yaml) == [
                "14:80: line 1 of c is already used by `doors.service` on line 13"
            ])
    }

    @Test func onlyLampsWithAMeaningAreKnown() {
        let yaml = Example.smallest.with(
            "compartments:", "feedback: { white: { chip: c, line: 1 } }\ncompartments:")
        #expect(
            faults(of: yaml) == [
                "13:13: `white` is not known in `feedback`; known here: green, red, buzzer"
            ])
    }
}
