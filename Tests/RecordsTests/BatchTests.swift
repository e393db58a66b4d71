import BinCore
import Records
import Testing

/// Batches that must be refused, made from the golden one by one change each.
struct BatchTests {
    private let vectors: Vectors
    private let golden: [UInt8]
    private let lines: [[UInt8]]

    init() throws {
        self.vectors = try Vectors()
        self.golden = try Vectors.bytes("batch.ndjson")
        self.lines = try Vectors.lines("batch.ndjson")
    }

    private static func joined(_ lines: [[UInt8]]) -> [UInt8] {
        lines.flatMap { $0 + [0x0A] }
    }

    private func error(_ bytes: [UInt8]) -> BatchError? {
        do { _ = try Batch(bytes: bytes) } catch { return error }
        return nil
    }

    /// Where a refusal is said to be: a line, or `chain`, `signature` or `size`.
    private func place(_ error: BatchError?) -> String {
        switch error {
        case .malformed(let line, _)?: "line \(line)"
        case .chain?: "chain"
        case .signature?: "signature"
        case .tooLarge?: "size"
        case nil: "accepted"
        }
    }

    @Test(
        "one change each",
        arguments: [
            ("a figure in a record", "\"after\":535", "\"after\":536", "chain"),
            (
                "the case of a record's letter", "\"reader\":\"front\"", "\"reader\":\"Front\"",
                "chain"
            ),
            ("a space in a record", "\"seq\":5,", "\"seq\":5, ", "chain"),
            ("a record's number", "\"seq\":3,", "\"seq\":4,", "chain"),
            ("the count is short", "\"count\":19", "\"count\":18", "line 1"),
            ("the count is long", "\"count\":19", "\"count\":20", "line 1"),
            ("the count is a text", "\"count\":19", "\"count\":\"19\"", "line 1"),
            ("the count is a fraction", "\"count\":19", "\"count\":19.0", "line 1"),
            ("the count is huge", "\"count\":19", "\"count\":190000000000000000000", "line 1"),
            ("another first number", "\"first\":1", "\"first\":2", "signature"),
            ("first is 0", "\"first\":1", "\"first\":0", "line 1"),
            ("first is negative", "\"first\":1", "\"first\":-1", "line 1"),
            (
                "the last is no 64-bit number", "\"first\":1", "\"first\":9223372036854775807",
                "line 1"
            ),
            ("another device", "baiyun-017", "baiyun-018", "signature"),
            ("no device id", "baiyun-017", "Baiyun 17", "line 1"),
            ("another chain value before", "\"prev\":\"", "\"prev\":\"AAAA", "line 1"),
            ("another format", "\"steelyard\":\"batch\"", "\"steelyard\":\"bulletin\"", "line 1"),
            ("another version", "\"v\":1", "\"v\":2", "line 1"),
            ("a key twice", "\"v\":1", "\"v\":1,\"v\":1", "line 1"),
            ("not JSON", "{\"steelyard\"", "{steelyard\"", "line 1"),
            ("not an object", "{\"steelyard\"", "[{\"steelyard\"", "line 1"),
            ("an escape that hides a key twice", "\"v\":1", "\"v\":1,\"\\u0076\":1", "line 1"),
            ("no chain at the end", "{\"chain\"", "{\"chian\"", "line 21"),
            ("no key", ",\"key\"", ",\"kex\"", "line 21"),
            (
                "the hub's key", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
                "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=", "signature"
            ),
            (
                "bytes that are no key", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
                "//////////////////////////////////////////8=", "signature"
            ),
            ("the key in URL-safe base64", "11qYAYKxCrfVS/", "11qYAYKxCrfVS_", "line 21"),
            ("the key without padding", "HURo=", "HURo", "line 21"),
            ("the key with padding bits set", "HURo=", "HURp=", "line 21"),
            ("white space in the signature", "\"sig\":\"", "\"sig\":\"\\n", "line 21"),
            ("an empty signature", "\"sig\":\"", "\"sig\":\"\",\"sog\":\"", "line 21"),
        ])
    func refuses(why: String, old: String, new: String, place: String) throws {
        let touched = try self.golden.replacing(old, with: new)
        #expect(self.place(self.error(touched)) == place, "\(why)")
    }

    @Test func aSignatureOfOtherBytesIsRefused() throws {
        let other = try Vectors.lines("batches.ndjson")[9]
        let signature = try #require(try JSONParser.object(other)["sig"]?.string)
        let own = try #require(try JSONParser.object(self.lines[20])["sig"]?.string)
        let touched = try self.golden.replacing(own, with: signature)
        #expect(self.error(touched) == .signature)
    }

