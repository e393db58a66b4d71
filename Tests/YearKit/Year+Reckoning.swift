import BinCore
import BinJournal
import CrashKit
import HubCore
import HubStore
import Records

/// The end of the year: the bin's records, the hub's accounts and the truth agree.
extension Year {
    /// How far a card's records may be from the truth: a division for each deposit, and one for
    /// each order and compartment: its first deposit holds what the order before left to carry.
    private static let compartments: Int64 = 2
    private static let page = 10_000
    private static let correctedMs: Int64 = 1_000

    func reckon() async throws {
        self.day = self.plan.days
        self.pass(3_600_000)
        while try self.bin.journal.queue.depth > 0 { try await self.exchangeAtLast() }
        try await self.takeAnswers()
        try await self.check()
        _ = try await self.hub.store.importCards(
            try self.town.newcomers(), at: self.truth.wall)
        try await self.checkAccounts()
        try await self.checkTimes()
        try self.checkTruth()
        self.report.orders = self.ledger.orders
        self.report.deposits = self.ledger.deposits
        self.report.records = self.ledger.last
        self.report.collections = self.ledger.collections
        self.report.credited = self.ledger.cards.values.reduce(0) { $0 + $1.mass }
        self.report.chain = String(self.ledger.chain.hex.prefix(16))
    }

    private func exchangeAtLast() async throws {
        try await self.exchange()
        self.pass(60_000)
    }

    /// The hub's own audit finds nothing, and each account is the sum of its cards' orders.
    private func checkAccounts() async throws {
        let audit = try await self.hub.store.audit()
        if let finding = audit.finding { throw Finding("the hub's audit: \(finding)") }
        guard audit.records == self.ledger.last, audit.orders == self.ledger.orders else {
            throw Finding(
                "the hub has \(audit.records) records and \(audit.orders) orders, the bin "
                    + "\(self.ledger.last) and \(self.ledger.orders)")
        }
        var expected: [AccountID: AccountSum] = [:]
        for card in try self.town.registered() + self.town.newcomers() {
            guard let account = card.account, let own = self.ledger.cards[card.card] else {
                continue
            }
            let sum = expected[account] ?? .zero
            expected[account] = AccountSum(
                orders: sum.orders + own.orders, mass: Grams(sum.mass.value + own.mass),
                value: MicroYuan(sum.value.value + own.value),
                co2e: MilligramsCO2e(sum.co2e.value + own.co2e))
        }
        for (account, sum) in expected.sorted(by: { $0.key < $1.key }) {
            let standing = try await self.hub.store.standing(of: account)
            guard standing?.sum == sum else {
                throw Finding(
                    "\(account) has \(String(describing: standing?.sum)) at the hub, and \(sum) "
                        + "in the bin's records")
            }
        }
    }

    /// The hub knows when each order was settled, whatever the bin's clock said, if it was set
    /// before the machine stopped.
    private func checkTimes() async throws {
        var cursor: Int64 = 0
        while true {
            let entries = try await self.hub.store.entries(
                of: nil, after: cursor, limit: Self.page)
            guard let last = entries.last else { return }
            cursor = last.id
            for entry in entries {
                let header = entry.entry.header
                guard let time = self.ledger.time(of: header.seq) else {
                    throw Finding("the hub has record \(header.seq), the bin never had it")
                }
                guard let corrected = entry.corrected else {
                    guard self.ledger.isCorrectable(header) else { continue }
                    throw Finding("the hub doesn't correct the time of record \(header.seq)")
                }
                let error = corrected.millisecondsSince1970 - Truth.beginsMs - time
                guard abs(error) <= Self.correctedMs else {
                    throw Finding(
                        "the hub corrects record \(header.seq) to \(corrected.rfc3339), which is "
                            + "wrong by \(error) ms")
                }
            }
        }
    }

    /// Nobody was paid for more than they put in, and everybody was credited with what they did.
    private func checkTruth() throws {
        for (card, own) in self.ledger.cards.sorted(by: { "\($0.key)" < "\($1.key)" }) {
            let person = self.people[card] ?? Person()
            let slack = Scene.division * (own.deposits + own.orders * Self.compartments)
            let (net, all, sure) = (
                person.net / 1000, person.recorded / 1000,
                (person.recorded - person.doubt) / 1000
            )
            guard own.paid <= net + slack, own.mass <= all + slack, own.mass >= sure - slack else {
                throw Finding(
                    "\(card) put in \(all) g (\(all - sure) g in doubt, \(net) g left), is "
                        + "credited with \(own.mass) g and was paid for \(own.paid) g; "
                        + "\(own.deposits) deposits explain \(slack) g")
            }
            let error = max(own.paid - net, own.mass - all, sure - own.mass)
            guard own.deposits > 0 else { continue }
            self.report.worst = max(
                self.report.worst, error * 1000 / (Scene.division * own.deposits))
        }
    }
}
