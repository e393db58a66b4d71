import BinCore
import GRDB
import Records
import Synchronization

/// The ways to the one connection that there is: whoever has it reads and writes alone.
///
/// Each comes twice. One blocks the calling thread, for the bin's loop, which has a thread for
/// that; the other one suspends, for everybody else.
extension Journal {
    /// Runs one transaction on a copy of the head, which replaces the head once it is durable.
    func transaction<Value>(
        _ body: (Database, inout Head) throws -> Value
    ) throws(JournalError) -> Value {
        try self.write { try self.commit(in: $0, body) }
    }

    func transaction<Value: Sendable>(
        _ body: @Sendable (Database, inout Head) throws -> Value
    ) async throws(JournalError) -> Value {
        do {
            return try await self.database.writeWithoutTransaction {
                try self.commit(in: $0, body)
            }
        } catch { throw self.told(error) }
    }

    /// Writes in transactions of its own.
    func write<Value>(_ body: (Database) throws -> Value) throws(JournalError) -> Value {
        do { return try self.database.writeWithoutTransaction(body) } catch {
            throw self.told(error)
        }
    }

    func commit<Value>(
        in db: Database, _ body: (Database, inout Head) throws -> Value
    ) throws -> Value {
        try self.checkPlace()
        var head = self.head.withLock { $0 }
        let durable = head.last
        let value = try db.inPreparedTransaction {
            let value = try body(db, &head)
            try self.reserve(through: head.last, durable: durable, boot: head.boot)
            return value
        }
        self.keep(head, after: durable)
        return value
    }

    /// What was committed is the head from now on.
    func keep(_ head: Head, after durable: RecordNumber) {
        self.head.withLock { $0 = head }
        guard head.last > durable else { return }
        // `try?`: the records are durable; this is evidence for the day when they are lost, and the
        // next commit gives it again.
        try? self.highWater.note(head.last)
    }

    /// Reads. No write comes between two statements: there is one connection, with one queue.
    ///
    /// GRDB's own `read` would besides set a pragma and take it back, after each of which SQLite
    /// prepares every statement anew.
    func look<Value>(_ body: (Database) throws -> Value) throws(JournalError) -> Value {
        do { return try self.database.unsafeRead(body) } catch { throw self.told(error) }
    }

    func look<Value: Sendable>(
        _ body: @Sendable (Database) throws -> Value
    ) async throws(JournalError) -> Value {
        do { return try await self.database.unsafeRead(body) } catch { throw self.told(error) }
    }
}

extension Database {
    /// As `inTransaction`, which has SQLite parse BEGIN and COMMIT at each transaction.
    ///
    /// - Parameter body: Ends with the first error that it meets: SQLite may have rolled back then,
    ///   and what follows would be outside the transaction.
    fileprivate func inPreparedTransaction<Value>(_ body: () throws -> Value) throws -> Value {
        try self.cachedStatement(sql: "BEGIN IMMEDIATE").execute()
        do {
            let value = try body()
            try self.cachedStatement(sql: "COMMIT").execute()
            return value
        } catch {
            // Does nothing if SQLite did it already. `try?`: the first error tells what happened.
            try? self.rollback()
            throw error
        }
    }
}
