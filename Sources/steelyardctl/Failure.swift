import Console
import HTTPDoor
import Records

extension Failure {
    /// What the daemon refused, with the exit code that fits its status.
    init(_ reply: DoorReply) {
        let code = reply.object["error"]?.string ?? "status \(reply.status)"
        let status: ExitStatus =
            switch reply.status {
            case 400, 404, 409, 413, 415, 422: .badData
            case 401, 403: .notPermitted
            case 502, 503: .tryAgain
            default: code == "damaged" ? .badData : .internalError
            }
        self.init(reply.object["message"]?.string ?? "the daemon refused: \(code)", status)
    }
}

extension Console {
    static func print(_ value: JSONValue) throws(Failure) { try Self.print(value.text) }
}
