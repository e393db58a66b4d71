import Glibc

/// An open file descriptor, closed with its owner.
struct Descriptor: ~Copyable {
    let number: Int32

    /// Takes over `number`, keeps it from programs that this process may start, and lets reads and
    /// writes return at once. Neither can fail on an open descriptor.
    init(_ number: Int32) {
        self.number = number
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
    }

    deinit { close(self.number) }

    /// Up to 512 bytes that are there; empty if none are, `nil` if the other end is gone.
    func read() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = Glibc.read(self.number, &bytes, bytes.count)
        if count > 0 { return Array(bytes.prefix(count)) }
        return count < 0 && [EAGAIN, EINTR].contains(errno) ? [] : nil
    }

    /// Writes as much of `bytes` as there is room for; a wire keeps nothing for later.
    func write(_ bytes: [UInt8]) {
        _ = Glibc.write(self.number, bytes, bytes.count)
    }
}

/// What the C library has to say about an error.
func errorText(_ number: Int32 = errno) -> String { String(cString: strerror(number)) }
