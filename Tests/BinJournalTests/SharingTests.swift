import BinCore
import BinJournal
import Records
import Testing

@Suite struct SharingTests {
    @Test func batchesCoverTheJournalWithoutGapOrOverlap() async throws {
        let storage = try TemporaryStorage()
        let journal = try storage.open()
        _ = try journal.append((1...2_300).map { remark($0) }, at: noon)
        var after: RecordNumber = 0
        var chain = HashChain.start(of: storage.device)
        var counts: [Int] = []
        while let batch = try await journal.batch(after: after, limit: 5_000) {
            #expect(try Batch(bytes: batch.bytes) == batch)
            #expect(batch.prev == chain)
            #expect(batch.key == journal.publicKey)
            (after, chain) = (batch.last, batch.chain)
            counts.append(batch.count)
        }
        #expect(counts == [1000, 1000, 300])
        #expect(chain == journal.queue.chain)
        #expect(try await journal.batch(after: 2_299, limit: 1)?.first == 2_300)
        #expect(try await journal.batch(after: 2_300, limit: 1) == nil)
        #expect(try await journal.batch(after: 9_999, limit: 1) == nil)
    }

    @Test func aBatchStaysBelowOneMebibyte() async throws {
        let storage = try TemporaryStorage()
        let journal = try storage.open()
        let long = String(repeating: "x", count: 3_500)
        let facts = (0..<400).map { _ in
            Fact.boot(BootFact(version: long, config: "", reason: .restart))
        }
        _ = try journal.append(facts, at: noon)
        let batch = try #require(try await journal.batch(after: 0, limit: 1000))
        #expect(batch.count < 400)
        #expect(batch.bytes.count <= Batch.mostBytes)
        #expect(batch.bytes.count > Batch.mostBytes - 8_192)
    }

    @Test func aGoodAcknowledgementEmptiesTheQueueAndSurvives() async throws {
        let storage = try TemporaryStorage()
        do {
            let journal = try storage.open()
            _ = try journal.append((1...3).map { remark($0) }, at: noon)
            let acknowledgement = try Acknowledgement(
                device: storage.device, through: 3, chain: journal.queue.chain,
                signedBy: storage.hub)
            try await journal.acknowledge(acknowledgement)
            try await journal.acknowledge(acknowledgement)
            #expect(journal.queue.depth == 0)
        }
        #expect(try storage.open().queue.acknowledged == 3)
    }

    private enum Fault: CaseIterable {
        case stranger, otherDevice, otherChain, beyondTheEnd, goingBack

        var code: JournalError.Code {
            switch self {
            case .stranger: .untrusted
            case .otherDevice, .otherChain, .beyondTheEnd: .mismatch
            case .goingBack: .stale
            }
        }
    }

    @Test(arguments: Fault.allCases)
    private func aBadAcknowledgementChangesNothing(fault: Fault) async throws {
        let storage = try TemporaryStorage()
        let journal = try storage.open()
        _ = try journal.append([remark(1)], at: noon)
        let first = journal.queue.chain
        _ = try journal.append([remark(2), remark(3)], at: noon)
        let last = journal.queue.chain
        if fault == .goingBack {
            let good = try Acknowledgement(
                device: storage.device, through: 3, chain: last, signedBy: storage.hub)
            try await journal.acknowledge(good)
        }
        let before = journal.queue.acknowledged
        let bad = try Acknowledgement(
            device: fault == .otherDevice ? #require(DeviceID("baiyun-018")) : storage.device,
            through: fault == .beyondTheEnd ? 4 : fault == .goingBack ? 1 : 3,
            chain: fault == .otherChain || fault == .goingBack ? first : last,
            signedBy: fault == .stranger ? SigningKey() : storage.hub)
        let error = await #expect(throws: JournalError.self) {
            try await journal.acknowledge(bad)
        }
        #expect(error?.code == fault.code)
        #expect(journal.queue.acknowledged == before)
    }
}
