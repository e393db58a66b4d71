import BinCore

/// Devices that are described by a profile's name.
extension SettingsDraft {
    /// What a profile's mapping has besides `registers`.
    struct Profile {
        let name: Name
        /// In the profile's own file: faults go to its log, not to the configuration's.
        let table: Table
        let draft: SettingsDraft
    }

    private static let keys = [
        "title", "manual", "timeout-ms", "registers", "commands", "unverified",
    ]

    /// The profile that `table` names; `nil` if it names none or none that there is.
    ///
    /// - Parameter read: Reads the profile, with a draft whose faults are the profile's. What it
    ///   returns counts only if there were none.
    func profile<Value>(
        _ kind: ProfileLibrary.Kind, in table: Table, read: (Profile) -> Value?
    ) -> Value? {
        guard let text = table.text("profile", isOptional: true) else { return nil }
        if table.has("registers") {
            self.log.add(
                "`\(table.title)` has both `profile` and `registers`; leave one out",
                at: table.place(of: "profile"))
            return nil
        }
        let log = FaultLog(file: kind.file)
        guard let library = ProfileLibrary.all(kind, log: log), let name = Name(text),
            let entry = library.all.first(where: { $0.key == text }),
            var device = Table(entry.value, title: text, at: entry.place, log: log)
        else {
            self.reportUnknown(text, kind, in: table)
            return nil
        }
        device.allow(Self.keys)
        let draft = SettingsDraft(log: log, file: "")
        let profile = Profile(name: name, table: device, draft: draft)
        let value = draft.isDescribed(device) ? read(profile) : nil
        guard log.isEmpty else {
            // One of ours is wrong; a test reads them all.
            let first = log.faults.faults.first.map(\.description) ?? "it can't be read"
            self.log.add("profile `\(text)` is faulty: \(first)", at: table.place(of: "profile"))
            return nil
        }
        self.warnOfUnverified(device, of: text, at: table.place(of: "profile"))
        return value
    }

    private func reportUnknown(_ text: String, _ kind: ProfileLibrary.Kind, in table: Table) {
        let names = ProfileLibrary.names(kind)
        let nearest = Spelling.hint(for: text, among: names)
        let hint = nearest.isEmpty ? "; known: \(names.joined(separator: ", "))" : nearest
        self.log.add(
            "there is no profile \(Spelling.quoted(text)) of a \(kind.rawValue)\(hint)",
            at: table.place(of: "profile"))
    }

    /// Whether a profile says what it is for and where it is from.
    private func isDescribed(_ device: Table) -> Bool {
        guard let manual = device.table("manual", keys: ["source", "numbers"]),
            device.text("title") != nil, manual.text("source") != nil,
            manual.choice("numbers", of: ManualNumbers.self) != nil
        else { return false }
        return true
    }

    private func warnOfUnverified(_ device: Table, of name: String, at place: Place) {
        for item in device.list("unverified", isOptional: true, of: "texts") ?? [] {
            guard let text = device.text(item, key: "unverified") else { continue }
            self.log.warn("profile `\(name)` has not been verified: \(text)", at: place)
        }
    }

    /// What a profile permits to be written, each with its effect; empty if it lists nothing.
    func commands(in device: Table) -> [DeviceCommand] {
        guard
            let table = device.table(
                "commands", isOptional: true,
                keys: [DeviceCommand.Effect.unlock, .zero, .tare, .eeprom].map(\.rawValue))
        else { return [] }
        return table.all.compactMap { entry in
            DeviceCommand.Effect(rawValue: entry.key)
                .flatMap { self.command(entry.key, effect: $0, in: table) }
        }
    }

    /// The write under `key`.
    func command(
        _ key: String, effect: DeviceCommand.Effect, in parent: Table
    ) -> DeviceCommand? {
        guard let table = parent.table(key, keys: ["function", "address", "values"]) else {
            return nil
        }
        let function = table.choice("function", of: DeviceCommand.Function.self)
        let address = table.integer("address", 0...Self.lastAddress)
        let items = table.list("values", of: "numbers") ?? []
        let values = items.compactMap { item -> UInt16? in
            guard case .scalar(let text, _) = item.content, let value = UInt16(text) else {
                table.refuse(item, "`\(table.path("values"))` must be numbers from 0 to 65535")
                return nil
            }
            return value
        }
        guard let function, let address, !values.isEmpty, values.count == items.count else {
            return nil
        }
        let most =
            switch function {
            case .coil, .register: 1
            case .registers: 123
            }
        let isCoil = function == .coil
        guard values.count <= most, !isCoil || values.allSatisfy({ $0 <= 1 }) else {
            self.log.add(
                "`\(table.title)` has values that its function can't write",
                at: table.place(of: "values"))
            return nil
        }
        return DeviceCommand(
            effect: effect, function: function, address: address, values: values)
    }

    private static let lastAddress = 65_535
}
