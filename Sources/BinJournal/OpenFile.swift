import Records
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A file that stays open between two writes, for as long as its name stands for it.
final class OpenFile: FileWriting {
    private struct Open {
        var descriptor: Int32
        var device: dev_t
        var inode: ino_t
    }

    private let path: String
    private let open = Mutex<Open?>(nil)

    init(_ path: String) { self.path = path }

    deinit {
        if let open = self.open.withLock({ $0 }) { close(open.descriptor) }
    }

    func write(_ bytes: [UInt8], at offset: Int64) throws(JournalError) {
        try self.open.withLock { open throws(JournalError) in
            let descriptor = try self.follow(&open)
            guard pwrite(descriptor, bytes, bytes.count, off_t(offset)) == bytes.count else {
                throw PrivateFile.failure("\(self.path) can't be written", errno)
            }
        }
    }

    /// The descriptor of what the name stands for now: another file may have come in its place.
    private func follow(_ open: inout Open?) throws(JournalError) -> Int32 {
        var status = stat()
        if let open, stat(self.path, &status) == 0, open.device == status.st_dev,
            open.inode == status.st_ino
        {
            return open.descriptor
        }
        if let old = open { close(old.descriptor) }
        open = nil
        let descriptor = Glibc.open(self.path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw PrivateFile.failure("\(self.path) can't be opened", errno)
        }
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw PrivateFile.failure("\(self.path) can't be opened", code)
        }
        open = Open(descriptor: descriptor, device: status.st_dev, inode: status.st_ino)
        return descriptor
    }
}
