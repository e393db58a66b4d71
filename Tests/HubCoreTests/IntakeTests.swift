import BinCore
import HubCore
import HubKit
import Records
import Testing

@Suite struct IntakeTests {
    private static let anna = "w26:00A1B2"

    /// Three visits: nine records.
    private func bin() throws -> TestBin {
        var bin = try TestBin("baiyun-017")
        for grams: Int64 in [500, 250, 125] { try bin.visit(Self.anna, [("pet", grams)]) }
        return bin
    }

    private func offer(
        _ batch: Batch, to held: HeldJournal, of bin: TestBin
    ) throws(IngestRefusal) -> Intake {
        let known = batch.first - 1 <= held.last
        let end = min(batch.last, held.last)
        let records = batch.first <= end ? bin.records[Int(batch.first - 1)..<Int(end)] : []
        return try held.intake(
            of: batch,
            overlap: HeldOverlap(
                before: known ? bin.chains[Int(batch.first - 1)] : nil, records: Array(records)))
    }

    private func held(_ count: RecordNumber, of bin: TestBin) throws -> HeldJournal {
        let start = HeldJournal(of: bin.device)
        guard count > 0 else { return start }
        return try self.offer(try bin.batch(1...count), to: start, of: bin).journal
    }

    @Test(
        "what is new of a batch",
        arguments: [
            // held, first, last, new
            (0, 1, 9, 9), (4, 5, 9, 5), (4, 5, 5, 1), (9, 1, 9, 0), (9, 3, 5, 0), (4, 1, 9, 5),
            (4, 4, 5, 1), (4, 2, 9, 5),
        ] as [(Int64, Int64, Int64, Int)])
    func takesWhatIsNew(held count: Int64, first: Int64, last: Int64, new: Int) throws {
        let bin = try self.bin()
        let held = try self.held(count, of: bin)
        let intake = try self.offer(try bin.batch(first...last), to: held, of: bin)
        #expect(intake.records.map(\.bytes) == Array(bin.records[Int(count)...].prefix(new)))
        #expect(intake.journal.last == max(count, last))
        #expect(intake.journal.chain == bin.chains[Int(max(count, last))])
    }

