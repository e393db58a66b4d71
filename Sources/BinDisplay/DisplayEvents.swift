import HTTPTypes
import Hummingbird
import NIOCore
import Records
import ServiceLifecycle

/// How long an event stream waits; tests put their own waits in place.
package struct DisplayPauses: Sendable {
    /// Between two signs of life to a screen whose display doesn't change.
    package var keepAlive: @Sendable () async throws -> Void
    /// For a screen to take what it was sent, once the daemon stops.
    package var drain: @Sendable () async throws -> Void

    package init(
        keepAlive: @escaping @Sendable () async throws -> Void,
        drain: @escaping @Sendable () async throws -> Void
    ) {
        self.keepAlive = keepAlive
        self.drain = drain
    }

    /// 15 s, as the HTML standard advises (9.2.7, "every 15 seconds or so"); 1 s to drain.
    package static let standard = DisplayPauses(
        keepAlive: { try await Task.sleep(for: .seconds(15)) },
        drain: { try await Task.sleep(for: .seconds(1)) })
}

/// `GET /v1/display/events`: server-sent events (HTML standard, 9.2).
///
/// The current display at once, then one event for each change, and a comment when nothing changed
/// for a while. On graceful shutdown the stream ends at once; a screen that doesn't read any more
/// is cut off after `drain`, so that it can't hold up the daemon's stop.
enum DisplayEvents {
    /// What a browser waits before it connects again.
    private static let retryMs = 2000

    static func response(
        to request: Request, subscription: DisplaySubscription, pauses: DisplayPauses
    ) -> Response {
        let body = ResponseBody { writer in
            try await request.body.consumeWithInboundCloseHandler { _ in
                // nonisolated(unsafe): from here on only the writing child task uses it.
                nonisolated(unsafe) let target = writer
                let write: @Sendable () async throws -> Bool = {
                    try await Self.write(subscription, to: target)
                    return true
                }
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    group.addTask { try await write() }
                    group.addTask {
                        await Self.attend(to: subscription, pauses)
                        return false
                    }
                    let isWritten = try await group.next() ?? true
                    group.cancelAll()
                    // A writer that is stuck ends with an error, which closes the connection.
                    if !isWritten { _ = try await group.next() }
                }
            } onInboundClosed: {
                subscription.end()
            }
        }
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store"],
            body: body)
    }

    private static func write(
        _ subscription: DisplaySubscription, to target: any ResponseBodyWriter
    ) async throws {
        var writer = target
        try await writer.write(ByteBuffer(string: "retry: \(Self.retryMs)\n"))
        var last: UInt64?
        for await display in subscription.displays {
            let frame = display.revision == last ? Self.comment : Self.event(display)
            last = display.revision
            try await writer.write(ByteBuffer(bytes: frame))
        }
        try await writer.finish(nil)
    }

    /// Reminds the writer from time to time until the daemon stops, then ends the stream and waits
    /// as long as it may take to be read.
    private static func attend(
        to subscription: DisplaySubscription, _ pauses: DisplayPauses
    ) async {
        await cancelWhenGracefulShutdown {
            // `try?`: a pause only fails when it is cancelled.
            while (try? await pauses.keepAlive()) != nil, !Task.isCancelled {
                subscription.remind()
            }
        }
        guard !Task.isCancelled else { return }
        subscription.end()
        // `try?`: as above; the writer was done first.
        try? await pauses.drain()
    }

    private static let comment = Array(": keep-alive\n\n".utf8)

    /// Compact JSON has no line end, so one `data` line carries it.
    private static func event(_ display: Display) -> [UInt8] {
        Array("event: display\ndata: ".utf8) + display.json.bytes + Array("\n\n".utf8)
    }
}
