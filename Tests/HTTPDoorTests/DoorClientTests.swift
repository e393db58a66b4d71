import BinCore
import HTTPDoor
import HTTPTypes
import Hummingbird
import NIOCore
import Records
import Testing

struct DoorClientTests {
    private static let limit = 20_000

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: ErrorReplies())
        router.get("zeros") { request, _ in
            let count = try request.number("count", in: 0...50_000_000) ?? 0
            let zeros = [UInt8](repeating: 0, count: Int(count))
            return Response.compressible(zeros, type: "application/octet-stream", for: request)
        }
        router.get("plain") { request, _ in
            let count = try request.number("count", in: 0...50_000_000) ?? 0
            let zeros = [UInt8](repeating: 0, count: Int(count))
            return Response.bytes(zeros, type: "application/octet-stream")
        }
        router.get("broken") { _, _ in
            Response.bytes([1, 2, 3], type: "text/plain", headers: [.contentEncoding: "gzip"])
        }
        router.get("away") { _, _ in Response.redirect(to: "/zeros", type: .found) }
        router.get("who") { request, _ in
            Response.json([
                "authorization": .string(request.headers[.authorization] ?? ""),
                "type": .string(request.headers[.contentType] ?? ""),
            ])
        }
        router.post("echo") { request, _ in
            let bytes = try await request.body(limit: Self.limit)
            return Response.bytes(bytes, type: "text/plain")
        }
        return router
    }

    private func serving(_ body: (DoorClient) async throws -> Void) async throws {
        try await withDoor(serving: self.router(), at: .tcp(try .anyPort())) { port in
            try await body(
                DoorClient(
                    .url("http://127.0.0.1:\(port)"), token: "t0ken", limit: Self.limit))
        }
    }

    @Test func anAnswerInGzipIsExpanded() async throws {
        try await self.serving { client in
            // 20,000 zeros shrink by far more than a general-purpose client allows.
            let reply = try await client.send(.get, "/zeros?count=\(Self.limit)")
            #expect(reply.status == 200)
            #expect(reply.body == [UInt8](repeating: 0, count: Self.limit))
        }
    }

    @Test func answersBeyondTheLimitAreTooLarge() async throws {
        try await self.serving { client in
            for path in ["/zeros?count=20001", "/zeros?count=50000000", "/plain?count=20001"] {
                let error = await #expect(throws: DoorError.self) {
                    try await client.send(.get, path)
                }
                guard case .tooLarge? = error else {
                    Issue.record("\(path) gave \(String(describing: error))")
                    continue
                }
            }
            let fits = try await client.send(.get, "/plain?count=20000")
            #expect(fits.body.count == 20_000)
        }
    }

    @Test func anAnswerThatIsNoGzipIsAnErrorInOneLine() async throws {
        try await self.serving { client in
            let error = await #expect(throws: DoorError.self) {
                try await client.send(.get, "/broken")
            }
            #expect(error?.description.hasSuffix("its answer isn't whole gzip") == true)
        }
    }

    @Test func bodiesGoPlainOrCompressed() async throws {
        try await self.serving { client in
            for compressed in [false, true] {
                let body = Array("{\"a\":1}\n".utf8)
                let reply = try await client.send(
                    .post, "/echo", body: body, type: "application/x-ndjson",
                    compressed: compressed)
                #expect(reply.body == body)
                #expect(reply.isSuccess)
            }
            let large = [UInt8](repeating: 0, count: Self.limit + 1)
            let reply = try await client.send(.post, "/echo", body: large, compressed: true)
            #expect(reply.status == 413)
            #expect(reply.object["error"] == "too-large")
        }
    }

    @Test func theTokenGoesAlongAndRefusalsAreReplies() async throws {
        try await self.serving { client in
            let who = try await client.send(.get, "/who")
            #expect(who.object["authorization"] == "Bearer t0ken")
            let missing = try await client.send(.get, "/missing")
            #expect(missing.status == 404)
            #expect(!missing.isSuccess)
            #expect(missing.object["error"] == "not-found")
            let zeros = try await client.send(.get, "/zeros?count=3")
            #expect(zeros.object.members.isEmpty)
        }
    }

    @Test func redirectsAreNotFollowed() async throws {
        try await self.serving { client in
            let reply = try await client.send(.get, "/away")
            #expect(reply.status == 302)
        }
    }

    @Test func whereNobodyListensIsNotReachable() async throws {
        try await withFolder { folder in
            let places: [DoorClient.Place] = [
                .unix(path: folder + "/nobody.sock"), .url("http://127.0.0.1:1"),
            ]
            for place in places {
                let error = await #expect(throws: DoorError.self) {
                    try await DoorClient(place, timeoutSeconds: 5).send(.get, "/")
                }
                guard case .notReachable(_, let problem)? = error else {
                    Issue.record("\(place) gave \(String(describing: error))")
                    continue
                }
                #expect(!problem.isEmpty && !problem.contains("\n"))
            }
        }
    }

    @Test func aPlaceThatIsNoUrlIsNotReachable() async {
        for url in ["", "nowhere", "ftp://127.0.0.1", "http://", "http://[::1"] {
            await #expect(throws: DoorError.self) {
                try await DoorClient(.url(url), timeoutSeconds: 5).send(.get, "/")
            }
        }
    }
}
