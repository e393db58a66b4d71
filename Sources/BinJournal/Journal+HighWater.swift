import BinCore
import Foundation
import GRDB
package import Records
import Synchronization

extension Journal {
    /// Numbers are reserved so many at a time: the file is written once for all of them.
    static let reservedAtOnce: RecordNumber = 256

    /// Makes sure that the medium knows, apart from the database, that numbers to `seq` are used.
    ///
    /// - Parameter durable: The newest record that was durable before.
    func reserve(
        through seq: RecordNumber, durable: RecordNumber, boot: Int64
    ) throws(JournalError) {
        var mark =
            self.highWater.value ?? HighWater(device: self.owner.device, last: 0, boot: boot)
        guard seq > mark.reserved else { return }
        mark.last = max(mark.last, durable)
        mark.reserved = seq + Self.reservedAtOnce
        mark.boot = boot
        try self.highWater.set(mark, isDurable: true)
    }

    /// Remembers an acknowledgement apart from the database, if what the records up to it add up to
    /// is known: that is so at the end of each order.
    func anchor(_ acknowledgement: Acknowledgement, _ head: Head) {
        guard acknowledgement.through == head.last, head.fold.memory.openOrder == nil,
            var mark = self.highWater.value
        else { return }
        // What is broken shows itself again, and wouldn't fit.
        var memory = head.fold.memory
        memory.openFaults = [:]
        mark.anchor = HighWater.Anchor(
            seq: head.last, chain: head.chain, memory: memory,
            acknowledgement: acknowledgement.bytes)
        mark.last = max(mark.last, head.last)
        mark.reserved = max(mark.reserved, head.last)
        mark.boot = head.boot
        // `try?`: the database has it; this is for the day when the database is lost.
        try? self.highWater.set(mark, isDurable: false)
    }

    /// Ends in order: no number beyond the last one was used. Whatever fails of it, the database is
    /// closed as far as SQLite does that, and the storage directory let go of.
    package func close() throws(JournalError) {
        defer { self.directory.release() }
        var problem: JournalError?
        do throws(JournalError) { try self.settleHighWater() } catch { problem = error }
        do { try self.database.close() } catch { problem = problem ?? Self.worded(error) }
        if let problem { throw problem }
    }

    private func settleHighWater() throws(JournalError) {
        let head = self.head.withLock { $0 }
        guard var mark = self.highWater.value, head.last > 0 else { return }
        mark.last = head.last
        mark.reserved = head.last
        mark.boot = head.boot
        try self.highWater.set(mark, isDurable: true)
    }

    /// Walks the whole chain, and looks at every page.
    static func checkAll(_ db: Database, owner: Owner) throws {
        var (last, chain) = try Self.cut(db) ?? (0, HashChain.start(of: owner.device))
        let rows = try GRDB.Row.fetchCursor(
            db, sql: "SELECT seq, body, chain FROM records WHERE seq > ? ORDER BY seq",
            arguments: [last])
        while let row = try rows.next() {
            let (body, stored): (Data, Data) = (row["body"], row["chain"])
            chain = HashChain.link(chain, Array(body))
            last += 1
            guard row["seq"] == last, chain.bytes == Array(stored) else {
                throw JournalError(.damaged, "record \(last) doesn't fit the chain")
            }
        }
        guard try String.fetchOne(db, sql: "PRAGMA quick_check(1)") == "ok" else {
            throw JournalError(.damaged, "SQLite finds the journal's database inconsistent")
        }
    }

    /// Words an error. One that shows damage is remembered: the next start checks everything.
    func told(_ error: any Error) -> JournalError {
        let isDamage: Bool
        switch error {
        case let error as JournalError: isDamage = error.code == .damaged
        case let error as DatabaseError:
            isDamage = [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode)
        default: isDamage = false
        }
        if isDamage, !self.directory.isSuspect {
            // `try?`: whoever gets the error tells of it; a medium that takes no file either will
            // be found out again.
            try? self.directory.setSuspect(true)
        }
        return Self.worded(error)
    }

    /// Whether damage was seen: a restart sets the database aside and salvages it.
    package var isSuspect: Bool { self.directory.isSuspect }
}
