package import Records

/// What the storage does with the files beside SQLite's, one step of the medium each, so that a
/// test can cut the power between any two of them.
///
/// Nothing is certain to outlive a power cut before it is synced: bytes and sizes with their file,
/// names with their folder. Every function throws `JournalError` `.storage` if the medium refuses.
package protocol FileKeeping: Sendable {
    /// Reads at most `limit` bytes from the file's beginning; `nil` if there is no such file.
    func read(_ path: String, limit: Int) throws(JournalError) -> [UInt8]?
    /// Makes an empty file that nobody else may read; what is in one that is there is gone.
    func create(_ path: String) throws(JournalError)
    /// Makes an empty file that nobody else may read; one that is there stays as it is.
    func touch(_ path: String) throws(JournalError)
    /// Writes into a file that is there.
    func write(_ bytes: [UInt8], at offset: Int64, of path: String) throws(JournalError)
    /// What writes into the file of that name again and again.
    func writer(of path: String) -> any FileWriting
    func sync(_ path: String) throws(JournalError)
    /// Syncs the names in the folder that `path` is in.
    func syncFolder(of path: String) throws(JournalError)
    /// Gives a file another name, in the place of a file that may have it.
    func rename(_ path: String, to new: String) throws(JournalError)
    /// Gives a file a second name. Returns `false` if this medium knows no second names.
    func link(_ path: String, as new: String) throws(JournalError) -> Bool
    /// Takes a name away, if it is there.
    func unlink(_ path: String) throws(JournalError)
    /// The size in bytes; `nil` if there is no such file.
    func size(_ path: String) -> Int64?
    /// The names in a folder, sorted.
    func names(in folder: String) -> [String]
    /// What the medium has left for this process, bytes; `nil` if it doesn't say.
    func freeBytes(at path: String) -> Int64?
    /// Makes a folder that nobody else may read, if there is none.
    func makeFolder(_ path: String) throws(JournalError)
    /// Takes a lock that is held as long as the returned object lives.
    ///
    /// - Throws: `JournalError`: `.locked` if another process has it.
    func lock(_ path: String) throws(JournalError) -> any FileLocking
    /// Takes everybody else's rights away. Returns `false` if they keep some.
    func tighten(_ path: String) -> Bool
}

/// Writes into the file that has a certain name at that moment, as `FileKeeping.write` does.
package protocol FileWriting: Sendable {
    func write(_ bytes: [UInt8], at offset: Int64) throws(JournalError)
}

/// A lock that is held while this lives.
package protocol FileLocking: AnyObject, Sendable {}

extension FileKeeping {
    /// Puts `bytes` in the place of what a file holds: after a power cut it is either one.
    func replace(_ path: String, with bytes: [UInt8]) throws(JournalError) {
        let temporary = path + ".new"
        try self.create(temporary)
        if !bytes.isEmpty { try self.write(bytes, at: 0, of: temporary) }
        try self.sync(temporary)
        try self.renameDurably(temporary, to: path)
    }

    func renameDurably(_ path: String, to new: String) throws(JournalError) {
        try self.rename(path, to: new)
        try self.syncFolder(of: new)
    }

    func unlinkDurably(_ path: String) throws(JournalError) {
        guard self.size(path) != nil else { return }
        try self.unlink(path)
        try self.syncFolder(of: path)
    }
}
