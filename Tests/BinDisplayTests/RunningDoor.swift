import AsyncHTTPClient
import BinCore
import BinDisplay
import HTTPDoor
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Testing

/// A real door with the display's routes, as the daemon opens it.
enum RunningDoor {
    /// Serves `board` on a free port of loopback while `body` runs, which may stop it gracefully
    /// itself; returns when the door has closed.
    static func with(
        _ board: DisplayBoard, pauses: DisplayPauses,
        _ body: (_ port: Int, _ stop: @escaping @Sendable () async -> Void) async throws -> Void
    ) async throws {
        let router = Router(context: BasicRequestContext.self)
        addDisplayRoutes(to: router, board: board, pauses: pauses)
        let (ports, opened) = AsyncStream.makeStream(of: Int.self)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let application = try Door.service(
            serving: router, at: .tcp(try #require(ListenAddress("127.0.0.1:0"))), logger: logger
        ) { opened.yield($0) }
        let group = ServiceGroup(services: [application], logger: logger)
        async let running: Void = group.run()
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        do {
            try await body(port) { await group.triggerGracefulShutdown() }
        } catch {
            await group.triggerGracefulShutdown()
            try await running
            throw error
        }
        await group.triggerGracefulShutdown()
        try await running
    }
}

/// The frames of an event stream, split at their blank lines.
struct EventFrames {
    private var chunks: HTTPClientResponse.Body.AsyncIterator
    private var pending = ""

    init(_ response: HTTPClientResponse) { self.chunks = response.body.makeAsyncIterator() }

    /// The next frame without its blank line; `nil` when the stream has ended in good order.
    mutating func next() async throws -> String? {
        while true {
            if let end = self.pending.firstRange(of: "\n\n") {
                let frame = String(self.pending[..<end.lowerBound])
                self.pending.removeSubrange(..<end.upperBound)
                return frame
            }
            guard let chunk = try await self.chunks.next() else { return nil }
            self.pending += String(buffer: chunk)
        }
    }
}

/// A pause that lasts until the test says so.
struct HandPause: Sendable {
    private let turns: AsyncStream<Void>
    private let turn: AsyncStream<Void>.Continuation

    init() { (self.turns, self.turn) = AsyncStream.makeStream(of: Void.self) }

    func release() { self.turn.yield() }

    /// Ends at the next `release()`, or by cancellation.
    func wait() async throws {
        var iterator = self.turns.makeAsyncIterator()
        guard await iterator.next() != nil else { throw CancellationError() }
    }
}
