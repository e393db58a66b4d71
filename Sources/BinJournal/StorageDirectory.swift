package import Records
import Synchronization

/// A bin's storage directory, held by one process at a time.
///
/// Its files have full card numbers and the device's key: nobody else on the machine may read them.
package final class StorageDirectory: Sendable {
    package let path: String
    /// What others can read and this process may not change, for the log.
    package let exposed: [String]
    let files: any FileKeeping
    /// Answers for the medium in tests of simulated ones.
    private let room: (@Sendable () -> Int64?)?
    /// `nil` once it was let go of.
    private let lock: Mutex<(any FileLocking)?>

    /// Makes the directory if need be and takes it.
    ///
    /// - Parameters:
    ///   - files: The medium's files other than SQLite's.
    ///   - room: What the medium has left, bytes, where `files` isn't to be asked.
    /// - Throws: `JournalError`: `.locked` if another process has it, `.storage` if it can't be
    ///   used.
    package init(
        path: String, files: any FileKeeping = PrivateFile(),
        room: (@Sendable () -> Int64?)? = nil
    ) throws(JournalError) {
        self.path = path
        self.files = files
        self.room = room
        try files.makeFolder(path)
        do { self.lock = Mutex(try files.lock("\(path)/lock")) } catch {
            guard error.code == .locked else { throw error }
            throw JournalError(
                .locked,
                "another steelyardd uses the storage directory \(path); stop it or give this bin "
                    + "a directory of its own")
        }
        // SQLite makes its files as readable as the umask says, and those beside the database like
        // it.
        try files.touch("\(path)/\(Self.database)")
        let names = [
            "lock", Self.key, HighWaterFile.name, "transmitters.json", Self.database,
            "\(Self.database)-wal", "\(Self.database)-shm",
        ]
        self.exposed = ([path] + names.map { "\(path)/\($0)" }).filter { !files.tighten($0) }
    }

    static let database = "journal.sqlite"
    private static let key = "device.key"

    /// Lets another process, or another start in this one, have the directory. Nothing of it may be
    /// used by this owner afterwards.
    package func release() { self.lock.withLock { $0 = nil } }

    /// What the medium has left for this process; `nil` if it doesn't say.
    package var freeBytes: Int64? {
        if let room = self.room { return room() }
        return self.files.freeBytes(at: self.path)
    }

    /// While this file is there, the next start checks the whole journal.
    private var suspicion: String { "\(self.path)/check-at-start" }

    /// Whether damage was seen that isn't dealt with.
    var isSuspect: Bool { self.files.size(self.suspicion) != nil }

    func setSuspect(_ isSuspect: Bool) throws(JournalError) {
        if isSuspect {
            try self.files.replace(self.suspicion, with: [])
        } else {
            try self.files.unlink(self.suspicion)
        }
    }

    /// The device's signing key, from the file `device.key`; made at the first start.
    ///
    /// - Throws: `JournalError`: `.damaged` if the file holds no key, or is gone although the bin
    ///   has been in use; `.storage`.
    package func deviceKey() throws(JournalError) -> SigningKey {
        let path = "\(self.path)/\(Self.key)"
        guard let bytes = try self.files.read(path, limit: 128) else {
            try self.checkNew(path)
            let key = SigningKey()
            try self.files.replace(path, with: Array((Base64.encode(key.seed) + "\n").utf8))
            return key
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let seed = Base64.decode(text.split(separator: "\n").first.map(String.init) ?? ""),
            let key = SigningKey(seed: seed)
        else { throw Self.noKey("\(path) holds no Ed25519 key") }
        return key
    }

    /// Whether a bin made its key here: it may have recorded something.
    var hasKey: Bool { self.files.size("\(self.path)/\(Self.key)") != nil }

    /// A key is made before anything else. With another one the hub would refuse every batch.
    private func checkNew(_ path: String) throws(JournalError) {
        guard self.files.size("\(self.path)/\(HighWaterFile.name)") == nil else {
            throw Self.noKey("\(path) is gone")
        }
    }

    private static func noKey(_ what: String) -> JournalError {
        JournalError(
            .damaged,
            "\(what); restore it from a backup, for the hub takes no other key of this device. "
                + "Without one keep this directory for the auditor, and begin with an empty one "
                + "and a new device id")
    }
}
