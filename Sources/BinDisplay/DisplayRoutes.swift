import HTTPDoor
import HTTPTypes
package import Hummingbird

/// Adds `GET /v1/display` and `GET /v1/display/events` (CONTRACT §8).
///
/// - Parameter pauses: How long the event streams wait.
package func addDisplayRoutes(
    to router: Router<some RequestContext>, board: DisplayBoard,
    pauses: DisplayPauses = .standard
) {
    router.get("v1/display") { _, _ in
        var response = Response.json(board.current.json)
        response.headers[.cacheControl] = "no-store"
        return response
    }
    router.get("v1/display/events") { request, _ in
        do throws(DisplayBoard.Full) {
            let subscription = try board.subscribe()
            return DisplayEvents.response(
                to: request, subscription: subscription, pauses: pauses)
        } catch {
            throw ErrorReply(
                .serviceUnavailable, "busy",
                "\(DisplayBoard.mostSubscribers) screens watch this bin already; close one")
        }
    }
}
