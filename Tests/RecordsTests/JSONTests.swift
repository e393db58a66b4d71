import Records
import Testing

/// RFC 8259, and what a ledger insists on beyond it: unique keys and a bounded depth.
struct JSONTests {
    @Test(
        "what is JSON is read, and written in its compact form",
        arguments: [
            ("null", "null"), (" true ", "true"), ("\t\r\n[ ]\n", "[]"), ("{ }", "{}"),
            ("0", "0"), ("-0", "0"), ("-1", "-1"), ("9223372036854775807", "9223372036854775807"),
            ("-9223372036854775808", "-9223372036854775808"), ("1.50", "1.50"), ("1e2", "1e2"),
            ("0.1E-7", "0.1E-7"), ("9223372036854775808", "9223372036854775808"),
            ("\"\"", "\"\""), (#""a\"\\\/\b\f\n\r\t""#, #""a\"\\/\u0008\u000c\n\r\t""#),
            (#""\u0041\u00e9\u6062""#, "\"Aé恢\""), (#""\ud83d\ude00""#, "\"😀\""),
            (#""é\n恢\u0041é""#, #""é\n恢Aé""#), (#""\u0000""#, #""\u0000""#),
            ("\"\u{7F}\u{2028}\"", "\"\u{7F}\u{2028}\""),
            (#"{"b":1,"a":[true,null,{"":""}]}"#, #"{"b":1,"a":[true,null,{"":""}]}"#),
            (#" { "a" : [ 1 , 2 ] } "#, #"{"a":[1,2]}"#),
        ])
    func reads(text: String, compact: String) throws {
        #expect(try JSONParser.parse(Array(text.utf8)).text == compact)
    }

    @Test(
        "what isn't JSON is refused",
        arguments: [
            "", " ", "nul", "nulll", "True", "NaN", "Infinity", "-Infinity", "undefined",
            "+1", "01", "-01", "-", "1.", ".5", "1.e2", "1e", "1e+", "0x10", "1_000", "--1", "1 2",
            "\"", "\"a", "'a'", "\"\\\"", "\"\\x41\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\u+123\"",
            "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\ud800x\"", "\"a\nb\"",
            "\"a\tb\"", "\"\u{0}\"", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1}",
            "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{1:1}",
            "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{,}", "{\"a\":1]", "[]]", "{}{}", "null,",
            "// a", "/* a */ 1", "[1,// a\n2]", "\u{FEFF}{}", "\u{A0}1", "\u{2028}1", "[\u{B}1]",
            "{\"a\":1,\"a\":1}", #"{"a":1,"\u0061":2}"#, #"{"x":{"a":1,"b":2,"a":3}}"#,
        ])
    func refuses(text: String) {
        #expect(throws: JSONError.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test(
        "bytes that are no UTF-8 are refused in strings",
        arguments: [
            [0x80], [0xC3], [0xC0, 0xAF], [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80],
            [0xF0, 0x80, 0x80, 0xAF], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF],
        ] as [[UInt8]])
    func refusesBadUTF8(bytes: [UInt8]) {
        let quote = [UInt8(ascii: "\"")]
        #expect(throws: JSONError.self) { try JSONParser.parse(quote + bytes + quote) }
        #expect(throws: JSONError.self) { try JSONParser.parse(bytes) }
    }

    @Test("nesting is bounded", arguments: [(32, true), (33, false), (100_000, false)])
    func nests(depth: Int, fits: Bool) {
        let lists = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        let objects =
            String(repeating: "{\"a\":", count: depth - 1) + "{}"
            + String(repeating: "}", count: depth - 1)
        for text in [lists, objects] {
            let value = Result { try JSONParser.parse(Array(text.utf8)) }
            #expect(value.isSuccess == fits)
        }
        let open = [UInt8](repeating: UInt8(ascii: "["), count: depth)
        #expect(throws: JSONError.self) { try JSONParser.parse(open) }
    }

    @Test func aHugeNumberIsKeptAsItWasWrittenAndIsNoInteger() throws {
        let digits = String(repeating: "9", count: 100_000)
        let value = try JSONParser.parse(Array(digits.utf8))
        #expect(value == .decimal(digits))
        #expect(value.integer == nil)
        #expect(try JSONParser.parse(Array("1.0".utf8)).integer == nil)
    }

    @Test func errorsNameTheOffset() {
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(Array("[1, x]".utf8)) }
        #expect(error?.offset == 4)
        #expect(error?.description == "not JSON at byte 4: a value was expected")
    }

    @Test func onlyAnObjectIsAnObject() {
        for text in ["[]", "1", "null", "\"{}\""] {
            #expect(throws: JSONError.self) { try JSONParser.object(Array(text.utf8)) }
        }
    }

    @Test func membersKeepTheirOrderAndAreReplacedInPlace() throws {
        var object = try JSONParser.object(Array(#"{"z":1,"a":2,"m":3}"#.utf8))
        object["a"] = 9
        object["z"] = nil
        object["new"] = "x"
        #expect(JSONValue.object(object).text == #"{"a":9,"m":3,"new":"x"}"#)
        #expect(object.keys == ["a", "m", "new"])
    }

    /// Time grows with the size and not faster: many keys are looked up in a set.
    @Test func manyKeysAreReadInOneGo() throws {
        let members = (0..<20_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        #expect(try JSONParser.object(Array("{\(members)}".utf8)).members.count == 20_000)
    }

    @Test("a key stands once, however many there are", arguments: [2, 23, 24, 25, 26, 100])
    func keysAreUnique(count: Int) throws {
        for again in [0, (count - 1) / 2, count - 2] {
            let keys = (0..<(count - 1)).map { "k\($0)" }
            let members = (keys + [keys[again]]).map { "\"\($0)\":1" }.joined(separator: ",")
            #expect(throws: JSONError.self) {
                try JSONParser.object(Array("{\(members)}".utf8))
            }
        }
    }
}
