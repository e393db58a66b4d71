import ArgumentParser
import Console
import HTTPDoor
import HTTPTypes
import Program
import Records
import Simulation

/// Which simulator is meant. May stand before or after the verb.
struct SocketOption: ParsableArguments {
    static let standardPath = "/run/steelyard/sim.sock"

    @Option(help: "The simulator's socket (\(Self.standardPath)).", completion: .file())
    var socket: String?

    /// The path after the verb, else the one before it, else the installed system's.
    func path(orBefore earlier: SocketOption) -> String {
        self.socket ?? earlier.socket ?? Self.standardPath
    }
}

/// Speaks to a running simulator.
struct SteeringClient {
    private let door: DoorClient

    init(socket: String) { self.door = DoorClient(.unix(path: socket)) }

    /// Has `act` done.
    ///
    /// - Parameter origin: Where the act was written, for instance `FILE:LINE: `.
    func perform(_ act: Act, origin: String = "") async throws {
        let reply = try await self.post("/v1/acts", act.description)
        guard !reply.isSuccess else { return }
        let status: ExitStatus =
            reply.object["error"] == "cannot-create" ? .cantCreate : .badData
        throw Failure(origin + Self.message(of: reply), status)
    }

    /// Compares a script with the bin that is played. Every fault is told.
    func check(script text: String, named file: String) async throws {
        let reply = try await self.post("/v1/scripts/check", text)
        guard !reply.isSuccess else { return }
        guard let faults = reply.object["faults"]?.array else {
            throw Failure(Self.message(of: reply), .badData)
        }
        let lines = faults.compactMap(\.object).map { fault in
            let message = fault["message"]?.string ?? "can't be run"
            return "\(file):\(fault["line"]?.integer ?? 0): \(message)"
        }
        throw Program.refusal(of: SteelyardSim.self, lines, .badData)
    }

    func status() async throws -> DoorReply {
        let reply = try await self.reaching { () throws(DoorError) in
            try await self.door.send(.get, "/v1/status")
        }
        guard reply.isSuccess else {
            throw Failure(Self.message(of: reply), .badData)
        }
        return reply
    }

    private func post(_ path: String, _ text: String) async throws -> DoorReply {
        try await self.reaching { () throws(DoorError) in
            try await self.door.send(.post, path, body: Array(text.utf8), type: "text/plain")
        }
    }

    private func reaching(
        _ exchange: () async throws(DoorError) -> DoorReply
    ) async throws -> DoorReply {
        do throws(DoorError) { return try await exchange() } catch {
            throw Failure(
                "no simulator: \(error); start `steelyard-sim bin` or give its --socket",
                .unavailable)
        }
    }

    private static func message(of reply: DoorReply) -> String {
        reply.object["message"]?.string ?? "the simulator answered with status \(reply.status)"
    }
}
