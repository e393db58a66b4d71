import BinCore
import Records
import Testing

struct AcknowledgementTests {
    private let golden: [UInt8]

    init() throws { self.golden = try Vectors.bytes("acknowledgement.json") }

    @Test(
        "one change each",
        arguments: [
            ("another device", "baiyun-017", "baiyun-018"), ("another record", ":19,", ":20,"),
            ("record 0", ":19,", ":0,"), ("a negative record", ":19,", ":-19,"),
            ("a text for a number", ":19,", ":\"19\","), ("no 64-bit number", ":19,", ":19e99,"),
            ("another chain value", "\"chain\":\"3", "\"chain\":\"4"),
            ("no chain value", "\"chain\"", "\"chian\""), ("the bin's key", "PUAX", "11qY"),
            ("a short key", "PUAX", ""), ("a short signature", "\"sig\":\"dfus", "\"sig\":\""),
            ("another signature", "\"sig\":\"d", "\"sig\":\"e"),
            ("more behind it", "\"}", "\"}{}"), ("a list", "{\"device", "[{\"device"),
            ("a key twice", "{\"device", "{\"through\":19,\"device"),
        ])
    func refuses(why: String, old: String, new: String) throws {
        let touched = try self.golden.replacing(old, with: new)
        #expect(throws: AcknowledgementError.self, "\(why)") {
            try Acknowledgement(bytes: touched)
        }
    }

    @Test func laterFieldsArePassedOver() throws {
        let touched = try self.golden.replacing("{", with: "{\"note\":[1],")
        #expect(try Acknowledgement(bytes: touched).through == 19)
    }

    @Test func everyCutIsRefused() {
        let whole = self.golden.dropLast()
        for length in 0..<whole.count {
            #expect(throws: AcknowledgementError.self) {
                try Acknowledgement(bytes: Array(whole[..<length]))
            }
        }
    }
}
