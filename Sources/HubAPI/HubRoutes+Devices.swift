import BinCore
import HTTPDoor
import HTTPTypes
import HubCore
import Hummingbird
import Logging
import Records

/// What devices ask for. Each shows its token, and sees nothing but its own.
extension HubRoutes {
    private static let bearer = "bearer "

    func take(
        _ request: Request, for path: String, logger: Logger
    ) async throws -> Response {
        let device = try await self.admit(request, to: path)
        let bytes = try await request.body(limit: Batch.mostBytes)
        switch try await self.store.ingest(bytes, from: device, at: self.now()) {
        case .acknowledged(let acknowledgement, new: _):
            return .bytes(acknowledgement.bytes + [0x0A], type: Self.json)
        case .refused(let refusal):
            Self.log(refusal, of: device, to: logger)
            throw try await self.reply(to: refusal, of: device)
        }
    }

    /// A bin that was set back learns from a fork how far its numbers are used.
    private func reply(to refusal: IngestRefusal, of device: DeviceID) async throws -> ErrorReply {
        var reply = ErrorReply(refusal)
        if case .fork = refusal {
            let held = try await self.store.devices().first { $0.id == device }
            reply.further["have"] = held.map { .integer($0.last) }
        }
        return reply
    }

    /// A fork needs the operator; what else is kept as evidence may; a gap is part of any sync.
    private static func log(_ refusal: IngestRefusal, of device: DeviceID, to logger: Logger) {
        let metadata: Logger.Metadata = [
            "device": "\(device)", "refusal.code": "\(refusal.code)", "refusal": "\(refusal)",
        ]
        if case .fork = refusal {
            logger.error("A device showed two different records", metadata: metadata)
        } else if refusal.isEvidence {
            logger.warning("A batch was refused and kept", metadata: metadata)
        }
    }

    func bulletins(_ request: Request, for path: String) async throws -> Response {
        let device = try await self.admit(request, to: path)
        var have: [BulletinKind: Int64] = [:]
        for kind in BulletinKind.allCases {
            have[kind] = try request.number(kind.rawValue, in: 0...Int64.max)
        }
        let lines = try await self.store.bulletins(for: device, have: have)
        guard !lines.isEmpty else { return Response(status: .noContent) }
        return .compressible(lines, type: Self.lines, for: request)
    }

    /// The device of the path, if the request carries its token.
    ///
    /// What isn't admitted learns nothing of which devices there are: an id that no device has is
    /// answered like one that another device has.
    private func admit(_ request: Request, to path: String) async throws -> DeviceID {
        let shown = request.headers[.authorization].flatMap { value in
            // The scheme's name is case-insensitive (RFC 9110, 11.1).
            value.prefix(Self.bearer.count).lowercased() == Self.bearer
                ? DeviceToken.digest(of: String(value.dropFirst(Self.bearer.count))) : nil
        }
        let device = DeviceID(path)
        var credentials: DeviceCredentials?
        var isKnown = false
        if let shown {
            if let device { credentials = try await self.store.credentials(of: device) }
            isKnown = try await self.store.isToken(shown)
        }
        let access = DeviceAccess.decide(
            shown: shown, expected: credentials?.token,
            isRevoked: credentials?.isRevoked ?? false, isKnown: isKnown)
        switch (access, device) {
        case (.granted, let device?): return device
        case (.revoked, _):
            throw ErrorReply(
                .forbidden, "revoked", "the device is revoked; ask the operator for a new token")
        case (.notThisDevice, _):
            throw ErrorReply(
                .forbidden, "not-this-device",
                "the token belongs to another device than the one in the path")
        case (.unauthorized, _), (.granted, nil):
            throw ErrorReply(
                .unauthorized, "unauthorized",
                "send the token that `steelyard-hub device add` printed as a bearer token")
        }
    }
}

extension ErrorReply {
    init(_ refusal: IngestRefusal) {
        var further = JSONObject()
        let status: HTTPResponse.Status
        switch refusal {
        case .unknownDevice: status = .notFound
        case .revoked, .notThisDevice: status = .forbidden
        case .tooLarge: status = .contentTooLarge
        case .gap(let have):
            status = .conflict
            further["have"] = .integer(have)
        case .fork(let at):
            status = .conflict
            further["at"] = .integer(at)
        case .law(let violation):
            status = .unprocessableContent
            further["at"] = .integer(violation.seq)
            further["law"] = .string(violation.law.rawValue)
        case .implausible(let seq, _):
            status = .unprocessableContent
            further["at"] = .integer(seq)
        case .malformed, .badChain, .badSignature, .wrongKey: status = .unprocessableContent
        }
        self.init(status, refusal.code, refusal.description, further: further)
    }
}
