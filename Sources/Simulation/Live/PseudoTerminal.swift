import Glibc

/// The far end of a serial port: a pseudo-terminal in raw mode, with a link at the port's path.
///
/// The near end is kept open as well, so that a program may close and open the port again without
/// this end noticing.
struct PseudoTerminal: ~Copyable {
    /// Where the kernel keeps pseudo-terminals. A link to elsewhere is none of ours.
    private static let home = "/dev/pts/"

    let far: Descriptor
    private let near: Descriptor
    /// The link's path.
    let port: String
    private let device: String

    private init(far: Int32, near: Int32, port: String, device: String) {
        self.far = Descriptor(far)
        self.near = Descriptor(near)
        self.port = port
        self.device = device
    }

    /// Makes a pseudo-terminal and the link to it.
    ///
    /// - Throws: `.cannotCreate` if the system has no terminal to give, or something that is no
    ///   link to a pseudo-terminal stands at `port`.
    static func open(port: String) throws(SimulationError) -> PseudoTerminal {
        var far: Int32 = -1
        var near: Int32 = -1
        var mode = termios()
        cfmakeraw(&mode)
        mode.c_cflag |= tcflag_t(CREAD | CLOCAL)
        // The speed means nothing here, but 0 would mean hanging up.
        cfsetspeed(&mode, speed_t(B19200))
        guard openpty(&far, &near, nil, &mode, nil) == 0 else {
            throw Self.failure(port, "no pseudo-terminal: \(errorText())")
        }
        var name = [CChar](repeating: 0, count: 64)
        // It fails for a descriptor that is no terminal only, and then the link is refused.
        _ = ttyname_r(near, &name, name.count)
        let device = String(
            decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let terminal = PseudoTerminal(far: far, near: near, port: port, device: device)
        try Self.link(port, to: device)
        return terminal
    }

    deinit {
        // Another simulator may have taken the port meanwhile: its link stays.
        if Self.target(of: self.port) == self.device { unlink(self.port) }
    }

    private static func link(_ port: String, to device: String) throws(SimulationError) {
        Self.makeDirectories(for: port)
        var status = stat()
        if lstat(port, &status) == 0 {
            guard Self.target(of: port)?.hasPrefix(Self.home) == true else {
                throw Self.failure(
                    port,
                    "something that is no link to a pseudo-terminal stands there; move it away")
            }
            guard unlink(port) == 0 else { throw Self.failure(port, errorText()) }
        }
        guard symlink(device, port) == 0 else { throw Self.failure(port, errorText()) }
    }

    private static func target(of path: String) -> String? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return String(decoding: bytes.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Makes the folders above `path` that are missing. What can't be made shows when the link is.
    private static func makeDirectories(for path: String) {
        for (index, byte) in zip(path.indices, path.utf8)
        where byte == UInt8(ascii: "/") && index != path.startIndex {
            mkdir(String(path[..<index]), 0o755)
        }
    }

    private static func failure(_ port: String, _ problem: String) -> SimulationError {
        SimulationError(.cannotCreate, "port \(port) can't be made: \(problem)")
    }
}
