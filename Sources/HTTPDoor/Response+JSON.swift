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
        let accepted = request.headers[.acceptEncoding] ?? ""
        guard accepted.contains("gzip"), let small = Gzip.compress(bytes) else {
            return .bytes(bytes, type: type)
        }
        return .bytes(small, type: type, headers: [.contentEncoding: "gzip"])
    }
}

extension Request {
    /// The whole body, expanded if it is gzip, at most `limit` bytes either way.
    ///
    /// - Throws: `ErrorReply`: 413 `too-large`, 400 `bad-encoding`, 415 for other encodings.
    package func body(limit: Int) async throws -> [UInt8] {
        let buffer: ByteBuffer
        do { buffer = try await self.body.collect(upTo: limit) } catch is NIOTooManyBytesError {
            throw Self.tooLarge(limit)
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
