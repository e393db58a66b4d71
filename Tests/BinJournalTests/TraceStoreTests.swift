import BinCore
import BinJournal
import Foundation
import Records
import Testing

@Suite struct TraceStoreTests {
    private let folder: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "traces-\(UUID().uuidString)")
        self.folder = folder.path
    }

    private func trace(_ raws: [Int64]) throws -> WeightTrace {
        WeightTrace(
            compartment: try #require(Name("pet")),
            calibration: Calibration(zero: 5, span: 200_000, reference: Grams(10_000)),
            linearity: try #require(
                Linearity(points: [
                    Linearity.Point(line: Grams(10_000), correction: Milligrams(-2_000))
                ])),
            samples: raws.enumerated().map { index, raw in
                WeightTrace.Sample(
                    up: BootInstant(milliseconds: 1_000 + 100 * Int64(index)), raw: raw)
            })
    }

    private func store(
        _ directory: StorageDirectory, most: Int64 = 10, free: Int64 = 0
    ) throws -> TraceStore {
        try TraceStore(
            in: directory,
            limits: TraceStore.Limits(mostTraces: most, leastFreeBytes: free))
    }

    @Test func aTraceIsTheSameBeforeAndAfterItIsWritten() async throws {
        let directory = try StorageDirectory(path: self.folder)
        let trace = try self.trace([5, -70, 8_388_607])
        do {
            let store = try self.store(directory)
            store.keep(trace, of: 7)
            #expect(try await store.trace(of: 7) == trace)
            try store.flush()
            #expect(try await store.trace(of: 7) == trace)
        }
        #expect(try await self.store(directory).trace(of: 7) == trace)
        #expect(try await self.store(directory).trace(of: 8) == nil)
    }

    @Test func theOldestGoFirst() async throws {
        let directory = try StorageDirectory(path: self.folder)
        let store = try self.store(directory, most: 3)
        for seq in 1...5 { store.keep(try self.trace([Int64(seq)]), of: RecordNumber(seq)) }
        try store.flush()
        #expect(try await store.trace(of: 2) == nil)
        #expect(try await store.trace(of: 3)?.samples.map(\.raw) == [3])
    }

    @Test func withoutRoomNoTraceIsKept() async throws {
        let directory = try StorageDirectory(path: self.folder)
        let store = try self.store(directory)
        store.keep(try self.trace([1]), of: 1)
        try store.flush()
        let full = try self.store(directory, free: .max)
        full.keep(try self.trace([2]), of: 2)
        try full.flush()
        #expect(try await full.trace(of: 1) == nil)
        #expect(try await full.trace(of: 2) == nil)
    }

    @Test func aDamagedFileIsSetAside() async throws {
        let directory = try StorageDirectory(path: self.folder)
        let path = "\(self.folder)/\(TraceStore.file)"
        try Data(repeating: 0x41, count: 9_000).write(to: URL(filePath: path))
        let store = try self.store(directory)
        store.keep(try self.trace([1]), of: 1)
        try store.flush()
        #expect(try await store.trace(of: 1) != nil)
        #expect(FileManager.default.fileExists(atPath: path + ".damaged"))
    }

    @Test func aFileThatTheMediumDoesNotOpenStaysWhereItIs() async throws {
        let directory = try StorageDirectory(path: self.folder)
        let path = "\(self.folder)/\(TraceStore.file)"
        // A folder in its place can't be opened, like a file on a medium that fails.
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false)
        let store = try self.store(directory)
        store.keep(try self.trace([1]), of: 1)
        #expect(throws: JournalError.self) { try store.flush() }
        #expect(!FileManager.default.fileExists(atPath: path + ".damaged"))
        try FileManager.default.removeItem(atPath: path)
        store.keep(try self.trace([2]), of: 2)
        try store.flush()
        #expect(try await self.store(directory).trace(of: 2) != nil)
    }
}
