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
        #expect(try !store.makeRoom())
        try store.flush()
        let full = try self.store(directory, free: .max)
        full.keep(try self.trace([2]), of: 2)
        #expect(try full.makeRoom())
        #expect(try await full.trace(of: 1) == nil)
        #expect(try await full.trace(of: 2) == nil)
        full.keep(try self.trace([3]), of: 3)
        try full.flush()
        #expect(try await self.store(directory).trace(of: 3) == nil)
    }

    /// A full medium warns, then loses its traces, then opens no order.
    @Test func tracesGoAfterTheWarningAndBeforeAnyRecordWouldHaveTo() {
        let traces = TraceStore.Limits().leastFreeBytes
        #expect(traces < StorageState.leastFree)
        #expect(traces > 2 * Journal.reserveBytes)
    }

    /// A medium that fills up, byte by byte.
    @Test(.enabled(if: SmallMedium.mayMount, "needs root: it mounts a small file system"))
    func aMediumThatFillsUpLosesTracesAndNoRecord() async throws {
        let medium = try SmallMedium(mebibytes: 120)
        let storage = try TemporaryStorage(at: medium.path)
        let directory = try StorageDirectory(path: storage.path)
        let journal = try storage.open(in: directory)
        let store = try TraceStore(in: directory)
        // Some 25 MB of them, which must not need as much again to go.
        let long = try self.trace(Array(repeating: -8_388_608, count: 12_500))
        for round in 0..<4 {
            for seq in 1...50 { store.keep(long, of: RecordNumber(50 * round + seq)) }
            try store.flush()
        }
        let held = 120 << 20 - medium.free
        #expect(held > 20_000_000)
        func warning() async throws -> StorageState.Warning? {
            try await journal.storage().warning(after: nil, reserve: Journal.reserveBytes)
        }
        #expect(try await warning() == nil)
        try medium.fill(leaving: 40 << 20)
        #expect(try await warning() == .room)
        #expect(try !store.makeRoom())
        #expect(try await store.trace(of: 1) != nil)
        try medium.fill(leaving: 12 << 20)
        #expect(journal.shortage == nil)
        #expect(try store.makeRoom())
        #expect(try await store.trace(of: 1) == nil)
        #expect(medium.free > 30 << 20)
        _ = try journal.append([remark(1)], at: noon)
        try medium.fill(leaving: 5 << 20)
        #expect(journal.shortage != nil)
        _ = try journal.append([remark(2)], at: noon)
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
