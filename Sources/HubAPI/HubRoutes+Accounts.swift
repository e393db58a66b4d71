import BinCore
import HTTPDoor
import HTTPTypes
import HubCore
import Hummingbird
import Records

/// What partners, residents and downstream systems read. Cards are shown by their last four digits.
extension HubRoutes {
    private static let mostEntries: Int64 = 1000
    private static let usualEntries: Int64 = 100

    func standing(of path: String) async throws -> Response {
        let standing = try await self.account(path)
        return .json([
            "account": .string(standing.account.text),
            "balance": .integer(standing.sum.value.value),
            "points": .string(standing.sum.value.points),
            "co2e": .integer(standing.sum.co2e.value),
            "mass": .integer(standing.sum.mass.value),
            "orders": .integer(standing.sum.orders),
            "cards": .array(standing.cards.map { .string($0.masked) }),
        ])
    }

    func statement(_ request: Request, of path: String) async throws -> Response {
        let standing = try await self.account(path)
        let (entries, next) = try await self.page(request, of: standing.account)
        return .json([
            "account": .string(standing.account.text), "entries": entries, "next": next,
        ])
    }

    func orders(_ request: Request) async throws -> Response {
        let (entries, next) = try await self.page(request, of: nil)
        return .json(["orders": entries, "next": next])
    }

    private func account(_ path: String) async throws -> AccountStanding {
        guard let account = AccountID(path),
            let standing = try await self.store.standing(of: account)
        else {
            throw ErrorReply(
                .notFound, "unknown-account",
                "no list of cards names the account `\(path.prefix(64))`")
        }
        return standing
    }

    /// The entries after the request's cursor, and the cursor for the next page: the same one as
    /// long as nothing has come.
    private func page(
        _ request: Request, of account: AccountID?
    ) async throws -> (JSONValue, next: JSONValue) {
        let after = try request.number("after", in: 0...Int64.max) ?? 0
        let limit = try request.number("limit", in: 1...Self.mostEntries) ?? Self.usualEntries
        let entries = try await self.store.entries(of: account, after: after, limit: Int(limit))
        return (.array(entries.map(\.json)), .integer(entries.last?.id ?? after))
    }
}

extension BookedEntry {
    fileprivate var json: JSONValue {
        let fact = self.entry.fact
        return [
            "cursor": .integer(self.id), "kind": "order",
            "device": .string(self.entry.device.text), "seq": .integer(self.entry.header.seq),
            "order": .integer(fact.order), "community": .string(self.community.text),
            "account": self.account.map { .string($0.text) } ?? .null,
            "card": .string(fact.card.masked), "at": .string(self.entry.header.at.rfc3339),
            "clock": .string(self.entry.header.clock.rawValue),
            "corrected": self.corrected.map { .string($0.rfc3339) } ?? .null,
            "received": .string(self.received.rfc3339), "deposits": .integer(fact.deposits),
            "mass": .integer(fact.mass.value), "value": .integer(fact.value.value),
            "points": .string(fact.value.points), "co2e": .integer(fact.co2e.value),
            "closed": .string(fact.closed.rawValue),
        ]
    }
}