    @Test func linesMissingOrTooManyAreRefused() {
        var without = self.lines
        without.remove(at: 7)
        #expect(self.place(self.error(Self.joined(without))) == "line 1")
        var doubled = self.lines
        doubled.insert(doubled[7], at: 7)
        #expect(self.place(self.error(Self.joined(doubled))) == "line 1")
        #expect(self.place(self.error(Self.joined(self.lines + [self.lines[20]]))) == "line 1")
        #expect(self.place(self.error(Self.joined(self.lines + [[]]))) == "line 22")
        #expect(self.place(self.error(Self.joined([self.lines[0], self.lines[20]]))) == "line 2")
        #expect(self.place(self.error(Self.joined([self.lines[0]]))) == "line 1")
        #expect(self.place(self.error([])) == "line 1")
        #expect(self.place(self.error([0x0A])) == "line 1")
        #expect(self.place(self.error(self.golden.dropLast())) == "line 1")
        #expect(self.place(self.error(self.golden + Array("x".utf8))) == "line 1")
    }

    @Test func aBatchEndsWithItsLastLine() throws {
        let touched = try self.golden.replacing("==\"}\n", with: "==\"} x\n")
        #expect(self.place(self.error(touched)) == "line 21")
        let trailing = try self.golden.replacing("==\"}\n", with: "==\"}{}\n")
        #expect(self.place(self.error(trailing)) == "line 21")
    }

    @Test func carriageReturnsInRecordsBreakTheChain() {
        let crlf = self.lines.map { $0 + [0x0D] }
        #expect(self.error(Self.joined(crlf)) == .chain)
    }

    @Test func everyCutIsRefused() {
        var accepted = 0
        for length in 0..<self.golden.count where self.error(Array(self.golden[..<length])) == nil {
            accepted += 1
        }
        #expect(accepted == 0)
    }

    @Test(
        "a thousand records fit, one more doesn't", arguments: [(1_000, true), (1_001, false)])
    func boundsCount(count: Int, fits: Bool) throws {
        let records = [[UInt8]](repeating: Array("{}".utf8), count: count)
        let batch = try Batch(
            device: self.vectors.device, first: 1, prev: self.vectors.chain[0], records: records,
            signedBy: self.vectors.binKey)
        #expect(self.error(batch.bytes) == (fits ? nil : .tooLarge))
    }

    @Test("a mebibyte fits, one byte more doesn't", arguments: [(0, true), (1, false)])
    func boundsSize(more: Int, fits: Bool) throws {
        func batch(filler: Int) throws -> [UInt8] {
            let record = [UInt8](repeating: UInt8(ascii: "x"), count: filler)
            return try Batch(
                device: self.vectors.device, first: 1, prev: self.vectors.chain[0],
                records: [record], signedBy: self.vectors.binKey
            ).bytes
        }
        let frame = try batch(filler: 0).count
        let bytes = try batch(filler: Batch.mostBytes - frame + more)
        #expect(bytes.count == Batch.mostBytes + more)
        #expect(self.error(bytes) == (fits ? nil : .tooLarge))
    }

    @Test func aMebibyteOfNewlinesIsTooManyLines() {
        #expect(self.error([UInt8](repeating: 0x0A, count: Batch.mostBytes)) == .tooLarge)
    }

    @Test func nothingOverflowsAtTheEndOfTheNumbers() throws {
        let last = Int64.max - Int64(Batch.mostRecords)
        for (first, fits) in [(last, true), (last + 1, false)] {
            let batch = try Batch(
                device: self.vectors.device, first: first, prev: self.vectors.chain[0],
                records: [Array("{}".utf8)], signedBy: self.vectors.binKey)
            #expect((self.error(batch.bytes) == nil) == fits)
        }
    }

    /// Size limits concern the records' sum; what one may have is said where it is read.
    @Test func aRecordOf4097BytesIsRefusedWhereItIsRead() throws {
        let record = try Record(bytes: self.vectors.journal[0])
        for (length, fits) in [(Record.longest, true), (Record.longest + 1, false)] {
            let bytes = try record.encoded()
            let padded = bytes + [UInt8](repeating: 0x20, count: length - bytes.count)
            let read = Result { try Record(bytes: padded) }
            #expect((try? read.get()) == (fits ? record : nil))
        }
    }

    @Test func errorsSayWhatIsWrongAndWhere() throws {
        let touched = try self.golden.replacing("\"count\":19", with: "\"count\":18")
        let error = try #require(self.error(touched))
        #expect(error.description.hasPrefix("line 1 of the batch: `count` is missing or"))
    }
}
