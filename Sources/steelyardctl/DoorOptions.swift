import ArgumentParser
import Console
import HTTPDoor
import HTTPTypes
import Records

/// Where the daemon is. May stand before or after the verb.
struct DoorOptions: ParsableArguments {
    static let standardSocket = "/run/steelyard/control.sock"

    @Option(name: .long, help: "The daemon's control socket (\(Self.standardSocket)).")
    var socket: String?
}

/// A connection to the daemon, with errors in a technician's words.
struct Daemon {
    private let client: DoorClient

    /// - Parameter options: After the verb first, then before it.
    init(_ options: DoorOptions...) {
        let path = options.compactMap(\.socket).first ?? DoorOptions.standardSocket
        self.client = DoorClient(.unix(path: path), timeoutSeconds: 60)
    }

    /// Sends one request; anything but success ends the program with its exit code.
    func send(
        _ method: HTTPRequest.Method, _ path: String, body: [UInt8]? = nil
    ) async throws -> DoorReply {
        let reply: DoorReply
        do { reply = try await self.client.send(method, path, body: body) } catch {
            throw Failure(
                "\(error); is steelyardd running? (`systemctl status steelyardd`)", .unavailable)
        }
        guard reply.isSuccess else { throw Failure(reply) }
        return reply
    }

    func object(_ method: HTTPRequest.Method, _ path: String) async throws -> JSONObject {
        try await self.send(method, path).object
    }
}
