import BinCore
import BinSync
import HTTPDoor
import HTTPTypes
import Records
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
        let bulletin = try Bulletin(
            kind: .tariff, version: 8, effective: .epoch, audience: .everyone,
            body: ["prices": ["pet-bottle": 2800]], signedBy: key)
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