    @Test func aLaterBatchLeavesAGap() throws {
        let bin = try self.bin()
        let held = try self.held(4, of: bin)
        #expect(throws: IngestRefusal.gap(have: 4)) {
            try self.offer(try bin.batch(6...9), to: held, of: bin)
        }
        #expect(throws: IngestRefusal.gap(have: 0)) {
            try self.offer(try bin.batch(2...9), to: HeldJournal(of: bin.device), of: bin)
        }
    }

    @Test func otherBytesUnderAHeldNumberAreAForkThere() throws {
        let bin = try self.bin()
        var other = try TestBin("baiyun-017")
        try other.visit(Self.anna, [("pet", 500)])
        try other.visit(Self.anna, [("pet", 255)])
        let held = try self.held(9, of: bin)
        #expect(throws: IngestRefusal.fork(at: 5)) {
            try self.offer(try other.batch(1...6), to: held, of: bin)
        }
        #expect(throws: IngestRefusal.fork(at: 6)) {
            try self.offer(try other.batch(6...6), to: held, of: bin)
        }
    }

    @Test func anotherChainWithoutAnotherRecordIsNoFork() throws {
        let bin = try self.bin()
        var other = try TestBin("baiyun-017")
        try other.visit(Self.anna, [("pet", 500)])
        try other.visit(Self.anna, [("pet", 255)])
        try other.visit(Self.anna, [("pet", 10)])
        #expect(throws: IngestRefusal.badChain) {
            try self.offer(try other.batch(7...9), to: try self.held(6, of: bin), of: bin)
        }
        // The held records themselves, behind another start.
        let batch = try Batch(
            device: bin.device, first: 2, prev: Digest256(of: []),
            records: Array(bin.records[1...]), signedBy: bin.key)
        #expect(throws: IngestRefusal.badChain) {
            try self.offer(batch, to: try self.held(9, of: bin), of: bin)
        }
    }

    @Test func theFirstRecordMustFollowFromTheDevicesOwnStart() throws {
        let bin = try self.bin()
        let batch = try Batch(
            device: bin.device, first: 1, prev: Digest256(of: []), records: bin.records,
            signedBy: bin.key)
        #expect(throws: IngestRefusal.badChain) {
            try self.offer(batch, to: HeldJournal(of: bin.device), of: bin)
        }
    }

    @Test func anotherKeyThanTheFirstIsRefused() throws {
        let bin = try self.bin()
        let held = try self.held(4, of: bin)
        let other = try Batch(
            device: bin.device, first: 5, prev: bin.chains[4], records: Array(bin.records[4...]),
            signedBy: try found(SigningKey(seed: [UInt8](repeating: 9, count: 32))))
        #expect(throws: IngestRefusal.wrongKey) { try self.offer(other, to: held, of: bin) }
    }

    @Test func aQuarantinedDeviceIsKeptOut() throws {
        let bin = try self.bin()
        var held = try self.held(4, of: bin)
        held.forkedAt = 3
        #expect(throws: IngestRefusal.fork(at: 3)) {
            try self.offer(try bin.batch(5...9), to: held, of: bin)
        }
    }

    @Test func aBrokenLawIsNamedWithItsRecord() throws {
        var bin = try self.bin()
        let before = Grams(880)  // the level is 875
        let pet = try found(Name("pet"))
        try bin.append(
            .unattributed(
                UnattributedFact(
                    compartment: pet, before: before, after: .zero, cause: .noCard)))
        let held = try self.held(9, of: bin)
        let refusal = #expect(throws: IngestRefusal.self) {
            try self.offer(try bin.batch(10...10), to: held, of: bin)
        }
        guard case .law(let violation) = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        #expect(violation.seq == 10)
        #expect(violation.law == .everyGram)
    }

    @Test func aLawIsCheckedAcrossBatches() throws {
        let bin = try self.bin()
        // The visit of records 4 to 6, cut after its `opened` and after its `deposit`.
        for cut: Int64 in [4, 5] {
            let held = try self.held(cut, of: bin)
            let restored = LawChecker(state: held.laws.state.bytes, last: cut)
            #expect(restored == held.laws)
            let intake = try self.offer(try bin.batch((cut + 1)...9), to: held, of: bin)
            #expect(intake.journal.last == 9)
        }
    }

    @Test func whatIsNoRecordIsMalformed() throws {
        var bin = try self.bin()
        try bin.append(bytes: Array(#"{"seq":10}"#.utf8))
        let held = try self.held(9, of: bin)
        let refusal = #expect(throws: IngestRefusal.self) {
            try self.offer(try bin.batch(10...10), to: held, of: bin)
        }
        #expect(refusal?.code == "malformed")
    }

    @Test func anOrderThatNoBinCanHaveIsRefused() throws {
        var bin = try TestBin("baiyun-017")
        // 1,000,000 kg at 10 million CNY/t is 10^16 µCNY.
        try bin.visit(Self.anna, [("pet", 1_000_000_000)], price: 10_000_000)
        #expect(throws: IngestRefusal.self) {
            try self.offer(try bin.batch(1...3), to: HeldJournal(of: bin.device), of: bin)
        }
    }

    @Test(
        "state text that can't be",
        arguments: [
            "", "[]", "{}", #"{"levels":{},"orders":[{}]}"#, #"{"levels":{"pet":"1"},"orders":[]}"#,
            #"{"levels":{"Pet":1},"orders":[]}"#,
        ])
    func damagedLawStateIsNoState(text: String) {
        #expect(LawChecker(state: Array(text.utf8), last: 1) == nil)
    }
}
