import BinCore
import Foundation
import Records
import Testing

/// `deploy/verify-batch.py`, which shares no line with our code: it takes the golden batches and
/// what we sign, and refuses both touched bytes and well-signed lies.
struct VerifyBatchTests {
    private struct Verdict {
        var status: Int32
        var output: String
        var error: String
    }

    private let vectors: Vectors

    init() throws { self.vectors = try Vectors() }

    private func verify(_ bytes: [UInt8], _ options: [String] = []) throws -> Verdict {
        let script = Vectors.folder.appending(path: "../../../deploy/verify-batch.py")
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).ndjson")
        try Data(bytes).write(to: file)
        defer {
            // `try?`: what is left in the temporary directory harms nobody.
            try? FileManager.default.removeItem(at: file)
        }
        let (output, error) = (Pipe(), Pipe())
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", script.path(), file.path()] + options
        process.standardOutput = output
        process.standardError = error
        try process.run()
        // A verdict is a line or two: the pipes can't fill up.
        process.waitUntilExit()
        func text(_ pipe: Pipe) -> String {
            String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        }
        return Verdict(
            status: process.terminationStatus, output: text(output), error: text(error))
    }

    /// The golden records from `first` on, with one text replaced, well signed.
    private func signed(
        from first: Int = 1, replacing old: String = "", with new: String = ""
    ) throws -> [UInt8] {
        var records = Array(self.vectors.journal[(first - 1)...])
        if !old.isEmpty {
            let index = try #require(records.firstIndex { $0.text.contains(old) })
            records[index] = try records[index].replacing(old, with: new)
        }
        return try Batch(
            device: self.vectors.device, first: RecordNumber(first),
            prev: self.vectors.chain[first - 1], records: records, signedBy: self.vectors.binKey
        ).bytes
    }

    @Test(arguments: ["batch.ndjson", "batches.ndjson"])
    func takesTheGoldenBatches(name: String) throws {
        let key = self.vectors.binKey.publicKey.base64
        let verdict = try self.verify(
            try Vectors.bytes(name), ["--device", "baiyun-017", "--key", key])
        #expect(verdict.error == "")
        #expect(verdict.output.hasPrefix("OK: baiyun-017, records 1 to 19, 4 deposits"))
        #expect(verdict.status == 0)
    }

    @Test func takesABatchThatStartsLater() throws {
        let verdict = try self.verify(try self.signed(from: 8))
        #expect(verdict.error == "")
        #expect(verdict.output.contains("as far as its records reach"))
        #expect(verdict.status == 0)
    }

    @Test func takesLongJournalsOfOurs() throws {
        var bin = try RandomBin(seed: 7)
        var bytes: [UInt8] = []
        var chain = self.vectors.chain[0]
        for index in 0..<3 {
            let records = try (0..<1_000).map { _ in try bin.next().encoded() }
            let batch = try Batch(
                device: self.vectors.device, first: RecordNumber(index * 1_000 + 1), prev: chain,
                records: records, signedBy: self.vectors.binKey)
            chain = batch.chain
            bytes += batch.bytes
        }
        let verdict = try self.verify(bytes)
        #expect(verdict.error == "")
        #expect(verdict.status == 0)
    }

    @Test(
        "touched bytes",
        arguments: [
            ("\"after\":535", "\"after\":540", "chain value"),
            ("\"first\":1", "\"first\":2", "signature"), ("baiyun-017", "baiyun-018", "signature"),
            ("\"sig\":\"", "\"sig\":\"AAAA", "base64"), ("\"count\":19", "\"count\":18", "`chain`"),
            ("\"count\":19", "\"count\":20", "ends before"),
            ("\"v\":1", "\"v\":1,\"v\":1", "twice"),
            ("\"v\":1", "\"v\":2", "format 1"), ("\"v\":1", "\"v\":true", "`v`"),
            (
                "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
                "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=", "signature"
            ),
        ])
    func refusesTouched(old: String, new: String, says: String) throws {
        let golden = try Vectors.bytes("batch.ndjson")
        let touched = try golden.replacing(old, with: new)
        let verdict = try self.verify(touched)
        #expect(verdict.status == 1)
        #expect(verdict.error.contains(says))
    }

    @Test(
        "well-signed lies",
        arguments: [
            ("\"value\":1618000", "\"value\":1618001", "law 3: `value`"),
            ("\"co2e\":622740", "\"co2e\":622741", "law 3: `co2e`"),
            ("\"mass\":535", "\"mass\":540", "law 3: `mass`"),
            ("\"deposits\":3", "\"deposits\":2", "law 3: `deposits`"),
            ("\"mass\":1750", "\"mass\":1745", "law 3: `mass`"),
            ("\"removed\":485", "\"removed\":480", "law 3: `removed`"),
            ("\"delta\":-20", "\"delta\":20", "law 3: `delta`"),
            ("\"before\":480,\"after\":-5", "\"before\":485,\"after\":0", "law 2: `before`"),
            ("\"division\":5", "\"division\":2", "whole divisions"),
            ("\"seq\":10,", "\"seq\":11,", "`seq`"), ("\"order\":17", "\"order\":16", "own number"),
            (
                "\"order\":5,\"card\":\"w26:00A1B2\",\"deposits\"",
                "\"order\":6,\"card\":\"w26:00A1B2\",\"deposits\"", "not open"
            ),
            ("\"seq\":10,", "\"seq\":10,\"seq\":10,", "twice"),
            ("\"value\":1618000", "\"value\":1618000.0", "`value`"),
            ("\"after\":535,\"mass\":535", "\"after\":535,\"mass\":535,\"x\":NaN", "no JSON"),
        ])
    func refusesLies(old: String, new: String, says: String) throws {
        let verdict = try self.verify(try self.signed(replacing: old, with: new))
        #expect(verdict.status == 1)
        #expect(verdict.error.contains(says))
        #expect(verdict.error.split(separator: "\n").count == 1)
    }

    @Test func refusesAnotherDeviceAnotherKeyAndGaps() throws {
        let golden = try Vectors.bytes("batch.ndjson")
        #expect(try self.verify(golden, ["--device", "baiyun-018"]).status == 1)
        let other = self.vectors.hubKey.publicKey.base64
        #expect(try self.verify(golden, ["--key", other]).status == 1)
        #expect(try self.verify(golden + golden).error.contains("20 was expected"))
        let lines = try Vectors.lines("batches.ndjson").map { $0 + [0x0A] }
        let (first, second) = (lines[..<10].flatMap { $0 }, lines[10...].flatMap { $0 })
        #expect(try self.verify(second + first).status == 1)
        #expect(try self.verify([]).status == 1)
        #expect(try self.verify(golden.dropLast()).status == 1)
        #expect(try self.verify(Array(golden.dropLast(200))).status == 1)
    }
}
