import Records

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// File operations beside the database that a power cut leaves whole or undone.
enum PrivateFile {
    /// Reads at most `limit` bytes; `nil` if there is no such file.
    static func read(_ path: String, limit: Int) throws(JournalError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            guard errno == ENOENT else { throw Self.failure("\(path) can't be read", errno) }
            return nil
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw Self.failure("\(path) can't be read", errno) }
        return Array(bytes.prefix(count))
    }

    /// Writes a file that nobody else may read: after a power cut it is either whole or not there.
    static func write(_ bytes: [UInt8], to path: String) throws(JournalError) {
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("\(temporary) can't be made", errno) }
        let isWritten =
            Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        let code = errno
        close(descriptor)
        guard isWritten else { throw Self.failure("\(temporary) can't be written", code) }
        try Self.rename(temporary, to: path)
    }

    /// Renames durably, over what may be there.
    static func rename(_ path: String, to new: String) throws(JournalError) {
        guard Glibc.rename(path, new) == 0 else {
            throw Self.failure("\(path) can't be renamed", errno)
        }
        try Self.syncFolder(of: new)
    }

    /// Gives a file a second name. Neither of them is a copy.
    static func link(_ path: String, as new: String) throws(JournalError) {
        guard Glibc.link(path, new) == 0 else {
            throw Self.failure("\(path) can't be linked to \(new)", errno)
        }
        try Self.syncFolder(of: new)
    }

    /// Takes a name away, if it is there.
    static func unlink(_ path: String) throws(JournalError) {
        guard Glibc.unlink(path) == 0 || errno == ENOENT else {
            throw Self.failure("\(path) can't be removed", errno)
        }
    }

    static func sync(_ path: String) throws(JournalError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("\(path) can't be opened", errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Self.failure("\(path) can't be synced", errno) }
    }

    static func syncFolder(of path: String) throws(JournalError) {
        try Self.sync(path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ".")
    }

    /// The size in bytes; `nil` if there is no such file.
    static func size(_ path: String) -> Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : nil
    }

    /// Whether two names are of one file.
    static func isSame(_ path: String, _ other: String) -> Bool {
        var (first, second) = (stat(), stat())
        guard stat(path, &first) == 0, stat(other, &second) == 0 else { return false }
        return first.st_ino == second.st_ino && first.st_dev == second.st_dev
    }

    /// The names in a folder, sorted.
    static func names(in folder: String) -> [String] {
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

    static func failure(_ what: String, _ code: Int32) -> JournalError {
        JournalError(.storage, "\(what): \(String(cString: strerror(code)))")
    }
}
