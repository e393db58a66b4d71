import BinCore
import Records
import Testing

struct RecordTests {
    private let journal: [[UInt8]]

    init() throws { self.journal = try Vectors.lines("journal.ndjson") }

    /// Numbers are those of the golden records.
    @Test(
        "one change each",
        arguments: [
            (1, "no number", "\"seq\":1,", ""), (1, "number 0", "\"seq\":1,", "\"seq\":0,"),
            (1, "a number twice", "\"seq\":1,", "\"seq\":1,\"seq\":1,"),
            (1, "a text for a number", "\"seq\":1,", "\"seq\":\"1\","),
            (1, "a fraction", "\"seq\":1,", "\"seq\":1.0,"),
            (1, "an exponent", "\"seq\":1,", "\"seq\":1e0,"),
            (1, "beyond 64 bits", "\"seq\":1,", "\"seq\":9223372036854775808,"),
            (1, "a date that isn't", "1970-01-01", "1970-02-30"),
            (1, "another offset", "05.000Z", "05.000+00:00"),
            (1, "an unknown clock", "unset", "broken"),
            (1, "a negative boot", "\"boot\":41", "\"boot\":-1"),
            (1, "a negative uptime", "\"up\":5000", "\"up\":-5000"),
            (1, "an unknown kind", "\"kind\":\"boot\"", "\"kind\":\"reboot\""),
            (1, "no kind", "\"kind\":\"boot\",", ""),
            (1, "a kind that is a list", "\"kind\":\"boot\"", "\"kind\":[\"boot\"]"),
            (1, "an unknown reason", "\"power\"", "\"whim\""),
            (2, "no time", "\"from\":\"1970", "\"from\":\"197"),
            (3, "an unknown bulletin", "\"tariff\"", "\"weather\""),
            (3, "version 0", "\"version\":7", "\"version\":0"),
            (5, "no card", "w26:00A1B2", "w26:00a1b2"), (5, "an unknown role", "resident", "guest"),
            (5, "no name", "\"front\"", "\"Front\""), (5, "order 0", "\"order\":5", "\"order\":0"),
            (6, "a mass that isn't after − before", "\"mass\":535", "\"mass\":540"),
            (6, "no mass", "\"mass\":535,", ""),
            (6, "more than 1,000 t", "\"after\":535", "\"after\":1000000001"),
            (6, "division 0", "\"division\":5", "\"division\":0"),
            (6, "a division of 2 t", "\"division\":5", "\"division\":2000000"),
            (6, "a million pieces and one", "\"pieces\":3", "\"pieces\":1000001"),
            (6, "a negative price", "\"price\":2800", "\"price\":-1"),
            (6, "a price beyond any tariff", "\"price\":2800", "\"price\":10000001"),
            (6, "a price by the piece beyond any", "\"each\":40000", "\"each\":1000000001"),
            (6, "a factor beyond any", "\"factor\":1164", "\"factor\":10000001"),
            (6, "a fraction of a µCNY", "\"value\":1618000", "\"value\":1618000.5"),
            (6, "an unknown flag", "\"flags\":[]", "\"flags\":[\"odd\"]"),
            (6, "flags that are no list", "\"flags\":[]", "\"flags\":\"\""),
            (6, "a flag that is no text", "\"flags\":[]", "\"flags\":[1]"),
            (9, "a negative number of deposits", "\"deposits\":3", "\"deposits\":-3"),
            (9, "an unknown ending", "\"idle\"", "\"bored\""),
            (10, "an unknown refusal", "\"blocked\"", "\"ugly\""),
            (11, "a delta that isn't after − before", "\"delta\":-20", "\"delta\":20"),
            (11, "an unknown cause", "\"no-card\"", "\"wind\""),
            (12, "no detail", "\"detail\"", "\"details\""),
            (12, "half an escape", "\\ttail", "\\"), (12, "a raw tab", "\\ttail", "\ttail"),
            (14, "an unknown action", "\"confirmed\"", "\"considered\""),
            (15, "a span that isn't an integer", "1048576", "\"1048576\""),
            (16, "a removal that isn't before − after", "\"removed\":485", "\"removed\":480"),
            (1, "a line break between tokens", "\"seq\":1,", "\"seq\":1,\n"),
            (1, "a carriage return between tokens", "\"seq\":1,", "\"seq\":1,\r"),
            (1, "a second object", "\"power\"}", "\"power\"}{}"),
            (1, "a byte order mark", "{\"seq\"", "\u{FEFF}{\"seq\""),
        ])
    func refuses(number: Int, why: String, old: String, new: String) throws {
        let touched = try self.journal[number - 1].replacing(old, with: new)
        #expect(throws: RecordError.self, "\(why)") { try Record(bytes: touched) }
    }

    @Test(
        "bytes that are no UTF-8",
        arguments: [
            [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE6, 0x81],
        ]
            as [[UInt8]])
    func refusesBadUTF8(bytes: [UInt8]) throws {
        let record = self.journal[12]
        let at = try #require(record.firstIndex(of: 0xE6))
        let touched = Array(record[..<at]) + bytes + Array(record[at...])
        #expect(throws: RecordError.self) { try Record(bytes: touched) }
    }

