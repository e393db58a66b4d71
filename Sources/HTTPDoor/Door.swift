package import BinCore
package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Where a door is.
package enum DoorAddress: Hashable, Sendable, CustomStringConvertible {
    /// A Unix socket; who may use it is decided by the file's group.
    case unix(path: String)
    case tcp(ListenAddress)

    package var description: String {
        switch self {
        case .unix(let path): path
        case .tcp(let address): address.description
        }
    }
}

/// Why a door can't be opened.
package enum DoorError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another process answers on this socket.
    case occupied(String)
    /// The path holds something that isn't a socket, or can't be replaced, or is too long.
    case unusable(String, problem: String)
    /// The address can't be listened on.
    case notServed(String, problem: String)
    /// Nobody answers there.
    case notReachable(String, problem: String)
    /// The answer was larger than the limit.
    case tooLarge(String)

    package var description: String {
        switch self {
        case .occupied(let path):
            "another process already serves \(path); stop it or give another --socket"
        case .unusable(let path, let problem): "\(path) can't be used as a socket: \(problem)"
        case .notServed(let place, let problem):
            "\(place) can't be served: \(problem); stop what listens there or give another address"
        case .notReachable(let place, let problem): "\(place) can't be reached: \(problem)"
        case .tooLarge(let place): "the answer of \(place) is too large"
        }
    }
}

/// A place where HTTP is served.
package enum Door {
    /// Owner and group may speak to the socket, others may not.
    private static let socketMode: mode_t = 0o660

    /// A service that serves `router` at `address`. Adds to the router an answer for the methods
    /// that its paths don't have, so add all routes before.
    ///
    /// - Parameter onOpen: Called once when it listens, with the port in use (0 for a Unix socket).
    /// - Throws: `DoorError` if the address is a Unix socket that can't be taken.
    package static func service<Context: RequestContext>(
        serving router: Router<Context>, at address: DoorAddress, logger: Logger,
        limits: DoorLimits = .standard, onOpen: @escaping @Sendable (Int) async -> Void = { _ in }
    ) throws(DoorError) -> DoorService<Context>
    where Context.Source == ApplicationRequestContextSource {
        let bind: BindAddress
        switch address {
        case .tcp(let listen): bind = .hostname(listen.host, port: listen.port)
        case .unix(let path):
            try self.takeOver(path)
            bind = .unixDomainSocket(path: path)
        }
        router.refuseOtherMethods()
        let application = Application(
            router: router,
            server: HTTPServerBuilder { responder in
                AcceptedConnections(
                    http: HTTP1Channel(responder: responder, configuration: limits.channel))
            },
            configuration: ApplicationConfiguration(
                address: bind,
                availableConnectionsDelegate: MaximumAvailableConnections(
                    limits.mostConnections, logger: logger)),
            onServerRunning: { channel in
                if case .unix(let path) = address, chmod(path, Self.socketMode) != 0 {
                    logger.error(
                        "A socket's mode couldn't be set",
                        metadata: ["path": "\(path)", "errno": "\(errno)"])
                }
                await onOpen(channel.localAddress?.port ?? 0)
            },
            logger: logger)
        return DoorService(application: application, address: address)
    }

    /// Removes a socket that a process left behind; refuses one that is answered.
    private static func takeOver(_ path: String) throws(DoorError) {
        guard path.utf8.count < Self.pathRoom else {
            throw .unusable(path, problem: "its path has more than \(Self.pathRoom - 1) bytes")
        }
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw .unusable(path, problem: "a file that is no socket stands there")
        }
        switch self.knock(path) {
        // EAGAIN: somebody listens, and has a full queue.
        case 0, EAGAIN: throw .occupied(path)
        case ECONNREFUSED: break
        case let code: throw .unusable(path, problem: String(cString: strerror(code)))
        }
        guard unlink(path) == 0 else {
            throw .unusable(path, problem: String(cString: strerror(errno)))
        }
    }

    /// How long a socket's path may be, with the zero byte at its end.
    private static var pathRoom: Int { MemoryLayout.size(ofValue: sockaddr_un().sun_path) }

    /// Connects without waiting. Returns 0 or the errno.
    private static func knock(_ path: String) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { target in
            target.copyBytes(from: path.utf8)
        }
        let type = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let descriptor = socket(AF_UNIX, Int32(type), 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                let length = socklen_t(MemoryLayout<sockaddr_un>.size)
                return connect(descriptor, raw, length) == 0 ? 0 : errno
            }
        }
    }
}
