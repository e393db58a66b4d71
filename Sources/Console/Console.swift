#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Standard streams and files as command line programs use them: whole, and never half without a
/// word.
package enum Console {
    /// Far above the largest bulletin.
    private static let mostRead = 32 * 1_048_576

    /// Says one line on standard error.
    package static func say(_ line: String) {
        // A closed standard error leaves nobody to tell that it is closed.
        _ = Self.writeAll(Array((line + "\n").utf8), to: STDERR_FILENO)
    }

    /// Prints one line on standard output.
    package static func print(_ line: String) throws(Failure) {
        try Self.write(Array((line + "\n").utf8), to: nil)
    }

    /// Writes to a file, or to standard output for `-` and `nil`. A file is synced: a stick is
    /// often pulled out right afterwards.
    package static func write(_ bytes: [UInt8], to path: String?) throws(Failure) {
        guard let path, path != "-" else {
            if let code = Self.writeAll(bytes, to: STDOUT_FILENO) {
                throw Self.failure("standard output can't be written", code, .cantCreate)
            }
            return
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw Self.failure("\(path) can't be written", errno, .cantCreate)
        }
        defer { close(descriptor) }
        if let code = Self.writeAll(bytes, to: descriptor) {
            throw Self.failure("\(path) can't be written", code, .cantCreate)
        }
        // A pipe or terminal can't be synced (EINVAL), and needn't be.
        if fsync(descriptor) != 0, errno != EINVAL {
            throw Self.failure("\(path) can't be synced", errno, .cantCreate)
        }
    }

    /// Writes piece by piece to a file, or to standard output for `-` and `nil`: what is longer
    /// than memory should hold. A file is synced at the end; if `body` throws it stays as far as it
    /// got.
    package static func writing(
        to path: String?, _ body: (_ write: ([UInt8]) throws(Failure) -> Void) async throws -> Void
    ) async throws {
        guard let path, path != "-" else {
            return try await body { bytes throws(Failure) in try Self.write(bytes, to: nil) }
        }
        try Self.write([], to: path)
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Self.failure("\(path) can't be written", errno, .cantCreate)
        }
        defer { close(descriptor) }
        try await body { bytes throws(Failure) in
            if let code = Self.writeAll(bytes, to: descriptor) {
                throw Self.failure("\(path) can't be written", code, .cantCreate)
            }
        }
        if fsync(descriptor) != 0, errno != EINVAL {
            throw Self.failure("\(path) can't be synced", errno, .cantCreate)
        }
    }

    /// Reads a whole file, or standard input for `-`; at most 32 MiB.
    package static func read(_ path: String) throws(Failure) -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("\(path) can't be read", errno, .noInput) }
        defer { if path != "-" { close(descriptor) } }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            #if canImport(Glibc)
                let count = Glibc.read(descriptor, &chunk, chunk.count)
            #else
                let count = Musl.read(descriptor, &chunk, chunk.count)
            #endif
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failure("\(path) can't be read", errno, .noInput)
            }
            bytes += chunk.prefix(count)
            guard bytes.count <= Self.mostRead else {
                throw Failure("\(path) has more than \(Self.mostRead) bytes", .badData)
            }
        }
    }

    /// Whether a file's mode lets everybody on the machine read it.
    package static func isReadableByEverybody(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IROTH != 0
    }

    /// Returns the error number if not everything could be written.
    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { buffer in
                #if canImport(Glibc)
                    Glibc.write(descriptor, buffer.baseAddress, buffer.count)
                #else
                    Musl.write(descriptor, buffer.baseAddress, buffer.count)
                #endif
            }
            if count < 0 {
                if errno == EINTR { continue }
                return errno
            }
            rest = rest.dropFirst(count)
        }
        return nil
    }

    private static func failure(
        _ what: String, _ code: Int32, _ status: ExitStatus
    ) -> Failure {
        Failure("\(what): \(String(cString: strerror(code)))", status)
    }
}
