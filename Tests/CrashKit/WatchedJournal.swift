package import BinCore
package import Records

/// A journal that tells of each commit at once, before anybody can act on it.
package struct WatchedJournal: JournalKeeping {
    private let journal: any JournalKeeping
    private let committed: @Sendable (RecordNumber) -> Void

    /// - Parameter committed: Called with the newest record after each commit of records.
    package init(
        _ journal: any JournalKeeping, committed: @escaping @Sendable (RecordNumber) -> Void
    ) {
        (self.journal, self.committed) = (journal, committed)
    }

    package var nextSeq: RecordNumber { self.journal.nextSeq }
    package var rates: RateBook { self.journal.rates }
    package var notices: Notices? { self.journal.notices }
    package var shortage: FaultFact? { self.journal.shortage }

    package func append(
        _ facts: [Fact], at moment: Moment
    ) throws(JournalError) -> [Record] {
        let records = try self.journal.append(facts, at: moment)
        self.committed(self.journal.nextSeq - 1)
        return records
    }

    package func role(of card: CardNumber) throws(JournalError) -> Role {
        try self.journal.role(of: card)
    }

    package func credited(
        to card: CardNumber, onDayOf moment: Moment
    ) throws(JournalError) -> Grams {
        try self.journal.credited(to: card, onDayOf: moment)
    }

    package func adopt(
        _ bulletin: Bulletin, at moment: Moment
    ) throws(JournalError) -> Adoption {
        let adoption = try self.journal.adopt(bulletin, at: moment)
        if adoption == .adopted { self.committed(self.journal.nextSeq - 1) }
        return adoption
    }

    package func probe() throws(JournalError) { try self.journal.probe() }
}
