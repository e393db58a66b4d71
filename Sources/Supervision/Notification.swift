#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A message to systemd (sd_notify(3)).
enum Notification {
    /// Returns `false` if it wasn't reached; without `NOTIFY_SOCKET` in the environment it need not
    /// be.
    static func send(_ message: String) -> Bool {
        guard let text = getenv("NOTIFY_SOCKET") else { return true }
        var path = Array(String(cString: text).utf8)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard !path.isEmpty, path.count < room else { return true }
        // An `@` stands for the zero byte of the abstract name space.
        if path[0] == UInt8(ascii: "@") { path[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        let length = MemoryLayout<sa_family_t>.size + path.count
        let bytes = Array(message.utf8)
        let sent = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                sendto(descriptor, bytes, bytes.count, 0, raw, socklen_t(length))
            }
        }
        return sent == bytes.count
    }
}
