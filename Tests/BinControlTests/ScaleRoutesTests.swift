import BinControl
import BinCore
import HTTPDoor
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Records
import Synchronization
import Testing

/// Scales that answer as the test says, and remember what they were asked.
private final class ScriptedScales: Calibrating, TraceSharing {
    struct Asked: Equatable, Sendable {
        var compartment: Name
        var step: CalibrationStep
        var by: String
    }

    let failure: CalibrationFailure?
    let asked = Mutex<[Asked]>([])

    init(failure: CalibrationFailure? = nil) { self.failure = failure }

    var scales: [ScaleReport] {
        guard let pet = Name("pet") else { return [] }
        let point = Linearity.Point(line: Grams(10_000), correction: Milligrams(-2_000))
        var report = ScaleReport(
            compartment: pet, level: Grams(10_000),
            limits: ScaleLimits(capacity: Grams(30_000), division: Grams(5), minimum: Grams(100)))
        report.mass = Milligrams(9_998_000)
        report.linearity = Linearity(points: [point]) ?? .straight
        report.line = Milligrams(10_000_000)
        report.zeroShift = Milligrams(7)
        report.milliCelsius = 21_500
        return [report]
    }

    func trace(of seq: RecordNumber) async throws(JournalError) -> WeightTrace? {
        guard seq == 7, let pet = Name("pet") else { return nil }
        let sample = WeightTrace.Sample(up: BootInstant(milliseconds: 5), raw: 6)
        return WeightTrace(compartment: pet, calibration: nil, samples: [sample])
    }

    func calibrate(
        _ compartment: Name, _ step: CalibrationStep, by: String
    ) async throws(CalibrationFailure) -> CalibrationResult {
        self.asked.withLock { $0.append(Asked(compartment: compartment, step: step, by: by)) }
        if let failure { throw failure }
        switch step {
        case .zero, .command: return CalibrationResult(zero: 5, calibration: nil, spread: 1)
        case .span(let grams):
            let line = Calibration(zero: 5, span: 200_000, reference: grams)
            return CalibrationResult(zero: 5, calibration: line, spread: 2)
        }
    }
}

@Suite struct ScaleRoutesTests {
    private func post(
        _ body: String, to scales: ScriptedScales
    ) async throws -> (status: Int, object: JSONObject) {
        let router = Router()
        router.add(middleware: ErrorReplies())
        ScaleRoutes(scales: scales, traces: scales).add(to: router)
        return try await Application(router: router).test(.router) { client in
            try await client.execute(
                uri: "/v1/calibrations", method: .post, body: ByteBuffer(string: body)
            ) { response in
                (
                    Int(response.status.code),
                    try JSONParser.object(Array(response.body.readableBytesView))
                )
            }
        }
    }

    @Test func aStepReachesTheScaleAndItsResultComesBack() async throws {
        let scales = ScriptedScales()
        let zero = try await self.post(
            #"{"compartment":"pet","step":"zero","by":"li"}"#, to: scales)
        #expect(zero.status == 200)
        #expect(zero.object["recorded"] == false)
        let span = try await self.post(
            #"{"compartment":"pet","step":"span","reference":10000,"by":"li"}"#, to: scales)
        #expect(span.object["span"] == 200_000)
        #expect(span.object["recorded"] == true)
        let pet = try #require(Name("pet"))
        #expect(
            scales.asked.withLock { $0 } == [
                ScriptedScales.Asked(compartment: pet, step: .zero, by: "li"),
                ScriptedScales.Asked(
                    compartment: pet, step: .span(reference: Grams(10_000)), by: "li"),
            ])
    }

    @Test func aScaleTellsAllThatMakesItsMass() async throws {
        let scales = ScriptedScales()
        let router = Router()
        router.add(middleware: ErrorReplies())
        ScaleRoutes(scales: scales, traces: scales).add(to: router)
        let body = try await Application(router: router).test(.router) { client in
            try await client.execute(uri: "/v1/scales", method: .get) { response in
                Array(response.body.readableBytesView)
            }
        }
        let scale = try #require(
            try JSONParser.object(body)["scales"]?.array?.first?.object)
        #expect(scale["capacity"] == 30_000)
        #expect(scale["division"] == 5)
        #expect(scale["linearity"] == [["at": 10_000, "correction-mg": -2_000]])
        #expect(scale["line-mg"] == 10_000_000)
        #expect(scale["zero-shift-mg"] == 7)
        #expect(scale["milli-celsius"] == 21_500)
    }

    @Test(
        "the weights around a deposit, if they are kept",
        arguments: [("?seq=7", 200), ("?seq=8", 404), ("", 400), ("?seq=x", 400)])
    func traces(query: String, status: Int) async throws {
        let scales = ScriptedScales()
        let router = Router()
        router.add(middleware: ErrorReplies())
        ScaleRoutes(scales: scales, traces: scales).add(to: router)
        let body = try await Application(router: router).test(.router) { client in
            try await client.execute(uri: "/v1/traces\(query)", method: .get) { response in
                #expect(Int(response.status.code) == status)
                return Array(response.body.readableBytesView)
            }
        }
        guard status == 200 else { return }
        let trace = try #require(WeightTrace(json: try JSONParser.object(body)))
        #expect(trace.samples.map(\.raw) == [6])
    }

    @Test(
        "what isn't a step is refused by name",
        arguments: [
            ("[]", "malformed"), (#"{"step":"zero","by":"li"}"#, "compartment"),
            (#"{"compartment":"Pet!","step":"zero","by":"li"}"#, "compartment"),
            (#"{"compartment":"pet","step":"zero"}"#, "by"),
            (#"{"compartment":"pet","step":"zero","by":"\n"}"#, "by"),
            (#"{"compartment":"pet","step":"tare","by":"li"}"#, "step"),
            (#"{"compartment":"pet","step":"span","by":"li"}"#, "reference"),
            (#"{"compartment":"pet","step":"span","by":"li","reference":0}"#, "reference"),
        ])
    func refuses(body: String, code: String) async throws {
        let scales = ScriptedScales()
        let reply = try await self.post(body, to: scales)
        #expect(reply.status == 400)
        #expect(reply.object["error"] == .string(code))
        #expect(scales.asked.withLock { $0.isEmpty })
    }

    @Test(
        "a refusal of the scale has its status",
        arguments: [
            (.refused(.unknownCompartment), 404, "compartment"), (.refused(.busy), 409, "busy"),
            (.refused(.silent), 409, "silent"), (.refused(.unsteady), 409, "unsteady"),
            (.refused(.zeroFirst), 409, "zero-first"), (.refused(.reference), 422, "reference"),
            (.refused(.tooCoarse), 422, "too-coarse"),
            (.notStored(JournalError(.storage, "full")), 503, "storage"),
        ] as [(CalibrationFailure, Int, String)])
    func words(failure: CalibrationFailure, status: Int, code: String) async throws {
        let reply = try await self.post(
            #"{"compartment":"pet","step":"zero","by":"li"}"#,
            to: ScriptedScales(failure: failure))
        #expect(reply.status == status)
        #expect(reply.object["error"] == .string(code))
    }
}
