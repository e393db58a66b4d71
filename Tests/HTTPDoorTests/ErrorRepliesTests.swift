import HTTPDoor
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Records
import Testing

/// The shape of CONTRACT §8: `{"error":…,"message":…}` and a fitting status.
struct ErrorRepliesTests {
    private struct Secret: Error, CustomStringConvertible {
        let description = "hunter2 at /var/lib/steelyard"
    }

    private func application() -> Application<RouterResponder<BasicRequestContext>> {
        let router = Router()
        router.add(middleware: ErrorReplies())
        router.get("fine") { _, _ in Response.json(["fine": true]) }
        router.get("secret") { _, _ -> Response in throw Secret() }
        router.get("gap") { _, _ -> Response in
            throw ErrorReply(
                .conflict, "gap", "send from record 121", further: JSONObject([("have", 120)]))
        }
        router.get("http") { _, _ -> Response in
            throw HTTPError(.unprocessableContent, message: "inner words")
        }
        router.get("number") { request, _ in
            Response.json(.integer(try request.number("n", in: 1...10) ?? 0))
        }
        router.post("body") { request, _ in
            Response.bytes(try await request.body(limit: 1_000), type: "text/plain")
        }
        router.get("much") { request, _ in
            let bytes = [UInt8](repeating: 0x61, count: 5_000)
            return Response.compressible(bytes, type: "text/plain", for: request)
        }
        return Application(router: router)
    }

    private func expect(
        _ response: TestResponse, _ status: HTTPResponse.Status, _ code: String
    ) throws -> JSONObject {
        #expect(response.status == status)
        #expect(response.headers[.contentType] == "application/json; charset=utf-8")
        let object = try JSONParser.object(Array(response.body.readableBytesView))
        #expect(object["error"] == .string(code))
        #expect(object["message"]?.string?.isEmpty == false)
        return object
    }

    @Test(arguments: [TestingSetup.router, .live])
    func everyErrorHasTheOneShape(setup: TestingSetup) async throws {
        try await self.application().test(setup) { client in
            try await client.execute(uri: "/nowhere", method: .get) { response in
                let object = try self.expect(response, .notFound, "not-found")
                #expect(object["message"] == "there is no GET /nowhere at this door")
            }
            try await client.execute(uri: "/fine", method: .delete) { response in
                _ = try self.expect(response, .notFound, "not-found")
            }
            try await client.execute(uri: "/http", method: .get) { response in
                let object = try self.expect(response, .unprocessableContent, "refused")
                #expect(object.keys == ["error", "message"])
            }
            try await client.execute(uri: "/fine", method: .get) { response in
                #expect(response.status == .ok)
                #expect(String(buffer: response.body) == "{\"fine\":true}\n")
            }
        }
    }

    @Test func whatWentWrongInsideStaysInside() async throws {
        try await self.application().test(.router) { client in
            try await client.execute(uri: "/secret?q=1", method: .get) { response in
                let object = try self.expect(response, .internalServerError, "internal")
                #expect(object.keys == ["error", "message"])
                #expect(!String(buffer: response.body).contains("hunter2"))
                #expect(!String(buffer: response.body).contains("Secret"))
            }
        }
    }

    @Test func furtherFieldsFollow() async throws {
        try await self.application().test(.router) { client in
            try await client.execute(uri: "/gap", method: .get) { response in
                let object = try self.expect(response, .conflict, "gap")
                #expect(object.keys == ["error", "message", "have"])
                #expect(object["have"] == 120)
            }
        }
    }

    @Test(
        "numbers in the query",
        arguments: [
            ("", 0), ("?n=1", 1), ("?n=10", 10), ("?n=0", nil), ("?n=11", nil), ("?n=", nil),
            ("?n=1.0", nil), ("?n=0x1", nil), ("?n=%20%31", nil), ("?n=99999999999999999999", nil),
            ("?n=-1", nil), ("?m=5", 0),
        ] as [(String, Int?)])
    func numbers(query: String, number: Int?) async throws {
        try await self.application().test(.router) { client in
            try await client.execute(uri: "/number\(query)", method: .get) { response in
                if let number {
                    #expect(String(buffer: response.body) == "\(number)\n")
                } else {
                    _ = try self.expect(response, .badRequest, "bad-query")
                }
            }
        }
    }

    private func post(
        _ bytes: [UInt8], encoding: String? = nil,
        _ check: @escaping @Sendable (TestResponse) throws -> Void
    ) async throws {
        var headers = HTTPFields()
        headers[.contentEncoding] = encoding
        let fields = headers
        try await self.application().test(.router) { client in
            try await client.execute(
                uri: "/body", method: .post, headers: fields, body: ByteBuffer(bytes: bytes),
                testCallback: check)
        }
    }

    @Test func bodiesAreReadPlainOrAsGzipUpToTheLimit() async throws {
        let fits = [UInt8](repeating: 0x61, count: 1_000)
        try await self.post(fits) { #expect($0.body == ByteBuffer(bytes: fits)) }
        try await self.post(fits, encoding: "identity") { #expect($0.status == .ok) }
        for name in ["gzip", "GZIP"] {
            let small = try #require(Gzip.compress(fits))
            try await self.post(small, encoding: name) {
                #expect($0.body == ByteBuffer(bytes: fits))
            }
        }
        try await self.post(fits + [0x61]) {
            _ = try self.expect($0, .contentTooLarge, "too-large")
        }
        let bomb = try #require(Gzip.compress(fits + [0x61]))
        try await self.post(bomb, encoding: "gzip") {
            _ = try self.expect($0, .contentTooLarge, "too-large")
        }
    }

    @Test func bodiesInOtherEncodingsAreRefused() async throws {
        try await self.post([1, 2, 3], encoding: "gzip") {
            _ = try self.expect($0, .badRequest, "bad-encoding")
        }
        for name in ["br", "deflate", "gzip, gzip"] {
            try await self.post([1, 2, 3], encoding: name) {
                _ = try self.expect($0, .unsupportedMediaType, "bad-encoding")
            }
        }
    }

    @Test func answersAreCompressedForThoseWhoAsk() async throws {
        try await self.application().test(.router) { client in
            try await client.execute(uri: "/much", method: .get) { response in
                #expect(response.headers[.contentEncoding] == nil)
                #expect(response.body.readableBytes == 5_000)
            }
            try await client.execute(
                uri: "/much", method: .get, headers: [.acceptEncoding: "br, gzip"]
            ) { response in
                #expect(response.headers[.contentEncoding] == "gzip")
                let bytes = Array(response.body.readableBytesView)
                let expanded = try Gzip.expand(bytes, limit: 5_000)
                #expect(expanded.count == 5_000)
            }
        }
    }

    @Test(
        "who takes gzip",
        arguments: [
            ("gzip", true), ("GZIP;q=1", true), ("br, gzip;q=0.5", true), ("x-gzip", true),
            ("*", true), ("gzip;q=0", false), ("gzip; q=0.000", false), ("gzip;q=0, *", false),
            ("*;q=0", false), ("identity", false), ("", false), ("gzip;q=x", false),
            ("notgzip", false), (",;,", false),
        ])
    func acceptance(field: String, isGzip: Bool) async throws {
        try await self.application().test(.router) { client in
            try await client.execute(
                uri: "/much", method: .get, headers: [.acceptEncoding: field]
            ) { response in
                #expect((response.headers[.contentEncoding] == "gzip") == isGzip)
            }
        }
    }
}
