import BinCore
import Records

/// What is known of a journal without its database: kept in a small file of its own, so that no
/// number is ever used twice, whatever becomes of the database.
struct HighWater: Hashable, Sendable {
    /// A record that the hub acknowledged, and all that is needed to go on after it.
    struct Anchor: Hashable, Sendable {
        var seq: RecordNumber
        var chain: Digest256
        /// What the records up to it add up to; no order was open.
        var memory: BinMemory
        /// The acknowledgement's bytes.
        var acknowledgement: [UInt8]
    }

    var device: DeviceID
    /// Records up to this one were durable.
    var last: RecordNumber
    /// Numbers up to this one may have been used.
    var reserved: RecordNumber
    var boot: Int64
    var anchor: Anchor?

    init(device: DeviceID, last: RecordNumber, boot: Int64) {
        self.device = device
        self.last = last
        self.reserved = last
        self.boot = boot
    }
}

/// `high-water` as text.
extension HighWater {
    var json: JSONValue {
        var object = JSONObject([
            ("steelyard", "high-water"), ("v", 1), ("device", .string(self.device.text)),
            ("last", .integer(self.last)), ("reserved", .integer(self.reserved)),
            ("boot", .integer(self.boot)),
        ])
        if let anchor = self.anchor {
            object["anchor"] = [
                "seq": .integer(anchor.seq), "chain": .string(anchor.chain.base64),
                "memory": anchor.memory.summary,
                "acknowledgement": .string(
                    String(decoding: anchor.acknowledgement, as: UTF8.self)),
            ]
        }
        return .object(object)
    }

    /// Reads what `json` wrote; `nil` if it is anything else.
    init?(json object: JSONObject) {
        guard object["steelyard"]?.string == "high-water", object["v"]?.integer == 1,
            let device = object["device"]?.string.flatMap(DeviceID.init),
            let last = object["last"]?.integer, last >= 0,
            let reserved = object["reserved"]?.integer, reserved >= last,
            let boot = object["boot"]?.integer, (0..<Int64.max).contains(boot)
        else { return nil }
        self.init(device: device, last: last, boot: boot)
        self.reserved = reserved
        guard let value = object["anchor"] else { return }
        guard let anchor = value.object, let seq = anchor["seq"]?.integer, seq >= 1,
            let chain = anchor["chain"]?.string.flatMap(Digest256.init(base64:)),
            let memory = anchor["memory"].flatMap(BinMemory.init(summary:)),
            let text = anchor["acknowledgement"]?.string
        else { return nil }
        self.anchor = Anchor(
            seq: seq, chain: chain, memory: memory, acknowledgement: Array(text.utf8))
    }
}
