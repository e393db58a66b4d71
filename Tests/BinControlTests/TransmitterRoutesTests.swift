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

/// Transmitters that answer as the test says, and remember what they were told.
private final class ScriptedTransmitters: TransmitterServicing {
    let failure: ServiceFailure?
    let told = Mutex<[String]>([])

    init(failure: ServiceFailure? = nil) { self.failure = failure }

    func give(
        _ effect: DeviceCommand.Effect, to name: Name, by person: Attendant
    ) async throws(ServiceFailure) -> Name {
        self.told.withLock { $0.append("\(effect) \(name) \(person)") }
        if let failure { throw failure }
        return name
    }
}

@Suite struct TransmitterRoutesTests {
    private func post(
        _ body: String, to name: String = "pet", _ transmitters: ScriptedTransmitters
    ) async throws -> (status: Int, object: JSONObject) {
        let router = Router()
        router.add(middleware: ErrorReplies())
        TransmitterRoutes(transmitters: transmitters).add(to: router)
        return try await Application(router: router).test(.router) { client in
            try await client.execute(
                uri: "/v1/scales/\(name)/commands", method: .post, body: ByteBuffer(string: body)
            ) { response in
                (
                    Int(response.status.code),
                    try JSONParser.object(Array(response.body.readableBytesView))
                )
            }
        }
    }

    @Test("A command reaches the transmitter", arguments: ["unlock", "zero", "tare", "eeprom"])
    func commands(word: String) async throws {
        let transmitters = ScriptedTransmitters()
        let reply = try await self.post(#"{"command":"\#(word)","by":"li"}"#, transmitters)
        #expect(reply.status == 200)
        #expect(reply.object["compartment"] == "pet")
        #expect(reply.object["command"] == .string(word))
        #expect(transmitters.told.withLock { $0 } == ["\(word) pet li"])
    }

    @Test(
        "what is no command is refused by name",
        arguments: [
            ("[]", "malformed"), (#"{"by":"li"}"#, "command"),
            (#"{"command":"clear","by":"li"}"#, "command"),
            (#"{"command":"reset","by":"li"}"#, "command"), (#"{"command":"zero"}"#, "by"),
            (#"{"command":"zero","by":""}"#, "by"), (#"{"command":"zero","by":"\n"}"#, "by"),
        ])
    func refuses(body: String, code: String) async throws {
        let transmitters = ScriptedTransmitters()
        let reply = try await self.post(body, transmitters)
        #expect(reply.status == 400)
        #expect(reply.object["error"] == .string(code))
        #expect(transmitters.told.withLock { $0.isEmpty })
    }

    @Test(
        "a refusal has its status",
        arguments: [
            (.refused(.noSuchScale), 404, "scale"), (.refused(.notListed), 409, "not-listed"),
            (.refused(.tooSoon(ms: 1)), 429, "too-soon"),
            (.refused(.notRemembered("full")), 503, "not-remembered"),
            (.refused(.failed(code: "no-reply", hint: "is mute")), 503, "no-reply"),
            (.notNoted(.refused(.busy)), 409, "busy"),
            (.notNoted(.refused(.unsteady)), 409, "unsteady"),
            (.notNoted(.notStored(JournalError(.storage, "full"))), 503, "storage"),
        ] as [(ServiceFailure, Int, String)])
    func words(failure: ServiceFailure, status: Int, code: String) async throws {
        let reply = try await self.post(
            #"{"command":"zero","by":"li"}"#, ScriptedTransmitters(failure: failure))
        #expect(reply.status == status)
        #expect(reply.object["error"] == .string(code))
        let text = #"{"command":"zero","by":"li"}"#
        #expect(try await self.post(text, to: "Pet!", ScriptedTransmitters()).status == 404)
    }
}
