import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A client that sends what no library would, to a door on loopback.
struct RawConnection {
    enum Reading: Equatable {
        case bytes(String)
        case closed
        case nothing
    }

    private let descriptor: Int32

    init(port: Int) throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(self.descriptor >= 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
    }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        #if canImport(Glibc)
            try #require(Glibc.send(self.descriptor, bytes, bytes.count, 0) == bytes.count)
        #else
            try #require(Musl.send(self.descriptor, bytes, bytes.count, 0) == bytes.count)
        #endif
    }

    /// Says that nothing more will be sent.
    func endSending() { shutdown(self.descriptor, Int32(SHUT_WR)) }

    /// What comes within `milliseconds`. Asks again and again, since a call that waits would keep
    /// the threads that the door's own tasks need.
    func read(within milliseconds: Int64) async throws -> Reading {
        let end = ContinuousClock.now + .milliseconds(milliseconds)
        repeat {
            var waiting = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&waiting, 1, 0) > 0 {
                var buffer = [UInt8](repeating: 0, count: 4096)
                let count = recv(self.descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { return .closed }
                return .bytes(String(decoding: buffer.prefix(count), as: UTF8.self))
            }
            try await Task.sleep(for: .milliseconds(5))
        } while ContinuousClock.now < end
        return .nothing
    }

    /// All that comes until the door closes the connection.
    func readAll() async throws -> String {
        var text = ""
        while case .bytes(let part) = try await self.read(within: 20_000) { text += part }
        return text
    }

    func close() {
        #if canImport(Glibc)
            _ = Glibc.close(self.descriptor)
        #else
            _ = Musl.close(self.descriptor)
        #endif
    }
}
