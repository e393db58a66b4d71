package import BinCore
import Foundation
import HTTPDoor
import HTTPTypes
package import HubCore
package import Hummingbird
import Records

/// The hub's HTTP interface (CONTRACT §10). `openapi.json` beside this file is its reference.
package struct HubRoutes: Sendable {
    static let json = "application/json; charset=utf-8"
    static let lines = "application/x-ndjson"

    let store: any HubStoring
    let now: @Sendable () -> WallTime

    package init(store: any HubStoring, now: @escaping @Sendable () -> WallTime) {
        self.store = store
        self.now = now
    }

    package func router() -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: ErrorReplies())
        router.add(middleware: FaultReplies())
        router.post("/v1/devices/{id}/batches") { request, context in
            try await self.take(
                request, for: try Self.name(in: context, "id"), logger: context.logger)
        }
        router.get("/v1/devices/{id}/bulletins") { request, context in
            try await self.bulletins(request, for: try Self.name(in: context, "id"))
        }
        router.get("/v1/accounts/{account}") { _, context in
            try await self.standing(of: try Self.name(in: context, "account"))
        }
        router.get("/v1/accounts/{account}/statement") { request, context in
            try await self.statement(request, of: try Self.name(in: context, "account"))
        }
        router.get("/v1/orders") { request, _ in try await self.orders(request) }
        router.get("/healthz") { _, _ in
            try await self.store.check()
            return Response.json(["status": "ok"])
        }
        router.get("/metrics") { _, _ in
            let text = Metrics.text(try await self.store.figures())
            return Response.bytes(Array(text.utf8), type: Metrics.type)
        }
        router.get("/openapi.json") { _, _ in
            Response.bytes(PackageResources.openapi_json, type: Self.json)
        }
        return router
    }

    private static func name(
        in context: BasicRequestContext, _ parameter: String
    ) throws -> String {
        let raw = try context.parameters.require(parameter)
        // What can't be decoded is no name that anything has, and is answered as such.
        return raw.removingPercentEncoding ?? raw
    }
}

/// Words the store's faults that a caller can do something about.
private struct FaultReplies: RouterMiddleware {
    func handle(
        _ request: Request, context: BasicRequestContext,
        next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        do { return try await next(request, context) } catch let fault as HubFault {
            switch fault {
            case .busy: throw ErrorReply(.serviceUnavailable, "busy", fault.description)
            case .unknownDevice: throw ErrorReply(.notFound, "unknown-device", fault.description)
            case .deviceExists, .bulletin, .unopened, .corrupt, .storage: throw fault
            }
        }
    }
}
