package import HTTPTypes
package import Hummingbird
import Logging
package import Records

/// The one shape of an error on every door (CONTRACT §8): a fitting status and
/// `{"error":"short-code","message":"what, where, and what to do"}`.
package struct ErrorReply: HTTPResponseError, Sendable {
    package var status: HTTPResponse.Status
    package var code: String
    package var message: String
    /// Further fields, such as `have` of a gap (CONTRACT §4).
    package var further: JSONObject
    /// Headers beside the content type.
    package var headers = HTTPFields()

    package init(
        _ status: HTTPResponse.Status, _ code: String, _ message: String,
        further: JSONObject = JSONObject()
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.further = further
    }

    package func response(from request: Request, context: some RequestContext) -> Response {
        var object = JSONObject([
            ("error", .string(self.code)), ("message", .string(self.message)),
        ])
        for member in self.further.members { object[member.key] = member.value }
        var response = Response.json(.object(object), status: self.status)
        response.headers.append(contentsOf: self.headers)
        return response
    }
}

/// Gives every error that leaves a route the shape of `ErrorReply`.
package struct ErrorReplies<Context: RequestContext>: RouterMiddleware {
    package init() {}

    package func handle(
        _ request: Request, context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let reply as ErrorReply {
            return reply.response(from: request, context: context)
        } catch let error as any HTTPResponseError {
            return Self.reply(to: request, status: error.status)
                .response(from: request, context: context)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            context.logger.error("A request failed", metadata: ["error": "\(error)"])
            return ErrorReply(
                .internalServerError, "internal",
                "\(request.method) \(request.uri.path) failed here; the log says why"
            ).response(from: request, context: context)
        }
    }

    private static func reply(to request: Request, status: HTTPResponse.Status) -> ErrorReply {
        let what = "\(request.method) \(request.uri.path)"
        switch status {
        case .notFound:
            return ErrorReply(.notFound, "not-found", "there is no \(what) at this door")
        case .contentTooLarge:
            return ErrorReply(status, "too-large", "the body of \(what) is too large")
        default:
            return ErrorReply(
                status, "refused", "\(what) was refused: \(status.reasonPhrase)")
        }
    }
}

extension Router {
    /// The methods that RFC 9110 (9.3) defines for resources, and PATCH (RFC 5789).
    private static var knownMethods: [HTTPRequest.Method] {
        [.get, .head, .post, .put, .patch, .delete, .options]
    }

    /// Answers the known methods that a path doesn't have with 405 and the ones that it has.
    func refuseOtherMethods() {
        let paths = Dictionary(grouping: self.routes, by: \.path.description)
        for routes in paths.values {
            guard let path = routes.first?.path else { continue }
            let methods = routes.map(\.method)
            let allowed = methods.map(\.rawValue).joined(separator: ", ")
            for method in Self.knownMethods where !methods.contains(method) {
                self.on(path, method: method) { request, _ -> Response in
                    var reply = ErrorReply(
                        .methodNotAllowed, "method",
                        "\(request.uri.path) takes \(allowed), not \(request.method)")
                    reply.headers[.allow] = allowed
                    throw reply
                }
            }
        }
    }
}
