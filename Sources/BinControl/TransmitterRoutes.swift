import BinCore
import HTTPDoor
import HTTPTypes
package import Hummingbird
package import Records

/// `POST /v1/scales/{scale or compartment}/commands`: what a profile lists that may be written to
/// its transmitter, for technicians.
package struct TransmitterRoutes: Sendable {
    private static let longestRequest = 1024

    private let transmitters: any TransmitterServicing

    package init(transmitters: any TransmitterServicing) { self.transmitters = transmitters }

    package func add(to router: Router<some RequestContext>) {
        router.post("/v1/scales/{name}/commands") { request, context in
            try await self.command(context.parameters.require("name"), request)
        }
    }

    /// `{"command":"zero","by":"li"}`; further commands: unlock, tare, eeprom.
    private func command(_ text: String, _ request: Request) async throws -> Response {
        guard let name = Name(text) else { throw Self.unknown(text) }
        let bytes = try await request.body(limit: Self.longestRequest)
        let object: JSONObject
        do { object = try JSONParser.object(bytes) } catch {
            throw ErrorReply(.badRequest, "malformed", "the request is no JSON object: \(error)")
        }
        guard let word = object["command"]?.string,
            let effect = DeviceCommand.Effect(rawValue: word), effect != .clear
        else {
            throw ErrorReply(
                .badRequest, "command", "`command` must be unlock, zero, tare or eeprom")
        }
        guard let by = object["by"]?.string, by.utf8.allSatisfy({ (0x20...0x7E).contains($0) }),
            let person = Attendant(by)
        else {
            throw ErrorReply(
                .badRequest, "by", "`by` must say who commands, in 1 to 64 ASCII characters")
        }
        do throws(ServiceFailure) {
            let compartment = try await self.transmitters.give(effect, to: name, by: person)
            return .json([
                "compartment": .string(compartment.text), "command": .string(effect.rawValue),
            ])
        } catch {
            switch error {
            case .refused(let refusal): throw Self.reply(to: refusal, effect, name)
            case .notNoted(.notStored(let error)):
                throw ErrorReply(.serviceUnavailable, error.code.rawValue, error.message)
            case .notNoted(.refused(let refusal)): throw ScaleRoutes.reply(to: refusal, name)
            }
        }
    }

    private static func unknown(_ text: String) -> ErrorReply {
        ErrorReply(
            .notFound, "scale", "`\(text)` is neither a compartment nor its scale on a Modbus bus")
    }

    private static func reply(
        to refusal: CommandRefusal, _ effect: DeviceCommand.Effect, _ name: Name
    ) -> ErrorReply {
        switch refusal {
        case .noSuchScale: self.unknown(name.text)
        case .notListed:
            ErrorReply(
                .conflict, "not-listed",
                "the transmitter of `\(name)` has no command \(effect.rawValue) in its profile; do "
                    + "it at the device itself")
        case .tooSoon(let ms):
            ErrorReply(
                .tooManyRequests, "too-soon",
                "\(effect.rawValue) was given to `\(name)` lately; wait \((ms + 999) / 1000) s")
        case .notRemembered(let why):
            ErrorReply(
                .serviceUnavailable, "not-remembered",
                "\(effect.rawValue) wears the transmitter's memory, and that it was given can't be "
                    + "remembered: \(why)")
        case .failed(let code, let hint):
            ErrorReply(
                .serviceUnavailable, code,
                "the transmitter of `\(name)` did not take it and \(hint); look at `steelyardctl "
                    + "read scale` before trying again")
        }
    }
}
