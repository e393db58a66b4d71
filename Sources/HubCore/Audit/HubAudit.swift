import BinCore
import Records

/// Recomputes chains, signatures, laws, entries and balances from the raw records.
package struct HubAudit {
    private let source: any AuditSource
    private var report = AuditReport()
    private var histories: [CardNumber: [Registration]] = [:]
    private var sums: [AccountID: AccountSum] = [:]

    private init(source: any AuditSource) { self.source = source }

    /// Goes through all of `source` up to the first thing that is wrong.
    ///
    /// - Throws: What `source` throws; what is wrong in the data is in the report.
    package static func report(on source: any AuditSource) throws -> AuditReport {
        var audit = HubAudit(source: source)
        do {
            try audit.run()
        } catch let finding as AuditFinding {
            audit.report.finding = finding
        } catch HubFault.corrupt(let what) {
            audit.report.finding = AuditFinding(what)
        }
        return audit.report
    }

    private mutating func run() throws {
        for registration in try self.source.registrations() {
            self.histories[registration.card.card, default: []].append(registration)
        }
        for journal in try self.source.journals() {
            self.report.devices += 1
            if let forkedAt = journal.forkedAt { self.report.forks[journal.device] = forkedAt }
            try self.check(journal)
        }
        let stored = try self.source.sums()
        for account in Set(stored.keys).union(self.sums.keys).sorted() {
            guard stored[account] == self.sums[account] else {
                throw AuditFinding("the balance of account \(account) isn't that of its entries")
            }
        }
        try self.checkBulletins()
    }

    private mutating func check(_ held: HeldJournal) throws {
        var journal = HeldJournal(of: held.device)
        var orders: Int64 = 0
        var deposits: Int64 = 0
        var steps: Int64 = 0
        var seams = try self.source.seams(of: held)[...]
        var crossed: [StoredSeam] = []
        try self.source.eachBatch(of: held.device) { batch in
            try self.cross(&seams, &crossed, with: &journal)
            let taken = try self.check(batch, after: &journal, across: crossed.last?.id ?? 0)
            orders += try self.checkEntries(
                of: taken, device: held.device, besides: crossed.map(\.numbers))
            deposits += try self.checkDeposits(of: taken, device: held.device)
            steps += try self.checkSteps(of: taken, device: held.device)
            self.report.batches += 1
            self.report.records += Int64(taken.count)
        }
        self.report.orders += orders
        try self.cross(&seams, &crossed, with: &journal)
        journal.forkedAt = held.forkedAt
        guard journal == held else {
            throw AuditFinding(
                device: held.device, "what is noted of its journal isn't what its records say")
        }
        let counts = StoredCounts(
            records: journal.last, entries: orders, deposits: deposits, steps: steps)
        guard try self.source.counts(of: held.device) == counts else {
            throw AuditFinding(
                device: held.device, "there are more or fewer rows than its batches brought")
        }
    }

    /// Goes on with the device's own records where they were followed from here on.
    private func cross(
        _ seams: inout ArraySlice<StoredSeam>, _ crossed: inout [StoredSeam],
        with journal: inout HeldJournal
    ) throws {
        while let seam = seams.first, seam.after == journal.last {
            var line = HeldJournal(of: journal.device)
            do {
                try self.source.eachRecord(
                    of: journal.device, through: seam.after, across: seam.id
                ) { try line.add($0) }
            } catch let refusal as IngestRefusal {
                throw AuditFinding(
                    device: journal.device, seq: line.last + 1, "beside the others: \(refusal)")
            }
            guard line.last == seam.after, line.chain == seam.chain, line.laws == seam.laws else {
                throw AuditFinding(
                    device: journal.device, seq: seam.after,
                    "the device's own records up to here aren't those that were followed")
            }
            (journal.chain, journal.laws) = (line.chain, line.laws)
            crossed.append(seam)
            seams = seams.dropFirst()
        }
    }

    /// Puts a batch together again, and takes it the way it was taken when it came.
    private func check(
        _ stored: StoredBatch, after journal: inout HeldJournal, across seam: Int64
    ) throws -> [TakenRecord] {
        let device = journal.device
        guard stored.first <= stored.newFrom, stored.newFrom <= stored.last,
            stored.newFrom == journal.last + 1,
            stored.last - stored.first < Int64(Batch.mostRecords)
        else {
            throw AuditFinding(
                device: device, seq: journal.last + 1,
                "the batch of \(stored.first) to \(stored.last) doesn't follow")
        }
        let records = try self.source.records(
            of: device, stored.first...stored.last, across: seam)
        for (index, seq) in (stored.first...stored.last).enumerated() {
            guard index < records.count, records[index].seq == seq else {
                throw AuditFinding(device: device, seq: seq, "the record is missing")
            }
        }
        let new = Array(records.suffix(Int(stored.last - stored.newFrom + 1)))
        // Before the signature, so that the record that was changed is named, not only its batch.
        var chain = journal.chain
        for record in new {
            chain = HashChain.link(chain, record.bytes)
            guard chain == record.chain else {
                throw AuditFinding(
                    device: device, seq: record.seq, "its bytes aren't those of its chain value")
            }
        }
        do {
            let received = try ReceivedBatch(
                head: stored.head, records: records.map(\.bytes), tail: stored.tail)
            guard received.batch.first == stored.first, received.batch.last == stored.last else {
                throw IngestRefusal.malformed("its head says other numbers")
            }
            // What the batch overlaps was compared when it was put together from held records.
            let held = records.dropLast(new.count)
            let before = held.isEmpty ? journal.chain : received.batch.prev
            let intake = try journal.intake(
                of: received.batch,
                overlap: HeldOverlap(before: before, records: held.map(\.bytes)))
            guard intake.journal.chain == received.batch.chain else {
                throw IngestRefusal.badChain
            }
            journal = intake.journal
            return intake.records
        } catch let refusal as IngestRefusal {
            throw AuditFinding(
                device: device, seq: stored.first,
                "the batch of \(stored.first) to \(stored.last): \(refusal)")
        }
    }

    private mutating func checkEntries(
        of taken: [TakenRecord], device: DeviceID, besides seams: [ClosedRange<RecordNumber>]
    ) throws -> Int64 {
        let expected = taken.compactMap { OrderEntry($0.record, of: device) }
            .filter { !$0.began(in: seams) }
        let booked = try self.rows(of: taken) { try self.source.entries(of: device, $0) }
        for entry in expected
        where !booked.contains(where: { $0.entry.header.seq == entry.header.seq }) {
            throw AuditFinding(
                device: device, seq: entry.header.seq, "the order has no entry")
        }
        for (index, booking) in booked.enumerated() {
            guard index < expected.count, booking.entry == expected[index] else {
                throw AuditFinding(
                    device: device, seq: booking.entry.header.seq,
                    "the entry isn't what the record says")
            }
            let card = booking.entry.fact.card
            let account = Registration.account(
                ofEntry: booking.id, history: self.histories[card] ?? [])
            guard account == booking.account else {
                throw AuditFinding(
                    device: device, seq: booking.entry.header.seq,
                    "the entry stands on another account than that of its card")
            }
            if let account {
                guard self.sums[account, default: .zero].add(booking.entry.fact) else {
                    throw AuditFinding("the balance of account \(account) exceeds 64 bits")
                }
            }
        }
        return Int64(expected.count)
    }

    private func checkDeposits(of taken: [TakenRecord], device: DeviceID) throws -> Int64 {
        let expected = taken.compactMap { DepositLine($0.record, of: device) }
        let kept = try self.rows(of: taken) { try self.source.deposits(of: device, $0) }
        guard kept == expected else {
            let wrong = zip(kept, expected).first { $0.0 != $0.1 }?.1 ?? expected.last
            throw AuditFinding(
                device: device, seq: wrong?.header.seq, "a deposit isn't kept as its record says")
        }
        return Int64(expected.count)
    }

    /// Corrected times are worked out when they are asked for: if these rows are right, they are.
    private func checkSteps(of taken: [TakenRecord], device: DeviceID) throws -> Int64 {
        let expected = taken.compactMap { ClockStep($0.record, of: device) }
        guard try self.rows(of: taken, { try self.source.steps(of: device, $0) }) == expected
        else {
            throw AuditFinding(
                device: device, seq: expected.first?.header.seq,
                "a step of the clock isn't kept as its record says")
        }
        return Int64(expected.count)
    }

    private func rows<Row>(
        of taken: [TakenRecord], _ fetch: (ClosedRange<RecordNumber>) throws -> [Row]
    ) rethrows -> [Row] {
        guard let first = taken.first, let last = taken.last else { return [] }
        return try fetch(first.record.header.seq...last.record.header.seq)
    }

    private mutating func checkBulletins() throws {
        // A hub that never signed anything has no key yet.
        var key: VerifyingKey?
        var versions: [BulletinKind: Int64] = [:]
        var count: Int64 = 0
        try self.source.eachBulletin { kind, version, line, seal in
            let name = "the bulletin \(kind.rawValue) \(version)"
            let bulletin: Bulletin
            do { bulletin = try Bulletin(line: line, seal: seal) } catch {
                throw AuditFinding("\(name): \(error)")
            }
            let own = try key ?? self.source.key()
            key = own
            guard bulletin.key == own, bulletin.kind == kind, bulletin.version == version,
                version == versions[kind, default: 0] + 1
            else { throw AuditFinding("\(name) isn't the one that was published") }
            versions[kind] = version
            count += 1
        }
        self.report.bulletins = count
    }
}
