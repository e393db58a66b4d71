import Foundation
import HTTPDoor
import Hummingbird
import Logging
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

struct AcceptedConnectionsTests {
    /// As when a technician's script asks again and again while the daemon opens its journal, and
    /// its doors, anew: swift-nio ended the process.
    @Test func whoComesWhileADoorIsCancelledIsClosed() async throws {
        try await withFolder { folder in
            let path = folder + "/control.sock"
            let clients = Task.detached {
                while !Task.isCancelled {
                    let descriptor = try Self.connect(path)
                    await Task.yield()
                    close(descriptor)
                }
            }
            for _ in 0..<100 {
                let (opened, open) = AsyncStream<Int>.makeStream()
                let router = Router()
                router.get("hello") { _, _ in "hello" }
                let door = try Door.service(
                    serving: router, at: .unix(path: path),
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                ) { open.yield($0) }
                let serving = Task { try await door.run() }
                for await _ in opened { break }
                serving.cancel()
                // `try?`: it may say that it was cancelled.
                try? await serving.value
            }
            clients.cancel()
            try await clients.value
        }
    }

    private static func connect(_ path: String) throws -> Int32 {
        let type = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue
        let descriptor = socket(AF_UNIX, Int32(type), 0)
        try #require(descriptor >= 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        withUnsafePointer(to: address) { pointer in
            // Whether somebody answers doesn't matter.
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = Glibc.connect(descriptor, $0, size)
            }
        }
        return descriptor
    }
}
