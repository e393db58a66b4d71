package import Records

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
    private let lock: Int32

    /// The bits that let somebody else in.
    private static let othersBits: mode_t = 0o077

    /// Makes the directory if need be and takes it.
    ///
    /// - Throws: `JournalError`: `.locked` if another process has it, `.storage` if it can't be
    ///   used.
    package init(path: String) throws(JournalError) {
        self.path = path
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw Self.failure("the storage directory \(path) can't be made", errno)
        }
        let lockPath = "\(path)/lock"
        let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("\(lockPath) can't be opened", errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw JournalError(
                .locked,
                "another steelyardd uses the storage directory \(path); stop it or give this bin "
                    + "a directory of its own")
        }
        self.lock = descriptor
        do {
            try Self.makeDatabase("\(path)/\(Self.database)")
        } catch {
            close(descriptor)
            throw error
        }
        let files = [
            "lock", "device.key", Self.database, "\(Self.database)-wal", "\(Self.database)-shm",
        ]
        self.exposed = ([path] + files.map { "\(path)/\($0)" }).filter { !Self.tighten($0) }
    }

    static let database = "journal.sqlite"

    /// SQLite makes its files as readable as the umask says, and those beside the database like it.
    private static func makeDatabase(_ path: String) throws(JournalError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("\(path) can't be opened", errno) }
        close(descriptor)
    }

    /// Takes everybody else's rights away. Returns `false` if they keep some.
    private static func tighten(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & Self.othersBits != 0 else { return true }
        return chmod(path, status.st_mode & 0o7777 & ~Self.othersBits) == 0
    }

    deinit { close(self.lock) }

    /// What the medium has left for this process; `nil` if it doesn't say.
    package var freeBytes: Int64? {
        var status = statvfs()
        guard statvfs(self.path, &status) == 0 else { return nil }
        let (bytes, isTooMuch) = Int64(clamping: status.f_bavail)
            .multipliedReportingOverflow(by: Int64(clamping: status.f_frsize))
        return isTooMuch ? Int64.max : bytes
    }

    /// The device's signing key, from the file `device.key`; made at the first start.
    ///
    /// - Throws: `JournalError`: `.damaged` if the file holds no key, `.storage`.
    package func deviceKey() throws(JournalError) -> SigningKey {
        let path = "\(self.path)/device.key"
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            guard errno == ENOENT else { throw Self.failure("\(path) can't be read", errno) }
            let key = SigningKey()
            try self.write(Base64.encode(key.seed) + "\n", to: path)
            return key
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw Self.failure("\(path) can't be read", errno) }
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
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

    /// Writes a private file so that after a power cut it is either whole or not there.
    private func write(_ text: String, to path: String) throws(JournalError) {
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("\(temporary) can't be made", errno) }
        let bytes = Array(text.utf8)
        let isWritten =
            Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        let code = errno
        close(descriptor)
        guard isWritten else { throw Self.failure("\(temporary) can't be written", code) }
        guard rename(temporary, path) == 0 else {
            throw Self.failure("\(temporary) can't be renamed", errno)
        }
        let directory = open(self.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw Self.failure("\(self.path) can't be opened", errno) }
        defer { close(directory) }
        guard fsync(directory) == 0 else {
            throw Self.failure("\(self.path) can't be synced", errno)
        }
    }

    private static func failure(_ what: String, _ code: Int32) -> JournalError {
        JournalError(.storage, "\(what): \(String(cString: strerror(code)))")
    }
}
