import BinCore
import Console
import HTTPDoor
import HTTPTypes
import Records

/// Recomputes a journal from the batches that the daemon hands out.
struct JournalVerification {
    struct Verdict {
        var device: DeviceID
        var records: Int64
        /// How many older ones were pruned.
        var pruned: Int64
        var chain: Digest256
        var openOrders: Int
        /// The event counter as the records come to it; `nil` if none of them says anything.
        var events: Int64?

        var text: String {
            "\(self.device): \(self.records) records hold: chain, signatures and laws agree; the "
                + "chain ends in \(self.chain.base64)"
                + (self.pruned > 0 ? "; \(self.pruned) older ones were pruned" : "")
                + (self.openOrders > 0 ? "; an order is open" : "")
        }

        var json: JSONValue {
            [
                "device": .string(self.device.text), "records": .integer(self.records),
                "pruned": .integer(self.pruned), "chain": .string(self.chain.base64),
                "open-orders": .integer(Int64(self.openOrders)),
                "events": self.events.map { .integer($0) } ?? .null, "valid": true,
            ]
        }
    }

    private let daemon: Daemon

    init(_ daemon: Daemon) { self.daemon = daemon }

    /// - Throws: `Failure` with exit code 65 and the first record that breaks something.
    func run() async throws -> Verdict {
        let status = try await self.daemon.object(.get, "/v1/status")
        guard let device = status["device"]?.string.flatMap(DeviceID.init),
            let key = status["key"]?.string.flatMap(VerifyingKey.init(base64:))
        else { throw Failure("the daemon's status names no device or key", .internalError) }
        let queue = status["queue"]?.object ?? JSONObject()
        let pruned = max(0, (queue["first"]?.integer ?? 1) - 1)
        // What goes on after a cut can't be followed to the start: the hub holds what came before.
        var chain = pruned == 0 ? HashChain.start(of: device) : nil
        var laws =
            pruned == 0
            ? LawChecker()
            : LawChecker(after: pruned, levels: [:], openOrders: [:], startsFromZero: false)
        var events = EventCount(startsFromZero: pruned == 0)
        while true {
            let reply = try await self.daemon.send(.get, "/v1/batches?after=\(laws.last)")
            if reply.status == 204 { break }
            let batch: Batch
            do { batch = try Batch(bytes: reply.body) } catch {
                throw Failure("after record \(laws.last): \(error)", .badData)
            }
            guard batch.device == device, batch.first == laws.last + 1 else {
                throw Failure(
                    "after record \(laws.last) comes a batch of \(batch.device) from "
                        + "\(batch.first)", .badData)
            }
            guard chain == nil || batch.prev == chain else {
                throw Failure(
                    "record \(batch.first) doesn't continue the chain of the records before it",
                    .badData)
            }
            guard batch.key == key else {
                throw Failure(
                    "the batch from record \(batch.first) is signed by another key than this bin's",
                    .badData)
            }
            try Self.check(batch, &laws, &events)
            chain = batch.chain
        }
        let end = chain ?? queue["chain"]?.string.flatMap(Digest256.init(base64:))
        return Verdict(
            device: device, records: laws.last - pruned, pruned: pruned,
            chain: end ?? HashChain.start(of: device), openOrders: laws.openOrders.count,
            events: events.mark?.events)
    }

    private static func check(
        _ batch: Batch, _ laws: inout LawChecker, _ events: inout EventCount
    ) throws(Failure) {
        for body in batch.records {
            do {
                let record = try Record(bytes: body)
                try laws.check(record)
                try events.check(record)
            } catch let violation as LawViolation {
                throw Failure(violation.description, .badData)
            } catch {
                throw Failure("record \(laws.last + 1) can't be read: \(error)", .badData)
            }
        }
    }
}
