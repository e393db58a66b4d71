import BinCore
import HTTPDoor
import HTTPTypes
import Hummingbird
import Records

/// `POST /v1/locks/{compartment}/open` and `…/close`, with `?seconds=N`.
struct LockRoutes: Sendable {
    /// How long a lid is held unless it is said.
    static let standardSeconds: Int64 = 30
    static let longestSeconds: Int64 = 600

    let locks: any LockControlling

    func add(to router: Router<some RequestContext>) {
        router.post("/v1/locks/{compartment}/open") { request, context in
            try self.hold(true, context.parameters.require("compartment"), request)
        }
        router.post("/v1/locks/{compartment}/close") { request, context in
            try self.hold(false, context.parameters.require("compartment"), request)
        }
    }

    private func hold(_ isOpen: Bool, _ text: String, _ request: Request) throws -> Response {
        let seconds =
            try request.number("seconds", in: 1...Self.longestSeconds) ?? Self.standardSeconds
        guard let name = Name(text) else {
            throw ErrorReply(.notFound, "no-compartment", "`\(text)` is not a compartment's name")
        }
        do throws(LockRefusal) {
            let state = try self.locks.hold(name, open: isOpen, forMs: seconds * 1000)
            return .json([
                "compartment": .string(name.text), "open": .bool(isOpen),
                "seconds": .integer(seconds), "resting": .bool(state.isResting),
            ])
        } catch {
            throw Self.reply(error, name)
        }
    }

    private static func reply(_ refusal: LockRefusal, _ name: Name) -> ErrorReply {
        switch refusal {
        case .noCompartment(let known):
            ErrorReply(
                .notFound, "no-compartment",
                "this bin has no compartment `\(name)`; it has "
                    + known.map(\.text).joined(separator: ", "))
        case .noLock:
            ErrorReply(
                .conflict, "no-lock",
                "compartment `\(name)` has no lock; name its line under `compartments.\(name)."
                    + "lock` in the configuration")
        case .failed(let fault):
            ErrorReply(
                .serviceUnavailable, "lock-failed",
                "\(fault.source) can't be driven: \(fault.code), \(fault.detail)")
        }
    }
}

extension LockState {
    func json(at now: BootInstant) -> JSONValue {
        [
            "compartment": .string(self.compartment.text),
            "wanted": .string(self.isOpenWanted ? "open" : "locked"),
            "driven": .bool(self.isDriven),
            "resting": .bool(self.isResting),
            "held-ms": self.hold.map { .integer(max(0, $0.until.ms(since: now))) } ?? .null,
        ]
    }
}
