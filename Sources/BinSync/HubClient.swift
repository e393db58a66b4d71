package import BinCore
package import HTTPDoor
import HTTPTypes
package import Records

/// What the hub answered to a batch.
package enum BatchAnswer: Sendable {
    case acknowledged(Acknowledgement)
    /// It has records up to `have` only: send from the next one.
    case gap(have: RecordNumber)
    /// It has other records than these, up to `have`; the words are its own.
    case forked(have: RecordNumber, String)
    /// It won't take the batch; the words are its own.
    case refused(String)
}

/// The hub as a bin speaks to it (CONTRACT §10).
package struct HubClient: Sendable {
    private let client: DoorClient
    private let path: String

    package init(_ client: DoorClient, device: DeviceID) {
        self.client = client
        self.path = "/v1/devices/\(device.text)"
    }

    package func send(_ batch: Batch) async throws(DoorError) -> BatchAnswer {
        let reply = try await self.client.send(
            .post, "\(self.path)/batches", body: batch.bytes, type: "application/x-ndjson",
            compressed: true)
        if reply.isSuccess {
            do { return .acknowledged(try Acknowledgement(bytes: reply.body)) } catch {
                return .refused("the hub's answer is \(error)")
            }
        }
        let object = reply.object
        guard reply.status == 409, let have = object["have"]?.integer, have >= 0, have < Int64.max
        else { return .refused(Self.words(of: reply)) }
        return switch object["error"]?.string {
        case "gap": .gap(have: have)
        case "fork": .forked(have: have, Self.words(of: reply))
        default: .refused(Self.words(of: reply))
        }
    }

    /// The bulletins that are newer than `versions`.
    package func bulletins(
        after versions: [BulletinKind: Int64]
    ) async throws(DoorError) -> Result<[Bulletin], RefusedError> {
        let query = BulletinKind.allCases
            .map { "\($0.rawValue)=\(versions[$0] ?? 0)" }.joined(separator: "&")
        let reply = try await self.client.send(.get, "\(self.path)/bulletins?\(query)")
        if reply.status == 204 { return .success([]) }
        guard reply.isSuccess else { return .failure(RefusedError(words: Self.words(of: reply))) }
        do { return .success(try Bulletin.all(in: reply.body)) } catch {
            return .failure(RefusedError(words: "the hub's bulletins: \(error)"))
        }
    }

    /// The hub refused, in its own words.
    package struct RefusedError: Error, Hashable, Sendable {
        package var words: String
    }

    private static func words(of reply: DoorReply) -> String {
        let code = reply.object["error"]?.string ?? "no code"
        let message = reply.object["message"]?.string ?? "no message"
        return "the hub answered \(reply.status) \(code.prefix(64)): \(message.prefix(300))"
    }
}
