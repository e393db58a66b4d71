package import BinCore
import Foundation
import GRDB
package import Records
import Synchronization

extension Journal {
    /// How far back a start looks for what was credited lately: some days of a very busy bin.
    private static let mostLookedAt = 5_000
    private static let twoDaysMs: Int64 = 2 * 86_400_000

    package func credited(
        to card: CardNumber, onDayOf moment: Moment
    ) throws(JournalError) -> Grams {
        let boot = self.boot
        let known = self.credits.withLock {
            $0?.credited(to: card, onDayOf: moment, boot: boot)
        }
        if let known { return known }
        // On the database's queue, so that no record comes between reading and keeping.
        return try self.look { db in
            let credits = try Self.credits(db)
            self.credits.withLock { $0 = credits }
            return credits.credited(to: card, onDayOf: moment, boot: boot)
        }
    }

    /// What the newest records credited, two days of them if their clock was set.
    private static func credits(_ db: Database) throws -> DayCredits {
        var records: [Records.Record] = []
        var newest: WallTime?
        let rows = try Optional<Data>.fetchCursor(
            db, sql: "SELECT body FROM records ORDER BY seq DESC LIMIT \(Self.mostLookedAt)")
        while let body = try rows.next() {
            guard let body else {
                throw JournalError(.damaged, "a record of the journal has no body")
            }
            let record = try Records.Record(bytes: Array(body))
            if record.header.clock != .unset {
                newest = max(newest ?? record.header.at, record.header.at)
                let end = newest?.advanced(byMs: -Self.twoDaysMs) ?? record.header.at
                if record.header.at < end { break }
            }
            records.append(record)
        }
        var credits = DayCredits()
        for record in records.reversed() { credits.add(record) }
        return credits
    }

    /// The newest time that was recorded under a clock that was set, as far as the newest records
    /// tell: the wall clock must not be behind it.
    package var newestKnownTime: WallTime? {
        get throws(JournalError) {
            do {
                return try self.database.read { db in
                    let rows = try Optional<Data>.fetchCursor(
                        db, sql: "SELECT body FROM records ORDER BY seq DESC LIMIT ?",
                        arguments: [Self.tailChecked])
                    while let body = try rows.next() {
                        guard let body else { continue }
                        let header = try Records.Record(bytes: Array(body)).header
                        if header.clock != .unset { return header.at }
                    }
                    return nil
                }
            } catch { throw self.told(error) }
        }
    }
}