    @Test func laterFieldsArePassedOver() throws {
        let touched = try self.journal[0].replacing("{", with: "{\"later\":{\"deep\":[null]},")
        #expect(try Record(bytes: touched) == Record(bytes: self.journal[0]))
    }

    @Test func nestingBeyondTheBoundIsRefused() throws {
        let deep = String(repeating: "[", count: 1_900) + String(repeating: "]", count: 1_900)
        let touched = try self.journal[0].replacing("{", with: "{\"x\":\(deep),")
        #expect(throws: RecordError.self) { try Record(bytes: touched) }
    }

    private func fault(_ text: String) throws -> Record {
        var record = try Record(bytes: self.journal[0])
        record.header.seq = .max
        record.header.boot = .max
        record.header.up = BootInstant(milliseconds: .max)
        record.fact = .cleared(FaultFact(source: text, code: text, detail: text))
        return record
    }

    @Test(
        "a fault is cut to 200 bytes a text, so that it always fits",
        arguments: [
            (String(repeating: "x", count: 201), 200), (String(repeating: "恢", count: 67), 198),
            (String(repeating: "\u{1}", count: 9_000), 200),
            ("e" + String(repeating: "\u{301}", count: 9_000), 199),
            (String(repeating: "\"", count: 200), 200), ("", 0),
        ])
    func cutsFaults(text: String, kept: Int) throws {
        let record = try self.fault(text)
        let bytes = try record.encoded()
        #expect(bytes.count <= Record.longest)
        guard case .cleared(let fact) = try Record(bytes: bytes).fact else {
            Issue.record("not a cleared record")
            return
        }
        #expect(fact.detail.utf8.count == kept)
        #expect(Array(text.utf8).starts(with: Array(fact.detail.utf8)))
        #expect(fact.source == fact.detail)
        #expect(fact.code == fact.detail)
    }

    @Test func aRecordTooLongToKeepIsNotMade() throws {
        var record = try Record(bytes: self.journal[0])
        record.fact = .boot(
            BootFact(version: String(repeating: "x", count: 4_096), config: "", reason: .power))
        #expect(throws: RecordError.self) { try record.encoded() }
    }

    @Test func flagsAreWrittenInOneOrder() throws {
        var record = try Record(bytes: self.journal[5])
        guard case .deposit(var deposit) = record.fact else {
            Issue.record("not a deposit")
            return
        }
        deposit.flags = Set(DepositFlag.allCases)
        record.fact = .deposit(deposit)
        let flags = try JSONParser.object(record.encoded())["flags"]?.array?.compactMap(\.string)
        #expect(flags == DepositFlag.allCases.map(\.rawValue).sorted())
    }

    @Test func anUnknownKindIsQuotedInPart() throws {
        let kind = String(repeating: "\u{1B}\u{301}", count: 500)
        #expect(RecordError.kind(kind).description.utf8.count < 80)
    }

    /// Written by hand.
    @Test(
        "fields that records of old lack",
        arguments: [
            #""kind":"boot","version":"0.1.0+0123456789abcdef","config":"c","reason":"power","#
                + #""parameters":"p","events":3"#,
            #""kind":"calibration","compartment":"pet","by":"li","zero":5,"span":6,"#
                + #""reference":7,"version":"0.1.0","events":4"#,
            #""kind":"calibration","compartment":"pet","by":"li","zero":5,"span":6,"#
                + #""reference":7,"converter":"pet hx711 gain 128","version":"0.1.0","events":4"#,
        ])
    func furtherFieldsAreReadAndWrittenByteForByte(fields: String) throws {
        let text =
            #"{"seq":1,"at":"2026-11-23T08:21:00.000Z","clock":"synced","boot":1,"up":2,"#
            + fields + "}"
        let record = try Record(bytes: Array(text.utf8))
        #expect(try record.encoded().text == text)
        switch record.fact {
        case .boot(let fact):
            #expect(
                fact.legal
                    == LegalMark(
                        parameters: "p", software: "0.1.0+0123456789abcdef", events: 3))
        case .calibration(let fact):
            #expect(fact.seal == CalibrationFact.Seal(version: "0.1.0", events: 4))
            #expect(fact.converter == (text.contains("gain") ? "pet hx711 gain 128" : nil))
        default: Issue.record("another kind")
        }
    }

    @Test func aConverterThatIsNoTextIsRefused() {
        let text =
            #"{"seq":1,"at":"2026-11-23T08:21:00.000Z","clock":"synced","boot":1,"up":2,"#
            + #""kind":"calibration","compartment":"pet","by":"li","zero":5,"span":6,"#
            + #""reference":7,"converter":8}"#
        #expect(throws: RecordError.field("converter")) { try Record(bytes: Array(text.utf8)) }
    }
}
