import AsyncHTTPClient
import Foundation
package import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOPosix
package import Records

/// An answer, read whole.
package struct DoorReply: Sendable {
    package let status: Int
    package let body: [UInt8]

    package var isSuccess: Bool { (200..<300).contains(self.status) }

    /// The body as an object; empty if it isn't one.
    package var object: JSONObject {
        // `try?`: an answer of another shape is a refusal without a code, and handled as such.
        (try? JSONParser.object(self.body)) ?? JSONObject()
    }
}

/// Speaks to a door, over its Unix socket or by URL.
package struct DoorClient: Sendable {
    package enum Place: Hashable, Sendable {
        case unix(path: String)
        /// Without a slash at the end, for instance `http://127.0.0.1:8080`.
        case url(String)
    }

    private let place: Place
    private let token: String?
    private let timeoutSeconds: Int64
    /// The most that is read of an answer.
    private let limit: Int

    /// One pool of connections for the whole program. Unlike `HTTPClient.shared` it follows no
    /// redirect, which would turn a signed POST into a GET elsewhere, leaves gzip to us, and says
    /// at once that nobody listens instead of trying until the time is up: callers have their own
    /// pace.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(10)),
            decompression: .disabled)
        configuration.connectionPool.retryConnectionEstablishment = false
        // Well before the door closes an idle connection (`DoorLimits.idleMs`), so that no request
        // meets a connection that is just being closed.
        configuration.connectionPool.idleTimeout = .seconds(10)
        return HTTPClient(
            eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }()

    /// - Parameters:
    ///   - token: Sent as a bearer token.
    ///   - timeoutSeconds: For the whole exchange.
    package init(
        _ place: Place, token: String? = nil, timeoutSeconds: Int64 = 30,
        limit: Int = 16 * 1_048_576
    ) {
        self.place = place
        self.token = token
        self.timeoutSeconds = timeoutSeconds
        self.limit = limit
    }

    /// Sends one request and reads the whole answer, whatever its status is.
    ///
    /// - Parameters:
    ///   - path: Path and query, beginning with `/`.
    ///   - compressed: Whether the body goes as gzip.
    /// - Throws: `DoorError.notReachable` or `.tooLarge`.
    package func send(
        _ method: HTTPRequest.Method, _ path: String, body: [UInt8]? = nil,
        type: String = "application/json", compressed: Bool = false
    ) async throws(DoorError) -> DoorReply {
        var request = HTTPClientRequest(url: try self.url(path))
        request.method = HTTPMethod(rawValue: method.rawValue)
        request.headers.add(name: "accept-encoding", value: "gzip")
        if let token = self.token {
            request.headers.add(name: "authorization", value: "Bearer \(token)")
        }
        if let body {
            request.headers.add(name: "content-type", value: type)
            if compressed, let small = Gzip.compress(body) {
                request.headers.add(name: "content-encoding", value: "gzip")
                request.body = .bytes(small)
            } else {
                request.body = .bytes(body)
            }
        }
        do {
            let response = try await Self.client.execute(
                request, timeout: .seconds(self.timeoutSeconds))
            let buffer = try await response.body.collect(upTo: self.limit)
            return DoorReply(
                status: Int(response.status.code), body: try self.content(of: response, buffer))
        } catch is NIOTooManyBytesError {
            throw .tooLarge(self.name)
        } catch Gzip.Failure.tooLarge {
            throw .tooLarge(self.name)
        } catch {
            throw .notReachable(self.name, problem: Self.reason(error))
        }
    }

    private func content(of response: HTTPClientResponse, _ buffer: ByteBuffer) throws -> [UInt8] {
        let bytes = Array(buffer.readableBytesView)
        guard response.headers.first(name: "content-encoding") == "gzip" else { return bytes }
        return try Gzip.expand(bytes, limit: self.limit)
    }

    private var name: String {
        switch self.place {
        case .unix(let path): path
        case .url(let url): url
        }
    }

    private func url(_ path: String) throws(DoorError) -> String {
        switch self.place {
        case .url(let base): return base + path
        case .unix(let socket):
            guard let url = URL(httpURLWithSocketPath: socket, uri: path) else {
                throw .unusable(socket, problem: "its path can't be written in a URL")
            }
            return url.absoluteString
        }
    }

    /// One line for a person; the library's own words carry type names.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError where error == .connectTimeout: "no connection in time"
        case let error as HTTPClientError where error == .deadlineExceeded: "no answer in time"
        case Gzip.Failure.malformed: "its answer isn't whole gzip"
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case is ChannelError, is NIOConnectionError: "nobody listens there"
        default: "\(error)".split(separator: "\n").first.map(String.init) ?? "unknown"
        }
    }
}
