import BinCore
import Console
import HTTPDoor
import Hummingbird
import Records
import Simulation

/// The vocabulary of the steering socket.
///
/// | method and path | what |
/// | --- | --- |
/// | `POST /v1/acts` | one act, as in a script, is done |
/// | `POST /v1/scripts/check` | a script is read, and its names compared with this bin's |
/// | `GET /v1/status` | what is true inside the bin |
struct SteeringRoutes {
    /// The longest act, bytes.
    private static let actMax = 4096
    /// The longest script, bytes.
    private static let scriptMax = 4 * 1_048_576

    let simulator: BinSimulator
    /// Where the loads are kept, if they are.
    let file: LoadFile?

    var router: Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: ErrorReplies())
        router.post("v1/acts") { request, _ in try await self.act(request) }
        router.post("v1/scripts/check") { request, _ in try await self.check(request) }
        router.get("v1/status") { _, _ in Response.json(self.simulator.status().json) }
        return router
    }

    private func act(_ request: Request) async throws -> Response {
        let bytes = try await request.body(limit: Self.actMax)
        do {
            let act = try Act(line: String(decoding: bytes, as: UTF8.self))
            try await self.simulator.perform(act)
            try self.file?.write(self.simulator.loads)
            return .json(.object(JSONObject([("act", .string(act.description))])))
        } catch let error as SimulationError {
            throw ErrorReply(
                error.code == .cannotCreate ? .internalServerError : .unprocessableContent,
                error.code.rawValue, error.description)
        } catch let failure as Failure {
            throw ErrorReply(.internalServerError, "cannot-create", failure.words)
        }
    }

    private func check(_ request: Request) async throws -> Response {
        let bytes = try await request.body(limit: Self.scriptMax)
        do throws(ScriptFaults) {
            let script = try Script(String(decoding: bytes, as: UTF8.self))
            try self.check(script)
            return .json(
                .object(JSONObject([("steps", .integer(Int64(script.steps.count)))])))
        } catch {
            let faults = error.faults.map {
                JSONValue.object(
                    JSONObject([
                        ("line", .integer(Int64($0.line))), ("message", .string($0.message)),
                    ]))
            }
            throw ErrorReply(
                .unprocessableContent, "script", "\(faults.count) lines can't be run; mend them",
                further: JSONObject([("faults", .array(faults))]))
        }
    }

    private func check(_ script: Script) throws(ScriptFaults) {
        var faults: [ScriptFaults.Fault] = []
        for step in script.steps {
            do throws(SimulationError) { try self.simulator.check(step.act) } catch {
                faults.append(.init(line: step.line, message: error.description))
            }
        }
        guard faults.isEmpty else {
            throw ScriptFaults(faults: faults.sorted { $0.line < $1.line })
        }
    }
}

extension SimulationStatus {
    /// Masses in milligrams, exactly.
    var json: JSONValue {
        let compartments = self.compartments.sorted { $0.key < $1.key }
        let readers = self.readers.sorted { $0.key < $1.key }
        let faults = self.faults.sorted { $0.key < $1.key }
        let object = JSONObject([
            ("device", .string(self.device.text)),
            ("seed", .integer(Int64(clamping: self.seed))),
            (
                "compartments",
                .object(JSONObject(compartments.map { ($0.key.text, $0.value.json) }))
            ),
            ("readers", .object(JSONObject(readers.map { ($0.key.text, $0.value.json) }))),
            (
                "faults",
                .object(
                    JSONObject(faults.map { ($0.key.description, .string($0.value.rawValue)) }))
            ),
            ("not-simulated", .array(self.unplayed.map { .string($0.description) })),
        ])
        return .object(object)
    }
}

extension SimulationStatus.Compartment {
    var json: JSONValue {
        .object(
            JSONObject([
                ("load-mg", .integer(self.load.value)), ("pouring", .bool(self.isPouring)),
                ("indication-mg", .integer(self.indication.value)),
                ("stable", .bool(self.isStable)),
            ]))
    }
}

extension SimulationStatus.Reader {
    var json: JSONValue {
        .object(
            JSONObject([
                ("taps", .integer(Int64(self.taps))), ("waiting", .integer(Int64(self.waiting))),
            ]))
    }
}
