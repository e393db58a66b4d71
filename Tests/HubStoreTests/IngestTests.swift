import BinCore
import Foundation
import HubCore
import HubKit
import HubStore
import Records
import Testing

@Suite struct IngestTests {
    /// Three visits of three records each: Anna 500 g, Ben 250 g, Anna 125 g.
    private func bin() throws -> TestBin {
        var bin = try TestBin("baiyun-017")
        try bin.visit(Bench.anna, [("pet", 500)])
        try bin.visit(Bench.ben, [("pet", 250)])
        try bin.visit(Bench.anna, [("pet", 125)])
        return bin
    }

    @Test func ordersStandOnTheAccountsOfTheirCards() async throws {
        let bench = try await Bench()
        _ = try await bench.register([(Bench.anna, "anna"), (Bench.ben, "ben")])
        #expect(try await bench.acknowledge(try self.bin(), 1...9) == [9, 9])
        // 625 g at 2,800 CNY/t are 1,750,000 µCNY; at 1,500 kg/t 937,500 mg.
        #expect(
            try await bench.sum("anna")
                == AccountSum(
                    orders: 2, mass: Grams(625), value: MicroYuan(1_750_000),
                    co2e: MilligramsCO2e(937_500)))
        // 250 g: 700,000 µCNY and 375,000 mg.
        #expect(
            try await bench.sum("ben")
                == AccountSum(
                    orders: 1, mass: Grams(250), value: MicroYuan(700_000),
                    co2e: MilligramsCO2e(375_000)))
        #expect(try await bench.sum("cleo") == nil)
        let entries = try await bench.store.entries(of: nil, after: 0, limit: 10)
        #expect(entries.map(\.entry.header.seq) == [3, 6, 9])
        #expect(entries.map(\.entry.fact.order) == [1, 4, 7])
        #expect(entries.allSatisfy { $0.received == Bench.now && $0.community.text == "baiyun" })
        let second = try await bench.store.entries(of: nil, after: entries[0].id, limit: 1)
        #expect(second.map(\.entry.header.seq) == [6])
        let annas = try await bench.store.entries(
            of: try found(AccountID("anna")), after: 0, limit: 10)
        #expect(annas.map(\.entry.header.seq) == [3, 9])
    }

    @Test func aRepeatChangesNothingAndIsAcknowledgedAgain() async throws {
        let bench = try await Bench()
        let bin = try self.bin()
        #expect(try await bench.acknowledge(bin, 1...6) == [6, 6])
        #expect(try await bench.acknowledge(bin, 1...6) == [6, 0])
        #expect(try await bench.acknowledge(bin, 2...3) == [6, 0])
        #expect(try await bench.acknowledge(bin, 4...9) == [9, 3])
        #expect(try bench.count("record") == 9)
        #expect(try bench.count("entry") == 3)
        #expect(try bench.count("batch") == 2)
        #expect(try await bench.store.audit().finding == nil)
    }

    @Test func aGapSaysWhatTheHubHas() async throws {
        let bench = try await Bench()
        let bin = try self.bin()
        #expect(try await bench.send(bin, 4...9) == .refused(.gap(have: 0)))
        try await bench.send(bin, 1...3)
        #expect(try await bench.send(bin, 5...9) == .refused(.gap(have: 3)))
        #expect(try bench.count("refused") == 0)
        #expect(try await bench.acknowledge(bin, 4...9) == [9, 6])
    }

    @Test func aForkQuarantinesTheDeviceAndKeepsBoth() async throws {
        let bench = try await Bench()
        let bin = try self.bin()
        var other = try TestBin("baiyun-017")
        try other.visit(Bench.anna, [("pet", 505)])
        try await bench.send(bin, 1...6)
        #expect(try await bench.send(other, 1...3) == .refused(.fork(at: 2)))
        #expect(try await bench.send(other, 1...3) == .refused(.fork(at: 2)))
        #expect(try await bench.send(bin, 7...9) == .refused(.fork(at: 2)))
        #expect(try bench.count("refused") == 2)
        #expect(try bench.count("record") == 6)
        let device = try found(try await bench.store.devices().first)
        #expect(device.state == .quarantined)
        #expect(device.forkedAt == 2)
        #expect(device.last == 6)
        let report = try await bench.store.audit()
        #expect(report.finding == nil)
        #expect(report.forks == [bin.device: 2])
    }

    @Test func whatIsRefusedIsKeptOnceAndWithinABound() async throws {
        let bench = try await Bench()
        let bin = try self.bin()
        for _ in 0..<3 {
            let outcome = try await bench.store.ingest(
                Array("junk".utf8), from: bin.device, at: Bench.now)
            guard case .refused(.malformed) = outcome else {
                Issue.record("\(outcome)")
                return
            }
        }
        #expect(try bench.count("refused") == 1)
        for index in 0..<40 {
            _ = try await bench.store.ingest(
                Array("junk \(index)".utf8), from: bin.device, at: Bench.now)
        }
        #expect(try bench.count("refused") == 32)
        #expect(try await bench.store.devices().map(\.refused) == [41])
        #expect(try await bench.acknowledge(bin, 1...9) == [9, 9])
    }

    @Test func aForkIsKeptHoweverMuchJunkCameBefore() async throws {
        let bench = try await Bench()
        let bin = try self.bin()
        try await bench.send(bin, 1...6)
        for index in 0..<40 {
            _ = try await bench.store.ingest(
                Array("junk \(index)".utf8), from: bin.device, at: Bench.now)
        }
        var other = try TestBin("baiyun-017")
        try other.visit(Bench.anna, [("pet", 505)])
        #expect(try await bench.send(other, 1...3) == .refused(.fork(at: 2)))
        #expect(try bench.count("refused") == 33)
        #expect(try bench.count("refused WHERE code = 'fork'") == 1)
    }

    @Test func aSecondForkIsKeptHoweverMuchCameInQuarantine() async throws {
        let bench = try await Bench()
        var bin = try self.bin()
        for _ in 0..<20 { try bin.visit(Bench.anna, [("pet", 5)]) }
        try await bench.send(bin, 1...6)
        var other = try TestBin("baiyun-017")
        try other.visit(Bench.anna, [("pet", 505)])
        #expect(try await bench.send(other, 1...3) == .refused(.fork(at: 2)))
        for last in 7...Int64(46) {
            #expect(try await bench.send(bin, 7...last) == .refused(.fork(at: 2)))
        }
        #expect(try bench.count("refused") == 32)
        #expect(try await bench.store.release(bin.device) == 2)
        #expect(try await bench.send(other, 1...2) == .refused(.fork(at: 2)))
        #expect(try bench.count("refused") == 33)
    }

    @Test func aReleasedDeviceGoesOnWhereItWasAndTheEvidenceStays() async throws {
        let bench = try await Bench()
        let bin = try self.bin()
        var other = try TestBin("baiyun-017")
        try other.visit(Bench.anna, [("pet", 505)])
        try await bench.send(bin, 1...6)
        try await bench.send(other, 1...3)
        #expect(try await bench.store.release(bin.device) == 2)
        #expect(try await bench.store.devices().map(\.state) == [.active])
        #expect(try await bench.store.release(bin.device) == nil)
        #expect(try await bench.acknowledge(bin, 7...9) == [9, 3])
        #expect(try bench.count("refused") == 1)
        #expect(try await bench.store.audit().finding == nil)
        let stranger = try found(DeviceID("tianhe-001"))
        await #expect(throws: HubFault.unknownDevice(stranger)) {
            try await bench.store.release(stranger)
        }
    }

    @Test func anotherChainWithoutAnotherRecordDoesntQuarantine() async throws {
        let bench = try await Bench()
        let bin = try self.bin()
        var other = try TestBin("baiyun-017")
        try other.visit(Bench.anna, [("pet", 505)])
        try other.visit(Bench.anna, [("pet", 10)])
        try await bench.send(bin, 1...3)
        #expect(try await bench.send(other, 4...6) == .refused(.badChain))
        #expect(try await bench.store.devices().map(\.state) == [.active])
        #expect(try await bench.acknowledge(bin, 4...9) == [9, 6])
    }

    @Test func chainSignatureAndSizeAreChecked() async throws {
        let bench = try await Bench()
        let bin = try self.bin()
        let bytes = try bin.bytes(1...9)
        let text = String(decoding: bytes, as: UTF8.self)
        func send(_ text: String) async throws -> IngestOutcome {
            try await bench.store.ingest(Array(text.utf8), from: bin.device, at: Bench.now)
        }
        let heavier = text.replacingOccurrences(of: "\"mass\":500", with: "\"mass\":600")
        #expect(try await send(heavier) == .refused(.badChain))
        let other = try Batch(
            device: bin.device, first: 1, prev: bin.chains[0], records: bin.records,
            signedBy: SigningKey())
        let forged = text.replacingOccurrences(
            of: bin.key.publicKey.base64, with: other.key.base64)
        #expect(try await send(forged) == .refused(.badSignature))
        let long = [UInt8](repeating: 0x0A, count: Batch.mostBytes + 1)
        let outcome = try await bench.store.ingest(long, from: bin.device, at: Bench.now)
        #expect(outcome == .refused(.tooLarge))
        #expect(try bench.count("record") == 0)
    }

    @Test func onlyAKnownDeviceThatIsNotRevokedIsHeard() async throws {
        let bench = try await Bench(devices: ["baiyun-017", "baiyun-018"])
        let bin = try self.bin()
        var stranger = try TestBin("tianhe-001")
        try stranger.visit(Bench.anna, [("pet", 5)])
        let neighbour = try found(DeviceID("baiyun-018"))
        let bytes = try bin.bytes(1...9)
        #expect(
            try await bench.store.ingest(bytes, from: neighbour, at: Bench.now)
                == .refused(.notThisDevice(batch: bin.device)))
        #expect(
            try await bench.store.ingest(try stranger.bytes(1...3), from: nil, at: Bench.now)
                == .refused(.unknownDevice(stranger.device)))
        try await bench.store.revoke(bin.device, at: Bench.now)
        #expect(try await bench.send(bin, 1...9) == .refused(.revoked(bin.device)))
        await #expect(throws: HubFault.unknownDevice(stranger.device)) {
            try await bench.store.revoke(stranger.device, at: Bench.now)
        }
        await #expect(throws: HubFault.deviceExists(neighbour)) {
            try await bench.store.add(
                neighbour, community: try found(Name("x")),
                token: DeviceToken.digest(of: "another"), at: Bench.now)
        }
        #expect(try bench.count("refused") == 0)
    }

    @Test func aBatchOnAStickStandsForItself() async throws {
        let bench = try await Bench()
        let bin = try self.bin()
        let outcome = try await bench.store.ingest(try bin.bytes(1...9), from: nil, at: Bench.now)
        guard case .acknowledged(let acknowledgement, new: 9) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(acknowledgement.through == 9)
    }

    /// Whatever way a journal is cut, and however often and late its parts come.
    @Test(arguments: 1...12)
    func accountsDontDependOnHowTheJournalTravelled(seed: UInt64) async throws {
        var dice = Dice(seed: seed)
        let bench = try await Bench()
        _ = try await bench.register([(Bench.anna, "anna"), (Bench.ben, "ben")])
        var bin = try TestBin("baiyun-017")
        var grams: [String: Int64] = [:]
        for _ in 0..<12 {
            let account = Bool.random(using: &dice) ? "anna" : "ben"
            let drops: [TestBin.Drop] = (0..<Int.random(in: 0...3, using: &dice)).map { _ in
                (compartment: "pet", grams: 5 * Int64.random(in: 1...200, using: &dice))
            }
            grams[account, default: 0] += drops.map(\.grams).reduce(0, +)
            try bin.visit(account == "anna" ? Bench.anna : Bench.ben, drops)
        }
        var have: RecordNumber = 0
        for _ in 0..<60 {
            let first = Int64.random(in: 1...bin.last, using: &dice)
            let last = Int64.random(in: first...bin.last, using: &dice)
            let outcome = try await bench.send(bin, first...last)
            guard first <= have + 1 else {
                #expect(outcome == .refused(.gap(have: have)))
                continue
            }
            guard case .acknowledged(let acknowledgement, let new) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(Int64(new) == max(0, last - have))
            have = max(have, last)
            #expect(acknowledgement.through == have)
        }
        if have < bin.last { try await bench.send(bin, (have + 1)...bin.last) }
        for account in ["anna", "ben"] {
            let sum = try found(try await bench.sum(account))
            #expect(sum.mass.value == grams[account, default: 0])
            #expect(sum.value.value == grams[account, default: 0] * TestBin.price)
            #expect(sum.co2e.value == grams[account, default: 0] * TestBin.factor)
        }
        #expect(try await bench.store.audit().finding == nil)
    }
}
