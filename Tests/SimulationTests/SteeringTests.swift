import BinCore
import Simulation
import Testing

@Suite struct ThousandthsTests {
    @Test(
        arguments: [
            ("0", 0, "0"), ("19.5", 19_500, "19.5"), ("0.001", 1, "0.001"), ("1.10", 1100, "1.1"),
            ("999999999.999", 999_999_999_999, "999999999.999"), ("007", 7000, "7"),
        ] as [(String, Int64, String)])
    func readsExactlyAndWritesShortest(text: String, value: Int64, written: String) {
        #expect(Thousandths.read(text) == value)
        #expect(Thousandths.text(value) == written)
    }

    @Test(arguments: [
        "", ".", ".5", "5.", "-1", "+1", "1e3", "1.2345", "1,5", "1.2.3", "1000000000", " 1", "１",
        "0x10", "nan",
    ])
    func refusesAnythingElse(text: String) {
        #expect(Thousandths.read(text) == nil)
    }

    @Test func writesNegativeNumbers() {
        #expect(Thousandths.text(-1500) == "-1.5")
        #expect(Thousandths.text(-1) == "-0.001")
    }
}

@Suite struct ActTests {
    @Test(arguments: [
        "tap uid:04A1B2C3", "tap w26:00A1B2 --reader front", "put pet 19.5",
        "put pet 500 --over 2.5", "take film 0.001", "take film 3 --over 0.001", "empty pet",
        "fault bus rs485 off", "fault scale pet stuck", "fault reader side on",
    ])
    func readsWhatItWrites(line: String) throws {
        #expect(try Act(line: line).description == line)
    }

    @Test func optionsMayStandAnywhere() throws {
        let act = Act.put(try name("pet"), Milligrams(19_500), overMs: 3000)
        #expect(try Act(line: "put --over 3 pet 19.5") == act)
        #expect(try Act(line: "  put\tpet  --over 3   19.5 ") == act)
    }

    @Test(arguments: [
        ("", "no verb"), ("drop pet 5", "\"drop\" is no verb; there are empty, fault"),
        ("put pet", "write: put COMPARTMENT GRAMS"), ("put pet 5 6", "write: put"),
        ("put Pet 5", "\"Pet\" is no name"), ("put pet 0", "\"0\" is no mass"),
        ("put pet -5", "\"-5\" is no mass"), ("put pet 1.2345", "is no mass"),
        ("put pet 5 --over", "--over needs a value"), ("put pet 5 --over 1h", "is no duration"),
        ("put pet 5 --over 86401", "is no duration"),
        ("put pet 5 --reader side", "--reader does not belong here"),
        ("put pet 5 --over 1 --over 2", "write: put"),
        ("tap 04A1B2C3", "is no card"), ("tap uid:04a1b2c3", "is no card"),
        ("tap uid:04A1B2C3 --over 1", "--over does not belong here"),
        ("empty", "write: empty COMPARTMENT"), ("empty pet --over 3", "does not belong here"),
        ("fault lamp a off", "\"lamp\" can't break"), ("fault bus a broken", "is no fault"),
    ])
    func saysWhatIsWrong(line: String, reason: String) throws {
        let error = try #require(throws: SimulationError.self) { try Act(line: line) }
        #expect(error.code == .malformed)
        #expect(error.description.contains(reason))
    }
}

@Suite struct ScriptTests {
    @Test func readsStepsInTheOrderOfTheirTimes() throws {
        let script = try Script(
            """
            # a morning
            at 0 tap uid:04A1B2C3

            at 7.25 put film 3   # late
              at 2.5\tput pet 19.5 --over 4
            at 2.5 take pet 1\r
            """)
        #expect(script.steps.map(\.line) == [2, 5, 6, 4])
        #expect(script.steps.map(\.atMs) == [0, 2500, 2500, 7250])
        #expect(script.steps[1].act.description == "put pet 19.5 --over 4")
    }

    @Test func namesEveryBadLine() throws {
        let faults = try #require(throws: ScriptFaults.self) {
            try Script(
                """
                at 1 tap uid:04A1B2C3
                put pet 5
                at soon put pet 5
                at 2
                at 3 put pet 5
                at 4 put pet
                at 5 # put pet 5
                """)
        }.faults
        #expect(faults.map(\.line) == [2, 3, 4, 6, 7])
        #expect(faults[0].message == "write: at SECONDS VERB …")
        #expect(faults[1].message.contains("\"soon\" is no time"))
        #expect(faults[3].message.contains("write: put COMPARTMENT GRAMS"))
    }

    @Test func anEmptyScriptHasNoSteps() throws {
        #expect(try Script("").steps.isEmpty)
        #expect(try Script("\n# nothing\n\n").steps.isEmpty)
    }
}
