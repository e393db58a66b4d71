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

struct UnixDoorTests {
    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.get("hello") { _, _ in "hello" }
        return router
    }

    private func open(_ path: String) -> DoorError? {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        do throws(DoorError) {
            _ = try Door.service(serving: self.router(), at: .unix(path: path), logger: logger)
        } catch { return error }
        return nil
    }

    /// A socket at `path` that is bound; listened on if `listening`. The caller closes it.
    private func bindSocket(_ path: String, listening: Bool) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
        if listening { try #require(listen(descriptor, 0) == 0) }
        return descriptor
    }

    @Test func ownerAndGroupMayUseTheSocketAndNobodyElse() async throws {
        try await withFolder { folder in
            let path = folder + "/control.sock"
            try await withDoor(serving: self.router(), at: .unix(path: path)) { _ in
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                #expect(attributes[.type] as? FileAttributeType == .typeSocket)
                #expect(attributes[.posixPermissions] as? Int == 0o660)
            }
        }
    }

    @Test func aSocketThatWasLeftBehindIsReplaced() async throws {
        try await withFolder { folder in
            let path = folder + "/control.sock"
            close(try self.bindSocket(path, listening: true))
            try await withDoor(serving: self.router(), at: .unix(path: path)) { _ in
                let reply = try await DoorClient(.unix(path: path)).send(.get, "/hello")
                #expect(reply.body == Array("hello".utf8))
            }
        }
    }

    @Test func theSameDoorOpensAgainAfterItWasClosed() async throws {
        try await withFolder { folder in
            let path = folder + "/control.sock"
            for _ in 0..<3 {
                try await withDoor(serving: self.router(), at: .unix(path: path)) { _ in
                    let reply = try await DoorClient(.unix(path: path)).send(.get, "/hello")
                    #expect(reply.status == 200)
                }
            }
        }
    }

    @Test func aSocketThatIsServedIsLeftAlone() async throws {
        try await withFolder { folder in
            let path = folder + "/control.sock"
            try await withDoor(serving: self.router(), at: .unix(path: path)) { _ in
                #expect(self.open(path) == .occupied(path))
                let reply = try await DoorClient(.unix(path: path)).send(.get, "/hello")
                #expect(reply.status == 200)
            }
        }
    }

    /// A process that hangs doesn't make the next one hang.
    @Test func aSocketWhoseQueueIsFullIsOccupied() async throws {
        try await withFolder { folder in
            let path = folder + "/control.sock"
            let listener = try self.bindSocket(path, listening: true)
            defer { close(listener) }
            // Each look leaves one connection in the queue, which has room for one.
            for _ in 0..<5 { #expect(self.open(path) == .occupied(path)) }
        }
    }

    @Test func whatIsNoSocketIsLeftAlone() async throws {
        try await withFolder { folder in
            let path = folder + "/control.sock"
            try Data("precious".utf8).write(to: URL(filePath: path))
            guard case .unusable(path, _)? = self.open(path) else {
                Issue.record("a regular file was taken")
                return
            }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
            guard case .unusable(folder, _)? = self.open(folder) else {
                Issue.record("a folder was taken")
                return
            }
            let link = folder + "/link.sock"
            try FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: folder + "/nowhere")
            guard case .unusable(link, _)? = self.open(link) else {
                Issue.record("a symbolic link was taken")
                return
            }
        }
    }

    @Test func aPathThatIsTooLongIsSaidToBe() {
        let path = "/" + String(repeating: "x", count: 107)
        #expect(self.open(String(path.dropLast())) == nil)
        #expect(self.open(path) == .unusable(path, problem: "its path has more than 107 bytes"))
    }
}
