package import HTTPTypes
package import Hummingbird
import NIOCore
package import Records

extension Response {
    package static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
        .bytes(value.bytes + [0x0A], type: "application/json; charset=utf-8", status: status)
    }

    package static func bytes(
        _ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok,
        headers: HTTPFields = HTTPFields()
    ) -> Response {
        var headers = headers
        headers[.contentType] = type
        return Response(
            status: status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// The same, compressed if `request` says that it takes gzip.
    package static func compressible(
        _ bytes: [UInt8], type: String, for request: Request
    ) -> Response {
        guard request.acceptsGzip, let small = Gzip.compress(bytes) else {
            return .bytes(bytes, type: type)
        }
        return .bytes(small, type: type, headers: [.contentEncoding: "gzip"])
    }
}

extension Request {
    /// The whole body, expanded if it is gzip, at most `limit` bytes either way.
    ///
    /// - Throws: `ErrorReply`: 413 `too-large`, 400 `bad-body` if it ends too soon or its chunks
    ///   are malformed, 400 `bad-encoding`, 415 for other encodings.
    package func body(limit: Int) async throws -> [UInt8] {
        let buffer: ByteBuffer
        do { buffer = try await self.body.collect(upTo: limit) } catch is NIOTooManyBytesError {
            throw Self.tooLarge(limit)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // What else keeps a body from being read lies with its sender or the line to it.
            throw ErrorReply(
                .badRequest, "bad-body", "the body ended too soon or is malformed; send it whole")
        }
        let bytes = Array(buffer.readableBytesView)
        switch self.headers[.contentEncoding]?.lowercased() {
        case nil, "identity": return bytes
        case "gzip":
            do { return try Gzip.expand(bytes, limit: limit) } catch .tooLarge {
                throw Self.tooLarge(limit)
            } catch .malformed {
                throw ErrorReply(.badRequest, "bad-encoding", "the body isn't whole gzip")
            }
        case let other?:
            throw ErrorReply(
                .unsupportedMediaType, "bad-encoding",
                "the encoding `\(other.prefix(32))` is unknown; send gzip or nothing")
        }
    }

    /// Whether the client takes gzip: named, or else by `*`, with a weight above 0 (RFC 9110,
    /// 12.5.3).
    fileprivate var acceptsGzip: Bool {
        var weights: [String: Double] = [:]
        for item in (self.headers[.acceptEncoding] ?? "").lowercased().split(separator: ",") {
            let parts = item.split(separator: ";").map { part in
                part.filter { !$0.isWhitespace }
            }
            guard let coding = parts.first else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }?.dropFirst(2)
            // A weight that is no number is taken for a refusal: plain bytes are always right.
            weights[coding] = weight.map { Double($0) ?? 0 } ?? 1
        }
        return (weights["gzip"] ?? weights["x-gzip"] ?? weights["*"] ?? 0) > 0
    }

    private static func tooLarge(_ limit: Int) -> ErrorReply {
        ErrorReply(.contentTooLarge, "too-large", "the body has more than \(limit) bytes")
    }

    /// The whole number in the query under `key`, or `nil` if it isn't there.
    ///
    /// - Throws: `ErrorReply` 400 `bad-query` if it is no number, or outside `range`.
    package func number(_ key: String, in range: ClosedRange<Int64>) throws(ErrorReply) -> Int64? {
        guard let text = self.uri.queryParameters[Substring(key)] else { return nil }
        guard let number = Int64(text), range.contains(number) else {
            throw ErrorReply(
                .badRequest, "bad-query",
                "`\(key)` must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
