import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import HTTPDoor

struct AcceptedConnectionsTests {
    /// swift-nio ends the process otherwise: as when a technician's script asks again and again
    /// while the daemon opens its journal, and its doors, anew.
    @Test func aConnectionThatNobodyServesIsClosed() async throws {
        let channel = NIOAsyncTestingChannel()
        let connections = AcceptedConnections(http: HTTP1Channel(responder: { _, _, _ in }))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var accepted: AcceptedConnections.Value? = try await channel.eventLoop.flatSubmit {
            connections.setup(channel: channel, logger: logger)
        }.get()
        #expect(accepted?.channel.isActive == false)
        accepted = nil
        try await channel.closeFuture.get()
    }
}
