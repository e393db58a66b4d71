package import Records

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The files of the system's own file systems, which nobody but the owner may read.
package struct PrivateFile: FileKeeping {
    /// The bits that let somebody else in.
    private static let othersBits: mode_t = 0o077

    package init() {}

    package func read(_ path: String, limit: Int) throws(JournalError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            guard errno == ENOENT else { throw Self.failure("\(path) can't be read", errno) }
            return nil
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        // The kernel hands out its own files page by page, however much is asked for.
        var piece = [UInt8](repeating: 0, count: min(limit, 65_536))
        while bytes.count < limit {
            let count = Glibc.read(descriptor, &piece, min(piece.count, limit - bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure("\(path) can't be read", errno) }
            guard count > 0 else { break }
            bytes += piece.prefix(count)
        }
        return bytes
    }

    package func create(_ path: String) throws(JournalError) {
        try self.make(path, O_TRUNC)
    }

    package func touch(_ path: String) throws(JournalError) { try self.make(path, 0) }

    private func make(_ path: String, _ flag: Int32) throws(JournalError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flag, 0o600)
        guard descriptor >= 0 else { throw Self.failure("\(path) can't be made", errno) }
        close(descriptor)
    }

    package func write(
        _ bytes: [UInt8], at offset: Int64, of path: String
    ) throws(JournalError) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("\(path) can't be opened", errno) }
        defer { close(descriptor) }
        guard pwrite(descriptor, bytes, bytes.count, off_t(offset)) == bytes.count else {
            throw Self.failure("\(path) can't be written", errno)
        }
    }

    package func writer(of path: String) -> any FileWriting { OpenFile(path) }

    package func rename(_ path: String, to new: String) throws(JournalError) {
        guard Glibc.rename(path, new) == 0 else {
            throw Self.failure("\(path) can't be renamed", errno)
        }
    }

    package func link(_ path: String, as new: String) throws(JournalError) -> Bool {
        guard Glibc.link(path, new) != 0 else { return true }
        // Linux says EPERM where a file system has no hard links (link(2)), FUSE one of the others.
        if [EPERM, ENOSYS, EOPNOTSUPP].contains(errno) { return false }
        throw Self.failure("\(path) can't be linked to \(new)", errno)
    }

    package func unlink(_ path: String) throws(JournalError) {
        guard Glibc.unlink(path) == 0 || errno == ENOENT else {
            throw Self.failure("\(path) can't be removed", errno)
        }
    }

    package func sync(_ path: String) throws(JournalError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("\(path) can't be opened", errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Self.failure("\(path) can't be synced", errno) }
    }

    package func syncFolder(of path: String) throws(JournalError) {
        try self.sync(path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ".")
    }

    package func size(_ path: String) -> Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : nil
    }

    package func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                        String(cString: $0)
                    }
                })
        }
        return names.sorted()
    }

    package func freeBytes(at path: String) -> Int64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        let (bytes, isTooMuch) = Int64(clamping: status.f_bavail)
            .multipliedReportingOverflow(by: Int64(clamping: status.f_frsize))
        return isTooMuch ? Int64.max : bytes
    }

    package func makeFolder(_ path: String) throws(JournalError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw Self.failure("\(path) can't be made", errno)
        }
    }

    private final class Lock: FileLocking {
        private let descriptor: Int32

        init(_ descriptor: Int32) { self.descriptor = descriptor }

        deinit { close(self.descriptor) }
    }

    package func lock(_ path: String) throws(JournalError) -> any FileLocking {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("\(path) can't be opened", errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw JournalError(.locked, "another process has \(path)")
        }
        return Lock(descriptor)
    }

    package func tighten(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & Self.othersBits != 0 else { return true }
        return chmod(path, status.st_mode & 0o7777 & ~Self.othersBits) == 0
    }

    static func failure(_ what: String, _ code: Int32) -> JournalError {
        JournalError(.storage, "\(what): \(String(cString: strerror(code)))")
    }
}
