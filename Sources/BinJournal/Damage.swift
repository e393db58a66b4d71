import GRDB
import Records

/// Tells damage of what is stored from everything else that can go wrong.
enum Damage {
    /// Whether an error shows that the database isn't what was written to it. A medium that
    /// refuses, a foreign journal and a caller's mistake are none.
    static func isShown(by error: any Error) -> Bool {
        switch error {
        case let error as JournalError: error.code == .damaged
        case let error as DatabaseError: Self.isShown(by: error)
        case let error as Records.RecordError: !Self.isOfANewRecord(error)
        case is BulletinError, is AcknowledgementError, is JSONError: true
        // NULL or a wrong type, where neither can have been stored.
        case is RowDecodingError: true
        default: false
        }
    }

    /// Whether it is said of what is to be stored.
    private static func isOfANewRecord(_ error: Records.RecordError) -> Bool {
        switch error {
        case .tooLong: true
        case .notJSON, .lineBreak, .field, .kind: false
        }
    }

    private static func isShown(by error: DatabaseError) -> Bool {
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: true
        // A table or a column is gone.
        case .SQLITE_ERROR: true
        // What we store never breaks a constraint of a table that is as we left it.
        case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH: true
        // A page can't be read back. The rest may be, and the medium still takes a new file.
        case .SQLITE_IOERR:
            [.SQLITE_IOERR_READ, .SQLITE_IOERR_SHORT_READ].contains(error.extendedResultCode)
        default: false
        }
    }

    static func words(of error: any Error) -> JournalError {
        JournalError(
            .damaged, "what is stored in the journal's database can't be read (\(error))")
    }
}

extension Row {
    /// A column's value. `row[…]` would end the process at a NULL, and a page of which half was
    /// lost has NULLs in columns that can't hold any.
    ///
    /// - Throws: `RowDecodingError`, which is damage.
    func value<Value: DatabaseValueConvertible & StatementColumnConvertible>(
        _ column: String, _ type: Value.Type = Value.self
    ) throws -> Value {
        try self.decode(Value.self, forColumn: column)
    }
}
