package import BinCore
import GRDB
package import Records
import Synchronization

extension Journal {
    /// How much the medium must have left for an order to be opened: what the longest order, the
    /// write-ahead log and a checkpoint of it may need, and as much again for what a bin records by
    /// itself while it waits for a technician.
    package static let reserveBytes: Int64 = 8 << 20
    /// Once it was short, the medium must have so much more: not an order now and none then.
    private static let moreBytes: Int64 = 1 << 20

    /// As much as the longest record takes, twice: where this goes, the next records go.
    private static let probeBytes = 8192

    package func probe() throws(JournalError) {
        try self.transaction { db, _ in
            try db.execute(
                sql: """
                    INSERT INTO probe (one, body) VALUES (1, randomblob(?1))
                    ON CONFLICT (one) DO UPDATE SET body = excluded.body
                    """, arguments: [Self.probeBytes])
        }
    }

    package var shortage: FaultFact? {
        guard self.isInPlace else { return Self.replacedFault }
        if let lag = self.lag { return lag }
        guard let free = self.directory.freeBytes else { return nil }
        let isShort = self.isShort.withLock { wasShort in
            wasShort = free < Self.reserveBytes + (wasShort ? Self.moreBytes : 0)
            return wasShort
        }
        guard isShort else { return nil }
        // No figures that change: each change would be a record.
        return FaultFact(
            source: "storage space", code: "full",
            detail: "less than \(Self.reserveBytes >> 20) MiB are free in "
                + "\(self.directory.path): no order is opened until there is more")
    }
}
