import BinCore
import HTTPDoor
import HTTPTypes
import Hummingbird
import NIOCore
import Testing

/// Clients that hold connections, or send half of something.
struct DoorLimitsTests {
    private static let hello = "GET /hello HTTP/1.1\r\nhost: door\r\n\r\n"

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: ErrorReplies())
        router.get("hello") { _, _ in "hello" }
        router.post("body") { request, _ in
            Response.bytes(try await request.body(limit: 1000), type: "text/plain")
        }
        // Silent for longer than the door's patience before each of its two parts.
        router.get("slow") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    for part in ["one", "two"] {
                        try await Task.sleep(for: .milliseconds(600))
                        try await writer.write(ByteBuffer(string: part))
                    }
                    try await writer.finish(nil)
                })
        }
        return router
    }

    private func withPort(_ limits: DoorLimits, _ body: (Int) async throws -> Void) async throws {
        try await withDoor(
            serving: self.router(), at: .tcp(try .anyPort()), limits: limits, body)
    }

    @Test(
        "a connection without a whole request is closed",
        arguments: [
            "", "GET /hel", "GET /hello HTTP/1.1\r\nhost: door\r\n",
            "POST /body HTTP/1.1\r\nhost: door\r\ncontent-length: 10\r\n\r\nabc",
        ])
    func halfOpen(sent: String) async throws {
        try await self.withPort(DoorLimits(idleMs: 200, mostConnections: 8)) { port in
            let connection = try RawConnection(port: port)
            defer { connection.close() }
            if !sent.isEmpty { try connection.send(sent) }
            var reading = try await connection.read(within: 20_000)
            // A body that stays away may be answered before.
            while case .bytes = reading { reading = try await connection.read(within: 20_000) }
            #expect(reading == .closed)
        }
    }

    @Test func aConnectionThatWasAnsweredIsClosedWhenItIsIdle() async throws {
        try await self.withPort(DoorLimits(idleMs: 200, mostConnections: 8)) { port in
            let connection = try RawConnection(port: port)
            defer { connection.close() }
            try connection.send(Self.hello)
            #expect(try await connection.readAll().hasSuffix("hello"))
            #expect(try await connection.read(within: 20_000) == .closed)
        }
    }

    @Test func anAnswerMayTakeLongerThanAClientMayBeSilent() async throws {
        try await self.withPort(DoorLimits(idleMs: 200, mostConnections: 8)) { port in
            let reply = try await DoorClient(.url("http://127.0.0.1:\(port)")).send(.get, "/slow")
            #expect(String(decoding: reply.body, as: UTF8.self) == "onetwo")
        }
    }

    @Test func furtherConnectionsWaitUntilOneIsFree() async throws {
        try await self.withPort(DoorLimits(idleMs: 600_000, mostConnections: 2)) { port in
            let held = try (0..<2).map { _ in try RawConnection(port: port) }
            for connection in held {
                try connection.send(Self.hello)
                guard case .bytes = try await connection.read(within: 20_000) else {
                    Issue.record("a connection within the limit isn't answered")
                    return
                }
            }
            let third = try RawConnection(port: port)
            defer { third.close() }
            try third.send(Self.hello)
            #expect(try await third.read(within: 500) == .nothing)
            held[0].close()
            guard case .bytes = try await third.read(within: 20_000) else {
                Issue.record("a freed place isn't given to who waits")
                return
            }
            held[1].close()
        }
    }

    @Test func manyHalfOpenConnectionsKeepNobodyOutForLong() async throws {
        try await self.withPort(DoorLimits(idleMs: 200, mostConnections: 4)) { port in
            let idle = try (0..<40).map { _ in try RawConnection(port: port) }
            defer { for connection in idle { connection.close() } }
            for connection in idle { try connection.send("GET /hel") }
            let reply = try await DoorClient(.url("http://127.0.0.1:\(port)")).send(.get, "/hello")
            #expect(reply.status == 200)
        }
    }

    @Test(
        "a body that isn't whole is the sender's fault",
        arguments: [
            "content-length: 10\r\n\r\nabc",
            "transfer-encoding: chunked\r\n\r\n5\r\nabc",
            "transfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
        ])
    func brokenBodies(rest: String) async throws {
        try await self.withPort(.standard) { port in
            let connection = try RawConnection(port: port)
            defer { connection.close() }
            try connection.send("POST /body HTTP/1.1\r\nhost: door\r\n" + rest)
            connection.endSending()
            let answer = try await connection.readAll()
            #expect(answer.hasPrefix("HTTP/1.1 400 "))
            #expect(answer.contains("\"error\":\"bad-body\""))
        }
    }

    @Test func aWrongMethodIsToldTheRightOnes() async throws {
        try await self.withPort(.standard) { port in
            let connection = try RawConnection(port: port)
            defer { connection.close() }
            try connection.send(
                "DELETE /hello HTTP/1.1\r\nhost: door\r\nconnection: close\r\n\r\n")
            let answer = try await connection.readAll()
            #expect(answer.hasPrefix("HTTP/1.1 405 "))
            #expect(answer.lowercased().contains("\r\nallow: get\r\n"))
            #expect(answer.contains("\"message\":\"/hello takes GET, not DELETE\""))
            let nowhere = try await DoorClient(.url("http://127.0.0.1:\(port)"))
                .send(.delete, "/nowhere")
            #expect(nowhere.status == 404)
        }
    }

    @Test func aPortThatIsTakenIsSaidInOneLine() async throws {
        try await self.withPort(.standard) { port in
            let address = try #require(ListenAddress("127.0.0.1:\(port)"))
            let taken = DoorError.notServed(
                "127.0.0.1:\(port)", problem: "Address already in use")
            await #expect(throws: taken) {
                try await withDoor(serving: self.router(), at: .tcp(address)) { _ in }
            }
        }
    }
}
