import BinCore
import Foundation
import HTTPDoor
import Hummingbird
import Logging
import ServiceLifecycle
import Testing

/// Serves `router` at `address` while `body` runs, then stops gracefully.
///
/// - Parameter body: Given the port (0 for a Unix socket).
func withDoor(
    serving router: Router<BasicRequestContext>, at address: DoorAddress,
    limits: DoorLimits = .standard, _ body: (Int) async throws -> Void
) async throws {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let (opened, open) = AsyncStream<Int>.makeStream()
    let door = try Door.service(serving: router, at: address, logger: logger, limits: limits) {
        open.yield($0)
    }
    let services = ServiceGroup(
        configuration: ServiceGroupConfiguration(services: [door], logger: logger))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            defer { open.finish() }
            try await services.run()
        }
        var ports = opened.makeAsyncIterator()
        guard let port = await ports.next() else {
            try await tasks.waitForAll()
            Issue.record("the door didn't open")
            return
        }
        try await body(port)
        await services.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}

/// A new folder with a short path, which is removed after `body`.
func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory
        .appending(path: UUID().uuidString.prefix(8).lowercased())
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer {
        // `try?`: what is left in the temporary directory harms nobody.
        try? FileManager.default.removeItem(at: folder)
    }
    try await body(folder.path())
}

extension ListenAddress {
    /// Loopback, with a port that the system chooses.
    static func anyPort() throws -> ListenAddress {
        try #require(ListenAddress("127.0.0.1:0"))
    }
}
