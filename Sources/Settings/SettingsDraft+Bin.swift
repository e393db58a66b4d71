import BinCore
import Foundation

/// What the bin is: device, storage, trust, compartments, feedback, session.
extension SettingsDraft {
    /// An Ed25519 public key has 32 bytes (RFC 8032, 5.1.5).
    private static let publicKeyBytes = 32

    func device(in root: Table) -> (id: DeviceID, community: Name)? {
        guard let table = root.table("device", keys: ["id", "community"]) else { return nil }
        let text = table.text("id")
        let id = text.flatMap { DeviceID($0) }
        if let text, id == nil {
            self.log.add(Table.nameRule(text, shortest: 3), at: table.place(of: "id"))
        }
        guard let community = table.name("community"), let id else { return nil }
        return (id, community)
    }

    func storage(in root: Table) -> StorageSettings? {
        guard let table = root.table("storage", keys: ["directory", "retain-days"]) else {
            return nil
        }
        let directory = self.path("directory", in: table)
        // Three months is what metrology asks of stored results; a hundred years is a slip.
        let days = table.integer("retain-days", 90...36_500, default: 400)
        guard let directory, let days else { return nil }
        return StorageSettings(directory: directory, retainDays: days)
    }

    func trust(in root: Table) -> [String] {
        let items = root.list("trust", isOptional: true, of: "public keys") ?? []
        var keys: [String] = []
        for item in items {
            guard let key = root.text(item, key: "trust") else { continue }
            guard let bytes = Data(base64Encoded: key), bytes.count == Self.publicKeyBytes,
                bytes.base64EncodedString() == key
            else {
                self.log.add(
                    "`trust` must hold Ed25519 public keys, base64 of 32 bytes as "
                        + "`steelyard-hub key` prints them, not \(Spelling.quoted(key))",
                    at: item.place)
                continue
            }
            guard !keys.contains(key) else {
                self.log.add("this key is in `trust` twice", at: item.place)
                continue
            }
            keys.append(key)
        }
        return keys
    }

    func compartment(_ name: Name, _ table: inout Table) -> CompartmentSettings? {
        table.allow(["material", "scale", "lock", "counter", "lid", "fill"])
        let material = table.name("material")
        let scale = table.name("scale")
        if let scale {
            let place = table.place(of: "scale")
            self.claims.refer(to: scale, what: "scale", section: "scales", at: place)
            self.claims.take(.scale(scale.text), for: table.title, at: place)
        }
        let lock = self.lock(in: table)
        let counter = self.counter(in: table)
        let lid = self.lid(in: table)
        let fill = self.fill(in: table)
        guard let material, let scale else { return nil }
        return CompartmentSettings(
            name: name, material: material, scale: scale, lock: lock, counter: counter, lid: lid,
            fill: fill)
    }

    func session(in root: Table) -> SessionSettings {
        guard let table = root.table("session", isOptional: true, keys: ["idle-seconds"]),
            // Less would settle an order between two bottles, more would leave it to the next one.
            let seconds = table.integer("idle-seconds", 5...600, default: 30)
        else { return SessionSettings() }
        return SessionSettings(idleSeconds: seconds)
    }
}
