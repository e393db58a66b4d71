import ArgumentParser
import HTTPDoor
import HTTPTypes
import Records
import Simulation

/// Which simulator is meant.
struct SocketOption: ParsableArguments {
    @Option(help: "The simulator's socket.", completion: .file())
    var socket = "/run/steelyard/sim.sock"
}

/// Speaks to a running simulator; every failure is told and ends with its exit code.
struct SteeringClient {
    private let door: DoorClient

    init(_ option: SocketOption) { self.door = DoorClient(.unix(path: option.socket)) }

    /// Has `act` done.
    ///
    /// - Parameter origin: Where the act was written, for instance `FILE:LINE: `.
    func perform(_ act: Act, origin: String = "") async throws {
        let reply = try await self.post("/v1/acts", act.description)
        guard !reply.isSuccess else { return }
        let code: SysExit =
            reply.object["error"] == "cannot-create" ? .cannotCreate : .badData
        throw Terminal.failure(origin + Self.message(of: reply), code)
    }

    /// Compares a script with the bin that is played. Every fault is told.
    func check(script text: String, named file: String) async throws {
        let reply = try await self.post("/v1/scripts/check", text)
        guard !reply.isSuccess else { return }
        guard let faults = reply.object["faults"]?.array else {
            throw Terminal.failure(Self.message(of: reply), .badData)
        }
        for fault in faults.compactMap(\.object) {
            let line = fault["line"]?.integer ?? 0
            Terminal.note("\(file):\(line): \(fault["message"]?.string ?? "can't be run")")
        }
        throw ExitCode(SysExit.badData.rawValue)
    }

    func status() async throws -> DoorReply {
        let reply = try await self.reaching { () throws(DoorError) in
            try await self.door.send(.get, "/v1/status")
        }
        guard reply.isSuccess else {
            throw Terminal.failure(Self.message(of: reply), .badData)
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
            throw Terminal.failure(
                "no simulator: \(error); start `steelyard-sim bin` or give its --socket",
                .notReachable)
        }
    }

    private static func message(of reply: DoorReply) -> String {
        reply.object["message"]?.string ?? "the simulator answered with status \(reply.status)"
    }
}
