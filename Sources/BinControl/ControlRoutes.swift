package import BinCore
import HTTPDoor
import HTTPTypes
package import Hummingbird
package import Records

/// What the control socket serves, besides the display (CONTRACT §8).
package struct ControlRoutes: Sendable {
    private static let longestAcknowledgement = 4096

    private let journal: any JournalSharing
    private let bulletins: any BulletinAdopting
    private let uplink: (any Uplinking)?
    private let locks: (any LockControlling)?
    /// The bytes of the active configuration.
    private let configuration: [UInt8]
    private let status: @Sendable () -> BinStatus

    package init(
        journal: any JournalSharing, bulletins: any BulletinAdopting, uplink: (any Uplinking)?,
        locks: (any LockControlling)? = nil, configuration: [UInt8],
        status: @escaping @Sendable () -> BinStatus
    ) {
        self.journal = journal
        self.bulletins = bulletins
        self.uplink = uplink
        self.locks = locks
        self.configuration = configuration
        self.status = status
    }

    package func add(to router: Router<some RequestContext>) {
        router.get("/v1/status") { _, _ in Response.json(self.status().json) }
        router.get("/metrics") { _, _ in
            Response.bytes(
                Array(self.status().prometheus.utf8), type: "text/plain; version=0.0.4")
        }
        router.get("/v1/batches") { request, _ in try await self.batch(request) }
        router.get("/v1/records") { request, _ in try await self.records(request) }
        router.post("/v1/acknowledgements") { request, _ in try await self.acknowledge(request) }
        router.post("/v1/bulletins") { request, _ in try await self.adopt(request) }
        router.get("/v1/configuration") { _, _ in
            Response.bytes(self.configuration, type: "application/yaml")
        }
        router.post("/v1/sync") { _, _ in try await self.sync() }
        if let locks = self.locks { LockRoutes(locks: locks).add(to: router) }
    }

    /// The next batch after a record, or 204 if there is none.
    private func batch(_ request: Request) async throws -> Response {
        let after = try request.number("after", in: 0...Int64.max - 1) ?? 0
        let most = Int64(Batch.mostRecords)
        let limit = try request.number("limit", in: 1...most) ?? most
        return try await Self.wording {
            guard let batch = try await self.journal.batch(after: after, limit: Int(limit)) else {
                return Response(status: .noContent)
            }
            return .compressible(batch.bytes, type: "application/x-ndjson", for: request)
        }
    }

    /// The records from a number on, one a line.
    private func records(_ request: Request) async throws -> Response {
        let first = try request.number("from", in: 1...Int64.max - 1) ?? 1
        let limit = try request.number("limit", in: 1...Int64(Batch.mostRecords)) ?? 100
        return try await Self.wording {
            let records = try await self.journal.records(from: first, limit: Int(limit))
            return .compressible(
                records.flatMap { $0 + [0x0A] }, type: "application/x-ndjson", for: request)
        }
    }

    private func acknowledge(_ request: Request) async throws -> Response {
        let bytes = try await request.body(limit: Self.longestAcknowledgement)
        let acknowledgement: Acknowledgement
        do { acknowledgement = try Acknowledgement(bytes: Self.trimmed(bytes)) } catch {
            throw ErrorReply(.unprocessableContent, "malformed", "\(error)")
        }
        return try await Self.wording {
            try await self.journal.acknowledge(acknowledgement)
            return .json(["acknowledged": .integer(self.journal.queue.acknowledged)])
        }
    }

    private func adopt(_ request: Request) async throws -> Response {
        let bytes = try await request.body(limit: Bulletin.longest + 1024)
        let bulletins: [Bulletin]
        do { bulletins = try Bulletin.all(in: bytes) } catch {
            throw ErrorReply(.unprocessableContent, "malformed", "\(error)")
        }
        var results: [JSONValue] = []
        for bulletin in bulletins {
            let adoption: Adoption
            do {
                adoption = try await Self.wording { try await self.bulletins.adopt(bulletin) }
            } catch let reply as ErrorReply {
                // What was adopted before stays adopted, and is told.
                var reply = reply
                reply.further["bulletins"] = .array(results)
                throw reply
            }
            results.append([
                "kind": .string(bulletin.kind.rawValue), "version": .integer(bulletin.version),
                "result": .string(adoption.rawValue),
            ])
        }
        return .json(["bulletins": .array(results)])
    }

    private func sync() async throws -> Response {
        guard let uplink = self.uplink else {
            throw ErrorReply(
                .conflict, "no-uplink",
                "the configuration names no hub (`uplink`); use `batch export` and `batch ack`")
        }
        let state = await uplink.exchangeNow()
        if let problem = state.problem { throw ErrorReply(.badGateway, "hub", problem) }
        let queue = self.journal.queue
        return .json([
            "acknowledged": .integer(queue.acknowledged), "depth": .integer(queue.depth),
        ])
    }

    /// An acknowledgement may come with the newline of the file or line it was in.
    private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        bytes.last == 0x0A ? Array(bytes.dropLast()) : bytes
    }

    /// Gives the journal's refusals their status.
    private static func wording<Value>(
        _ body: () async throws -> Value
    ) async throws -> Value {
        do { return try await body() } catch let error as JournalError {
            let status: HTTPResponse.Status =
                switch error.code {
                case .stale, .mismatch: .conflict
                case .untrusted: .forbidden
                case .locked, .storage, .replaced: .serviceUnavailable
                case .foreign, .damaged: .internalServerError
                }
            throw ErrorReply(status, error.code.rawValue, error.message)
        }
    }
}
