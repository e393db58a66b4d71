import BinCore
import HTTPDoor
import HTTPTypes
package import Hummingbird
package import Records

/// Live readings and calibration, for technicians.
package struct ScaleRoutes: Sendable {
    private static let longestRequest = 1024
    private static let longestName = 64

    private let scales: any Calibrating
    private let traces: any TraceSharing

    package init(scales: any Calibrating, traces: any TraceSharing) {
        self.scales = scales
        self.traces = traces
    }

    package func add(to router: Router<some RequestContext>) {
        router.get("/v1/scales") { _, _ in
            Response.json(["scales": .array(self.scales.scales.map(Self.json))])
        }
        router.get("/v1/traces") { request, _ in try await self.trace(request) }
        router.post("/v1/calibrations") { request, _ in try await self.calibrate(request) }
    }

    /// `{"compartment":"pet","step":"zero","by":"li"}`, or `"step":"span"` with a `"reference"` in
    /// grams.
    private func calibrate(_ request: Request) async throws -> Response {
        let bytes = try await request.body(limit: Self.longestRequest)
        let object: JSONObject
        do { object = try JSONParser.object(bytes) } catch {
            throw ErrorReply(.badRequest, "malformed", "the request is no JSON object: \(error)")
        }
        guard let compartment = object["compartment"]?.string.flatMap({ Name($0) }) else {
            throw ErrorReply(.badRequest, "compartment", "`compartment` must name a compartment")
        }
        guard let by = object["by"]?.string, !by.isEmpty, by.utf8.count <= Self.longestName,
            by.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else {
            throw ErrorReply(
                .badRequest, "by",
                "`by` must say who calibrates, in 1 to \(Self.longestName) ASCII characters")
        }
        let step = try Self.step(object)
        do throws(CalibrationFailure) {
            let result = try await self.scales.calibrate(compartment, step, by: by)
            return .json(Self.json(result, compartment))
        } catch {
            switch error {
            case .notStored(let error):
                throw ErrorReply(.serviceUnavailable, error.code.rawValue, error.message)
            case .refused(let refusal): throw Self.reply(to: refusal, compartment)
            }
        }
    }

    /// What the scale delivered around a deposit.
    private func trace(_ request: Request) async throws -> Response {
        guard let seq = try request.number("seq", in: 1...Int64.max - 1) else {
            throw ErrorReply(.badRequest, "seq", "give the deposit's number: /v1/traces?seq=N")
        }
        let trace: WeightTrace?
        do throws(JournalError) { trace = try await self.traces.trace(of: seq) } catch {
            throw ErrorReply(.serviceUnavailable, error.code.rawValue, error.message)
        }
        guard let trace else {
            throw ErrorReply(
                .notFound, "no-trace",
                "no weights are kept of record \(seq): deposits have them, from a few seconds "
                    + "after it on and for a while")
        }
        return .json(trace.json)
    }

    private static func step(_ object: JSONObject) throws -> CalibrationStep {
        switch object["step"]?.string {
        case "zero"?: return .zero
        case "span"?:
            guard let grams = object["reference"]?.integer, (1...1_000_000).contains(grams) else {
                throw ErrorReply(
                    .badRequest, "reference",
                    "`reference` must be the known mass in grams, 1 to 1000000")
            }
            return .span(reference: Grams(grams))
        default: throw ErrorReply(.badRequest, "step", "`step` must be zero or span")
        }
    }

    static func reply(to refusal: CalibrationRefusal, _ compartment: Name) -> ErrorReply {
        switch refusal {
        case .unknownCompartment:
            ErrorReply(.notFound, "compartment", "there is no compartment `\(compartment)`")
        case .busy:
            ErrorReply(.conflict, "busy", "an order is open; wait until it is settled")
        case .silent:
            ErrorReply(
                .conflict, "silent",
                "the scale of `\(compartment)` delivers no values; see `steelyardctl status`")
        case .unsteady:
            ErrorReply(
                .conflict, "unsteady",
                "the scale of `\(compartment)` moves by more than a quarter of a division; wait "
                    + "until it is at rest, or look for what shakes it")
        case .zeroFirst:
            ErrorReply(
                .conflict, "zero-first",
                "the empty scale of `\(compartment)` comes first: empty it, then calibrate --zero")
        case .reference:
            ErrorReply(
                .unprocessableContent, "reference",
                "the reference must be between a tenth of the capacity and the capacity")
        case .tooCoarse:
            ErrorReply(
                .unprocessableContent, "too-coarse",
                "the reference hardly moves the scale of `\(compartment)`: does it lie on it, and "
                    + "is the cell connected?")
        }
    }

    private static func json(_ result: CalibrationResult, _ compartment: Name) -> JSONValue {
        [
            "compartment": .string(compartment.text), "zero": .integer(result.zero),
            "span": result.calibration.map { .integer($0.span) } ?? .null,
            "reference": result.calibration.map { .integer($0.reference.value) } ?? .null,
            "spread": .integer(result.spread),
            "recorded": .bool(result.calibration != nil),
        ]
    }

    private static func json(_ scale: ScaleReport) -> JSONValue {
        [
            "compartment": .string(scale.compartment.text),
            "raw": scale.raw.map { .integer($0) } ?? .null,
            "age-ms": scale.ageMs.map { .integer($0) } ?? .null,
            "mass-mg": scale.mass.map { .integer($0.value) } ?? .null,
            "stable": .bool(scale.isStable), "overload": .bool(scale.isOverloaded),
            "underload": .bool(scale.isUnderloaded), "centre-of-zero": .bool(scale.isAtZero),
            "level": .integer(scale.level.value),
            "zero": scale.calibration.map { .integer($0.zero) } ?? .null,
            "span": scale.calibration.map { .integer($0.span) } ?? .null,
            "reference": scale.calibration.map { .integer($0.reference.value) } ?? .null,
            "capacity": .integer(scale.limits.capacity.value),
            "division": .integer(scale.limits.division.value),
            "linearity": scale.linearity.json,
            "line-mg": scale.line.map { .integer($0.value) } ?? .null,
            "zero-shift-mg": .integer(scale.zeroShift.value),
            "milli-celsius": scale.milliCelsius.map { .integer($0) } ?? .null,
        ]
    }
}
