import Glibc

/// Reads a file of bounded size, and nothing that is not a file.
enum SettingsFile {
    struct Failure: Error {
        let message: String
    }

    static func tooLarge(_ bytes: Int) -> String {
        "is larger than \(bytes / 1024) KiB; this can't be a configuration"
    }

    /// The bytes of the file at `path`.
    ///
    /// - Throws: `Failure` if it can't be opened or read, is a directory or a device, or has more
    ///   than `most` bytes.
    static func bytes(path: String, most: Int) throws(Failure) -> [UInt8] {
        // Without O_NONBLOCK the opening of a pipe would wait for its other end.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Failure(message: "can't be opened: \(Self.reason(errno))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw Failure(message: "can't be examined: \(Self.reason(errno))")
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw Failure(message: "is a directory; name the file in it")
        default: throw Failure(message: "is not a regular file")
        }
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while result.count <= most {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure(message: "can't be read: \(Self.reason(errno))") }
            guard count > 0 else { return result }
            result += buffer.prefix(count)
        }
        throw Failure(message: Self.tooLarge(most))
    }

    private static func reason(_ code: Int32) -> String {
        strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
}
