import AsyncHTTPClient
import BinCore
import BinDisplay
import HTTPDoor
import NIOCore
import NIOHTTP1
import NIOPosix
import Records
import Testing

@Suite(.timeLimit(.minutes(1))) struct DisplayEventsTests {
    private static func open(_ port: Int) async throws -> HTTPClientResponse {
        let url = "http://127.0.0.1:\(port)/v1/display/events"
        return try await HTTPClient.shared.execute(
            HTTPClientRequest(url: url), timeout: .seconds(50))
    }

    @Test("The first event comes at once, then each change, and a comment when nothing changed")
    func frames() async throws {
        let board = DisplayBoard(try Samples.view(.idle))
        let keepAlive = HandPause()
        let pauses = DisplayPauses(keepAlive: keepAlive.wait, drain: {})
        try await RunningDoor.with(board, pauses: pauses) { port, stop in
            let response = try await Self.open(port)
            #expect(response.status == .ok)
            #expect(
                response.headers.first(name: "content-type") == "text/event-stream; charset=utf-8")
            #expect(response.headers.first(name: "cache-control") == "no-store")
            var frames = EventFrames(response)
            let idle = board.current.json.text
            #expect(try await frames.next() == "retry: 2000\nevent: display\ndata: \(idle)")
            board.publish(try Samples.view(.greeting, order: Samples.order()))
            let greeting = board.current.json.text
            #expect(try await frames.next() == "event: display\ndata: \(greeting)")
            keepAlive.release()
            #expect(try await frames.next() == ": keep-alive")
            await stop()
            #expect(try await frames.next() == nil)
        }
        #expect(board.subscribers == 0)
    }

    @Test("An open stream doesn't hold up a graceful stop")
    func stops() async throws {
        let board = DisplayBoard(try Samples.view(.idle))
        let pauses = DisplayPauses(
            keepAlive: DisplayPauses.standard.keepAlive, drain: HandPause().wait)
        try await RunningDoor.with(board, pauses: pauses) { port, stop in
            var frames = EventFrames(try await Self.open(port))
            #expect(try await frames.next() != nil)
            await stop()
            #expect(try await frames.next() == nil)
        }
        #expect(board.subscribers == 0)
    }

    @Test("A screen that reads nothing any more is cut off when the daemon stops")
    func cutsOff() async throws {
        // Larger than the buffers of both ends of a connection, so that writing gets stuck.
        let huge = BinView(
            phase: .fault(String(repeating: "x", count: 24 << 20)), order: nil, compartments: [])
        let board = DisplayBoard(huge)
        let written = HandPause()
        let pauses = DisplayPauses(
            keepAlive: {
                written.release()
                try await HandPause().wait()
            }, drain: {})
        try await RunningDoor.with(board, pauses: pauses) { port, stop in
            let silent = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelOption(.autoRead, value: false)
                .connect(host: "127.0.0.1", port: port).get()
            let request = "GET /v1/display/events HTTP/1.1\r\nhost: bin\r\n\r\n"
            try await silent.writeAndFlush(ByteBuffer(string: request))
            try await written.wait()
            await stop()
        }
        #expect(board.subscribers == 0)
    }

    @Test("A screen that goes away frees its place")
    func goesAway() async throws {
        let board = DisplayBoard(try Samples.view(.idle))
        let isOver = HandPause()
        let pauses = DisplayPauses(
            keepAlive: {
                do { try await HandPause().wait() } catch {
                    isOver.release()
                    throw error
                }
            }, drain: {})
        try await RunningDoor.with(board, pauses: pauses) { port, _ in
            let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port).get()
            let request = "GET /v1/display/events HTTP/1.1\r\nhost: bin\r\n\r\n"
            try await client.writeAndFlush(ByteBuffer(string: request))
            try await client.close()
            try await isOver.wait()
        }
        #expect(board.subscribers == 0)
    }
}
