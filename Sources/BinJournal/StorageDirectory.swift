package import Records
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A bin's storage directory, held by one process at a time.
///
/// Its files have full card numbers and the device's key: nobody else on the machine may read them.
package final class StorageDirectory: Sendable {
    package let path: String
    /// What others can read and this process may not change, for the log.
    package let exposed: [String]
    /// Answers for the medium in tests of simulated ones.
    private let room: (@Sendable () -> Int64?)?
    /// The descriptor of the lock; -1 once it was let go of.
    private let lock: Atomic<Int32>

    /// The bits that let somebody else in.
    private static let othersBits: mode_t = 0o077

    /// Makes the directory if need be and takes it.
    ///
    /// - Parameter room: What the medium has left, bytes, where the path's own file system isn't to
    ///   be asked.
    /// - Throws: `JournalError`: `.locked` if another process has it, `.storage` if it can't be
    ///   used.
    package init(
        path: String, room: (@Sendable () -> Int64?)? = nil
    ) throws(JournalError) {
        self.path = path
        self.room = room
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw PrivateFile.failure("the storage directory \(path) can't be made", errno)
        }
        let lockPath = "\(path)/lock"
        let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw PrivateFile.failure("\(lockPath) can't be opened", errno)
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw JournalError(
                .locked,
                "another steelyardd uses the storage directory \(path); stop it or give this bin "
                    + "a directory of its own")
        }
        self.lock = Atomic(descriptor)
        do {
            try Self.makeDatabase("\(path)/\(Self.database)")
        } catch {
            close(descriptor)
            throw error
        }
        let files = [
            "lock", "device.key", "high-water", "transmitters.json", Self.database,
            "\(Self.database)-wal", "\(Self.database)-shm",
        ]
        self.exposed = ([path] + files.map { "\(path)/\($0)" }).filter { !Self.tighten($0) }
    }

    static let database = "journal.sqlite"

    /// SQLite makes its files as readable as the umask says, and those beside the database like it.
    private static func makeDatabase(_ path: String) throws(JournalError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw PrivateFile.failure("\(path) can't be opened", errno) }
        close(descriptor)
    }

    /// Takes everybody else's rights away. Returns `false` if they keep some.
    private static func tighten(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & Self.othersBits != 0 else { return true }
        return chmod(path, status.st_mode & 0o7777 & ~Self.othersBits) == 0
    }

    deinit { self.release() }

    /// Lets another process, or another start in this one, have the directory. Nothing of it may be
    /// used by this owner afterwards.
    package func release() {
        let descriptor = self.lock.exchange(-1, ordering: .acquiringAndReleasing)
        if descriptor >= 0 { close(descriptor) }
    }

    /// What the medium has left for this process; `nil` if it doesn't say.
    package var freeBytes: Int64? {
        if let room = self.room { return room() }
        var status = statvfs()
        guard statvfs(self.path, &status) == 0 else { return nil }
        let (bytes, isTooMuch) = Int64(clamping: status.f_bavail)
            .multipliedReportingOverflow(by: Int64(clamping: status.f_frsize))
        return isTooMuch ? Int64.max : bytes
    }

    /// While this file is there, the next start checks the whole journal.
    private var suspicion: String { "\(self.path)/check-at-start" }

    /// Whether damage was seen that isn't dealt with.
    var isSuspect: Bool { PrivateFile.size(self.suspicion) != nil }

    func setSuspect(_ isSuspect: Bool) throws(JournalError) {
        if isSuspect {
            try PrivateFile.write([], to: self.suspicion)
        } else {
            try PrivateFile.unlink(self.suspicion)
        }
    }

    /// The device's signing key, from the file `device.key`; made at the first start.
    ///
    /// - Throws: `JournalError`: `.damaged` if the file holds no key, `.storage`.
    package func deviceKey() throws(JournalError) -> SigningKey {
        let path = "\(self.path)/device.key"
        guard let bytes = try PrivateFile.read(path, limit: 128) else {
            let key = SigningKey()
            try PrivateFile.write(Array((Base64.encode(key.seed) + "\n").utf8), to: path)
            return key
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let seed = Base64.decode(text.split(separator: "\n").first.map(String.init) ?? ""),
            let key = SigningKey(seed: seed)
        else {
            throw JournalError(
                .damaged,
                "\(path) holds no Ed25519 key; restore it from a backup (without it the hub won't "
                    + "know this bin)")
        }
        return key
    }
}
