package import BinCore
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
        let device = self.owner.device
        try self.highWater.update(isDurable: true) { value in
            var mark = value ?? HighWater(device: device, last: 0, boot: boot)
            guard seq > mark.reserved else { return false }
            mark.last = max(mark.last, durable)
            mark.reserved = seq + Self.reservedAtOnce
            mark.boot = boot
            value = mark
            return true
        }
    }

    /// Remembers an acknowledgement apart from the database, if what the records up to it add up to
    /// is known: that is so at the end of each order.
    func anchor(_ acknowledgement: Acknowledgement, _ head: Head) {
        guard acknowledgement.through == head.last, head.fold.memory.openOrder == nil else {
            return
        }
        // What is broken shows itself again, and wouldn't fit.
        var memory = head.fold.memory
        memory.openFaults = [:]
        let anchor = HighWater.Anchor(
            seq: head.last, chain: head.chain, memory: memory,
            acknowledgement: acknowledgement.bytes)
        // `try?`: the database has it; this is for the day when the database is lost.
        try? self.highWater.update(isDurable: false) { value in
            guard var mark = value, mark.anchor.map({ $0.seq < anchor.seq }) ?? true else {
                return false
            }
            mark.anchor = anchor
            mark.last = max(mark.last, head.last)
            mark.reserved = max(mark.reserved, head.last)
            mark.boot = head.boot
            value = mark
            return true
        }
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
        // A head that was found damaged may not be all that there was.
        if head.last > 0, !self.isSuspect {
            try self.highWater.update(isDurable: true) { value in
                guard var mark = value else { return false }
                mark.last = head.last
                mark.reserved = head.last
                mark.boot = head.boot
                value = mark
                return true
            }
        }
    }

    /// The hub has records of this device up to `seq`, more than the journal: then these numbers
    /// are used. The next start takes them; until then no order is opened.
    ///
    /// - Throws: `JournalError`: `.mismatch` if that can't be true; `.storage`.
    package func goOn(above seq: RecordNumber) throws(JournalError) {
        let last = self.queue.last
        guard seq > last else { return }
        guard seq - last <= Self.mostTaken else {
            throw JournalError(
                .mismatch,
                "the hub says that it has \(seq) records of this device, and the journal's last is "
                    + "\(last): no bin is so far behind")
        }
        let (device, boot) = (self.owner.device, self.boot)
        try self.highWater.update(isDurable: true) { value in
            var mark = value ?? HighWater(device: device, last: last, boot: boot)
            guard mark.last < seq else { return false }
            mark.last = seq
            mark.reserved = max(mark.reserved, seq)
            value = mark
            return true
        }
        self.isBehind.withLock { $0 = true }
        try self.directory.setSuspect(true)
    }

    /// So many records are months of the busiest bin.
    private static let mostTaken: RecordNumber = 100_000

    /// Why no order may be opened before the next start; `nil` if one may.
    var lag: FaultFact? {
        guard self.isBehind.withLock({ $0 }) else { return nil }
        return FaultFact(
            source: "storage lost", code: "behind",
            detail: "the hub has records of this device that the journal lacks: it begins anew "
                + "above them as soon as nobody is at the bin")
    }

    /// How many records are checked between two reports of progress.
    private static let rowsBetweenReports: RecordNumber = 1000
    /// The slowest medium that is reckoned with reads this much in a second.
    private static let slowestBytes: Int64 = 1 << 20

    /// Walks the whole chain, and looks at every page.
    static func checkAll(
        _ db: Database, owner: Owner, progress: Progress = { _ in }
    ) throws {
        var (last, chain) = try Self.cut(db) ?? (0, HashChain.start(of: owner.device))
        let rows = try GRDB.Row.fetchCursor(
            db, sql: "SELECT seq, body, chain FROM records WHERE seq > ? ORDER BY seq",
            arguments: [last])
        while let row = try rows.next() {
            let (body, stored): (Data, Data) = (try row.value("body"), try row.value("chain"))
            chain = HashChain.link(chain, Array(body))
            last += 1
            guard try row.value("seq") == last, chain.bytes == Array(stored) else {
                throw JournalError(.damaged, "record \(last) doesn't fit the chain")
            }
            _ = try Self.chained(Array(body), last)
            if last % Self.rowsBetweenReports == 0 { progress(nil) }
        }
        let pages = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        progress(pages * Int64(Self.pageBytes) / Self.slowestBytes)
        guard try String.fetchOne(db, sql: "PRAGMA quick_check(1)") == "ok" else {
            throw JournalError(.damaged, "SQLite finds the journal's database inconsistent")
        }
    }

    /// Words an error. One that shows damage is remembered: the next start checks everything.
    func told(_ error: any Error) -> JournalError {
        if Damage.isShown(by: error), !self.directory.isSuspect {
            // `try?`: whoever gets the error tells of it; a medium that takes no file either will
            // be found out again.
            try? self.directory.setSuspect(true)
        }
        return Self.worded(error)
    }

    /// Whether damage was seen: a restart sets the database aside and salvages it.
    package var isSuspect: Bool { self.directory.isSuspect }
}
