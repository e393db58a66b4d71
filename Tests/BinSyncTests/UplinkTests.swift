import BinCore
import BinSync
import HTTPDoor
import HTTPTypes
import Records
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct UplinkTests {
    @Test func sendsEverythingInBatchesOfTheMostAndTakesTheAcknowledgements() async throws {
        let key = SigningKey()
        let hub = ScriptedHub { try ScriptedHub.acknowledging($0, by: key) }
        let journal = MemoryJournal(
            device: try testDevice(), trusted: key.publicKey, records: 2_500)
        try await withUplink(to: hub, journal: journal) { uplink in
            let state = await uplink.exchangeNow()
            #expect(state.phase == .reachable)
            #expect(state.problem == nil)
            #expect(journal.queue.depth == 0)
            #expect(hub.batches.map(\.first) == [1, 1001, 2001])
            #expect(hub.batches.map(\.count) == [1000, 1000, 500])
        }
    }

    @Test func sendsAgainFromWhereTheHubHasAGap() async throws {
        let key = SigningKey()
        let hub = ScriptedHub { batch in
            guard batch.first == 121 else {
                throw ErrorReply(
                    .conflict, "gap", "send from 121", further: JSONObject([("have", 120)]))
            }
            return try ScriptedHub.acknowledging(batch, by: key)
        }
        let journal = MemoryJournal(device: try testDevice(), trusted: key.publicKey, records: 300)
        try await withUplink(to: hub, journal: journal) { uplink in
            let state = await uplink.exchangeNow()
            #expect(state.phase == .reachable)
            #expect(journal.queue.acknowledged == 300)
        }
    }

    @Test func aHubThatAlwaysSaysGapIsAProblemAndNoLoop() async throws {
        let hub = ScriptedHub { batch in
            throw ErrorReply(
                .conflict, "gap", "no", further: JSONObject([("have", .integer(batch.last % 7))]))
        }
        let journal = MemoryJournal(
            device: try testDevice(), trusted: SigningKey().publicKey, records: 10)
        try await withUplink(to: hub, journal: journal) { uplink in
            let state = await uplink.exchangeNow()
            #expect(state.phase == .waiting)
            #expect(state.problem?.contains("again and again") == true)
            #expect(journal.queue.acknowledged == 0)
        }
    }

    @Test func aRefusedBatchStaysInTheQueueAndIsNamed() async throws {
        let hub = ScriptedHub { _ in
            throw ErrorReply(.unprocessableContent, "law", "record 4 breaks a law")
        }
        let journal = MemoryJournal(
            device: try testDevice(), trusted: SigningKey().publicKey, records: 10)
        try await withUplink(to: hub, journal: journal) { uplink in
            _ = await uplink.exchangeNow()
            let state = await uplink.exchangeNow()
            #expect(state.phase == .waiting)
            #expect(state.failures >= 2)
            #expect(state.problem?.contains("422 law") == true)
            #expect(journal.queue.depth == 10)
        }
    }

    @Test("a batch that the hub refuses keeps no bulletin from coming", arguments: [422, 409])
    func fetchesAfterARefusedBatch(status: Int) async throws {
        let key = SigningKey()
        let bulletin = try self.tariff(8, by: key)
        let hub = ScriptedHub(bulletins: bulletin.bytes) { _ in
            throw ErrorReply(.init(code: status), "no", "not this batch")
        }
        let journal = MemoryJournal(device: try testDevice(), trusted: key.publicKey, records: 10)
        let box = BulletinBox()
        try await withUplink(to: hub, journal: journal, bulletins: box) { uplink in
            let state = await uplink.exchangeNow()
            #expect(box.all.first == bulletin)
            #expect(state.phase == .waiting)
            #expect(state.problem?.contains("not this batch") == true)
        }
    }

    private func tariff(_ version: Int64, by key: SigningKey) throws -> Bulletin {
        try Bulletin(
            kind: .tariff, version: version, effective: .epoch, audience: .everyone,
            body: ["prices": ["pet-bottle": 2800]], signedBy: key)
    }

    @Test func aRefusedBulletinBlocksNoLaterOneAndIsNoFailureOfTheHub() async throws {
        let key = SigningKey()
        let later = try self.tariff(9, by: key)
        let bytes = try self.tariff(8, by: key).bytes + later.bytes
        let hub = ScriptedHub(bulletins: bytes) { try ScriptedHub.acknowledging($0, by: key) }
        let journal = MemoryJournal(device: try testDevice(), trusted: key.publicKey, records: 1)
        let box = BulletinBox(refusing: [8])
        try await withUplink(to: hub, journal: journal, bulletins: box) { uplink in
            let state = await uplink.exchangeNow()
            #expect(box.all.first == later)
            #expect(state.phase == .reachable)
            #expect(state.failures == 0)
            #expect(state.lastSuccess != nil)
            #expect(state.problem?.contains("version 8 of the bulletin `tariff`") == true)
            #expect(state.problem?.contains("a stranger's") == true)
        }
    }

    @Test(
        "a hub that has what the journal lacks is a problem, and no number is used twice",
        arguments: [("gap", 10), ("gap", 11), ("gap", 999), ("fork", 9), ("fork", 14)])
    func refusesAForeignFuture(code: String, have: Int64) async throws {
        let hub = ScriptedHub { _ in
            throw ErrorReply(
                .conflict, code, "up to \(have)", further: JSONObject([("have", .integer(have))]))
        }
        let journal = MemoryJournal(
            device: try testDevice(), trusted: SigningKey().publicKey, records: 10)
        try await withUplink(to: hub, journal: journal) { uplink in
            let state = await uplink.exchangeNow()
            #expect(state.phase == .waiting)
            #expect(state.problem?.contains("up to \(have)") == true)
            #expect(journal.goesOnAbove == (have > 10 ? have : 0))
        }
    }

    /// Two machines with one medium: the one that came second is told by the hub alone.
    @Test func recordsThatAnotherSentUnderThisKeyAreAFaultUntilTheHubHasDecided() async throws {
        let key = SigningKey()
        let isForked = Mutex(true)
        let hub = ScriptedHub { batch in
            guard isForked.withLock({ $0 }) else {
                return try ScriptedHub.acknowledging(batch, by: key)
            }
            throw ErrorReply(
                .conflict, "fork", "other bytes", further: JSONObject([("have", .integer(10))]))
        }
        let journal = MemoryJournal(device: try testDevice(), trusted: key.publicKey, records: 10)
        let faults = FaultBox()
        try await withUplink(to: hub, journal: journal, faults: faults) { uplink in
            for _ in 0..<3 { _ = await uplink.exchangeNow() }
            #expect(faults.all == ["forked"])
            isForked.withLock { $0 = false }
            for _ in 0..<3 { _ = await uplink.exchangeNow() }
            #expect(faults.all == ["forked", "no more forked"])
        }
    }

    @Test func aHubRestoredFromABackupCatchesUpOverManyBatches() async throws {
        let key = SigningKey()
        let kept = Mutex<RecordNumber>(0)
        let hub = ScriptedHub { batch in
            let have = kept.withLock { $0 }
            guard batch.first <= have + 1 else {
                throw ErrorReply(
                    .conflict, "gap", "older", further: JSONObject([("have", .integer(have))]))
            }
            kept.withLock { $0 = max($0, batch.last) }
            return try ScriptedHub.acknowledging(batch, by: key)
        }
        let journal = MemoryJournal(
            device: try testDevice(), trusted: key.publicKey, records: 2_500)
        try await withUplink(to: hub, journal: journal) { uplink in
            _ = await uplink.exchangeNow()
            #expect(journal.queue.depth == 0)
            kept.withLock { $0 = 0 }
            journal.add(1)
            let state = await uplink.exchangeNow()
            #expect(state.phase == .reachable)
            #expect(state.problem == nil)
            #expect(journal.queue.depth == 0)
            #expect(hub.batches.suffix(4).map(\.first) == [2501, 1, 1001, 2001])
        }
    }

    @Test func aStaleAcknowledgementOfNewRecordsIsAProblem() async throws {
        let key = SigningKey()
        let old = Mutex<Acknowledgement?>(nil)
        let hub = ScriptedHub { batch in
            let new = try Acknowledgement(
                device: batch.device, through: batch.last, chain: batch.chain, signedBy: key)
            let told = old.withLock { old in
                // The first one, again for the third batch.
                if batch.first == 1 { old = new }
                return batch.first == 7 ? old ?? new : new
            }
            return .bytes(told.bytes, type: "application/json")
        }
        let journal = MemoryJournal(device: try testDevice(), trusted: key.publicKey, records: 4)
        try await withUplink(to: hub, journal: journal) { uplink in
            for more in [2, 1] {
                _ = await uplink.exchangeNow()
                journal.add(more)
            }
            let state = await uplink.exchangeNow()
            #expect(state.phase == .waiting)
            #expect(journal.queue.depth == 1)
        }
    }

    @Test func anAcknowledgementByAStrangerDoesNotCount() async throws {
        let hub = ScriptedHub { try ScriptedHub.acknowledging($0, by: SigningKey()) }
        let journal = MemoryJournal(
            device: try testDevice(), trusted: SigningKey().publicKey, records: 10)
        try await withUplink(to: hub, journal: journal) { uplink in
            let state = await uplink.exchangeNow()
            #expect(state.problem?.contains("untrusted") == true)
            #expect(journal.queue.depth == 10)
        }
    }

    @Test func asksForNewerBulletinsAndHandsThemOn() async throws {
        let key = SigningKey()
        let bulletin = try self.tariff(8, by: key)
        let hub = ScriptedHub(bulletins: bulletin.bytes + bulletin.bytes) {
            try ScriptedHub.acknowledging($0, by: key)
        }
        let journal = MemoryJournal(device: try testDevice(), trusted: key.publicKey, records: 1)
        let box = BulletinBox()
        try await withUplink(to: hub, journal: journal, bulletins: box) { uplink in
            _ = await uplink.exchangeNow()
            #expect(box.all.starts(with: [bulletin, bulletin]))
            let query = try #require(hub.queries.first)
            #expect(query.contains("tariff=7"))
            #expect(query.contains("cards=0"))
        }
    }

    @Test func newRecordsGoWithoutBeingAskedFor() async throws {
        let key = SigningKey()
        let hub = ScriptedHub { try ScriptedHub.acknowledging($0, by: key) }
        let journal = MemoryJournal(device: try testDevice(), trusted: key.publicKey, records: 1)
        try await withUplink(to: hub, journal: journal) { uplink in
            _ = await uplink.exchangeNow()
            journal.add(3)
            uplink.wake()
            let batch = await hub.arrivals.first { $0.last == 4 }
            #expect(batch?.first == 2)
        }
    }

    @Test func aHubThatIsAwayIsAProblemInOneLine() async throws {
        let address = "http://127.0.0.1:1"  // tcpmux: nothing listens there
        let client = HubClient(
            DoorClient(.url(address), timeoutSeconds: 5), device: try testDevice())
        await #expect(throws: DoorError.self) { try await client.bulletins(after: [:]).get() }
    }
}
