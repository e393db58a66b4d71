import Glibc

/// Small text files in which the kernel shows settings, and takes them.
enum KernelFile {
    /// What they say fits into this many bytes.
    private static let bytesMax = 256

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// - Throws: `.refused` by whichever call failed.
    static func open(_ path: String, _ flags: Int32) throws(SimulatedGPIOError) -> Descriptor {
        let number = Glibc.open(path, flags | O_CLOEXEC)
        guard number >= 0 else { throw .refused(path: path, errno: errno) }
        return Descriptor(number)
    }

    /// The text without the newline at its end.
    static func read(_ path: String) throws(SimulatedGPIOError) -> String {
        let file = try Self.open(path, O_RDONLY)
        var bytes = [UInt8](repeating: 0, count: Self.bytesMax)
        let count = Glibc.read(file.number, &bytes, bytes.count)
        guard count >= 0 else { throw .refused(path: path, errno: errno) }
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    static func readNumber(_ path: String) throws(SimulatedGPIOError) -> Int {
        let text = try Self.read(path)
        guard let number = Int(text) else { throw .unknownText(path: path, text: text) }
        return number
    }

    static func write(_ text: String, to path: String) throws(SimulatedGPIOError) {
        let file = try Self.open(path, O_WRONLY)
        try Self.write(text, to: file, path: path)
    }

    /// Writes to an open file, in one call as the kernel wants it.
    static func write(
        _ text: String, to file: borrowing Descriptor, path: String
    ) throws(SimulatedGPIOError) {
        let bytes = Array(text.utf8)
        guard Glibc.write(file.number, bytes, bytes.count) == bytes.count else {
            throw .refused(path: path, errno: errno)
        }
    }

    static func makeDirectory(_ path: String) throws(SimulatedGPIOError) {
        guard mkdir(path, 0o755) == 0 else { throw .refused(path: path, errno: errno) }
    }

    /// Removes a folder; one that isn't there is fine.
    static func removeDirectory(_ path: String) throws(SimulatedGPIOError) {
        guard rmdir(path) == 0 || errno == ENOENT else {
            throw .refused(path: path, errno: errno)
        }
    }
}
