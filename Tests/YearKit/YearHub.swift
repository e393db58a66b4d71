import BinCore
import BinJournal
import CrashKit
import Foundation
import HubCore
import HubStore
import Records

/// The hub: the real store, reached by function calls instead of HTTP.
final class YearHub {
    let store: SQLiteHubStore
    let key: VerifyingKey
    private let town: Town
    private let path: String

    init(_ town: Town) async throws {
        self.town = town
        self.path =
            FileManager.default.temporaryDirectory
            .appending(path: "steelyard-year-hub-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: self.path, withIntermediateDirectories: false)
        self.store = try SQLiteHubStore(path: "\(self.path)/hub.sqlite")
        self.key = try await self.store.signingKey().publicKey
    }

    deinit {
        // `try?`: what can't be removed from the temporary folder is the system's to clean up.
        try? FileManager.default.removeItem(atPath: self.path)
    }

    func register(at now: WallTime) async throws {
        try await self.store.add(
            self.town.scene.device, community: self.town.scene.community,
            token: DeviceToken.digest(of: "year"), at: now)
        _ = try await self.store.importCards(try self.town.registered(), at: now)
    }

    /// What the operator publishes on a day.
    func publish(
        on day: Int, at now: WallTime, into published: inout Ledger.Published
    ) async throws {
        if day == 0 {
            try await self.publish(.carbon, ["factors": ["pet-bottle": 1164]], now, now)
            // The film has no price in the first week.
            try await self.tariff(["pet-bottle": 2_800], now, now, &published)
            try await self.policy(["unknown-cards": "accept"], nil, now, &published)
        }
        if day % 30 == 7 {
            // Announced some days before its time.
            let effective = now.millisecondsSince1970 + 3 * Truth.dayMs
            let price = Int64(2_000 + day * 3)
            try await self.tariff(
                ["pet-bottle": price, "pe-film": 900], now,
                WallTime(millisecondsSince1970: effective), &published)
        }
        switch day % 60 {
        case 20:
            let limit: Int64 = 3_000
            try await self.policy(
                ["unknown-cards": "refuse", "daily-limit": .integer(limit)], limit, now, &published)
        case 26: try await self.policy(["unknown-cards": "accept"], nil, now, &published)
        default: break
        }
    }

    private func tariff(
        _ prices: [String: Int64], _ now: WallTime, _ effective: WallTime,
        _ published: inout Ledger.Published
    ) async throws {
        let members = prices.sorted { $0.key < $1.key }
            .map { ($0.key, JSONValue.integer($0.value)) }
        let bulletin = try await self.publish(
            .tariff, ["prices": .object(JSONObject(members))], now, effective)
        var table: [Name: Int64] = [:]
        for (text, price) in prices {
            if let name = Name(text) { table[name] = price }
        }
        published.tariffs[bulletin.version] = (effective, table)
    }

    private func policy(
        _ body: JSONValue, _ limit: Int64?, _ now: WallTime, _ published: inout Ledger.Published
    ) async throws {
        let bulletin = try await self.publish(.policy, body, now, now)
        published.limits[bulletin.version] = limit
    }

    @discardableResult
    private func publish(
        _ kind: BulletinKind, _ body: JSONValue, _ now: WallTime, _ effective: WallTime
    ) async throws -> Bulletin {
        try await self.store.publish(
            BulletinDraft(effective: effective, body: body), kind: kind, to: .everyone, at: now)
    }
}

/// The bin and the hub exchange what they have.
extension Year {
    /// Takes what the hub answered to the last exchange, sends what it doesn't have and fetches
    /// what the bin doesn't, unless the hub is away. It works while the bin's story goes on.
    func exchange() async throws {
        guard !self.plan.isAway(on: self.day), self.hasRoom else { return }
        let journal = try self.bin.journal
        let device = self.town.scene.device
        try await self.takeAnswers()
        var batches: [Batch] = []
        var sent = journal.queue.acknowledged
        while let batch = try await journal.batch(after: sent, limit: Batch.mostRecords) {
            batches.append(batch)
            sent = batch.last
            // Now and then the line breaks.
            if self.dice.roll(20) == 0 { break }
        }
        let (store, now) = (self.hub.store, self.truth.wall)
        self.answers = Task { [batches] in
            var answers: [Acknowledgement] = []
            for batch in batches {
                let outcome = try await store.ingest(batch.bytes, from: device, at: now)
                guard case .acknowledged(let acknowledgement, _) = outcome else {
                    throw Finding(
                        "the hub refuses records \(batch.first)...\(batch.last): \(outcome)")
                }
                answers.append(try Acknowledgement(bytes: acknowledgement.bytes))
            }
            return answers
        }
        let lines = try await self.hub.store.bulletins(
            for: device, have: journal.bulletinVersions)
        guard !lines.isEmpty else { return }
        for bulletin in try Bulletin.all(in: lines) { _ = try await self.bin.adopt(bulletin) }
    }

    /// Now and then the hub's answers never arrive.
    func takeAnswers() async throws {
        let answers = try await self.answers?.value ?? []
        self.answers = nil
        guard self.dice.roll(20) > 0 else { return }
        let journal = try self.bin.journal
        for answer in answers { try await journal.acknowledge(answer) }
    }
}
