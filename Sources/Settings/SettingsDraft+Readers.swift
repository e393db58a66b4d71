import BinCore

/// Card readers.
extension SettingsDraft {
    private enum ReaderDriver: String, CaseIterable {
        case modbus, wiegand

        var keys: [String] {
            switch self {
            case .modbus: ["bus", "address", "timeout-ms", "registers", "profile"]
            case .wiegand: ["chip", "d0", "d1", "formats"]
            }
        }
    }

    private enum Presence: String, CaseIterable {
        case level, hold, counter, latched

        /// The keys of what says so.
        var keys: [String] {
            switch self {
            case .level: []
            case .hold: ["hold-ms"]
            case .counter: ["counter"]
            case .latched: ["latch", "clear"]
            }
        }
    }

    /// A UID has at most ten bytes (ISO/IEC 14443-3, triple size).
    private static let mostUIDRegisters = 5
    private static let lastRegister = 65_535

    func reader(_ name: Name, _ table: inout Table) -> ReaderSettings? {
        let known = table.peek("driver").flatMap { ReaderDriver(rawValue: $0) }
        let drivers = known.map { [$0] } ?? ReaderDriver.allCases
        table.allow(["driver"] + drivers.flatMap(\.keys))
        guard let driver = table.choice("driver", of: ReaderDriver.self) else { return nil }
        switch driver {
        case .modbus:
            return self.modbusReader(in: table)
                .map { ReaderSettings(name: name, driver: .modbus($0)) }
        case .wiegand:
            return self.wiegand(in: table).map { ReaderSettings(name: name, driver: .wiegand($0)) }
        }
    }

    /// What is read of a reader, wherever it is described.
    private struct ReaderMap {
        var presence: ModbusReaderSettings.Presence
        var uid: RegisterBlock
        var clear: DeviceCommand?
        var name: Name?
        var timeoutMs: Int?
    }

    private func modbusReader(in table: Table) -> ModbusReaderSettings? {
        let busAddress = self.busAddress(in: table)
        let timeout = self.timeout(in: table)
        let map: ReaderMap?
        if table.has("profile") {
            map = self.profile(.reader, in: table) { profile in
                var map = profile.draft.readerMap(in: profile.table)
                map?.name = profile.name
                map?.timeoutMs = profile.draft.timeout(in: profile.table)
                return map
            }
        } else {
            map = self.readerMap(in: table)
        }
        guard let busAddress, let map else { return nil }
        return ModbusReaderSettings(
            bus: busAddress.bus, address: busAddress.address, presence: map.presence, uid: map.uid,
            clear: map.clear.map { [$0] }, profile: map.name, timeoutMs: timeout ?? map.timeoutMs)
    }

    private func readerMap(in table: Table) -> ReaderMap? {
        guard
            let value = table.value("registers"),
            var map = Table(
                value, title: table.path("registers"), at: table.place(of: "registers"),
                log: self.log)
        else { return nil }
        let known = map.peek("presence").flatMap { Presence(rawValue: $0) }
        let kinds = known.map { [$0] } ?? Presence.allCases
        map.allow(["presence", "uid"] + kinds.flatMap(\.keys))
        let kind = map.choice("presence", of: Presence.self)
        let presence = kind.flatMap { self.presence($0, in: map) }
        let clear =
            map.has("clear") && kind == .latched
            ? self.command("clear", effect: .clear, in: map) : nil
        let uid = self.block("uid", in: map, counted: true)
        guard let presence, let uid, clear != nil || kind != .latched || !map.has("clear") else {
            return nil
        }
        if let clear, !Self.isOwnFlag(clear, of: presence) {
            self.log.add(
                "`\(map.path("clear"))` is written with every card, so it must be a 0 into the "
                    + "register of `latch` or into a coil", at: map.place(of: "clear"))
            return nil
        }
        return ReaderMap(presence: presence, uid: uid, clear: clear)
    }

    /// Whether a write does no more than take the card off. A coil's number doesn't follow from the
    /// register's, but a reader's coil at 0 sets nothing.
    private static func isOwnFlag(
        _ clear: DeviceCommand, of presence: ModbusReaderSettings.Presence
    ) -> Bool {
        guard case .latched(let flag) = presence, clear.values == [0] else { return false }
        switch clear.function {
        case .coil: return true
        case .register, .registers:
            return flag.table == .holding && clear.address == flag.address
        }
    }

    private func presence(_ kind: Presence, in map: Table) -> ModbusReaderSettings.Presence? {
        switch kind {
        case .level:
            return .level
        case .hold:
            // A reader must be asked twice in this time, and no bus asks 20 times a second.
            return map.integer("hold-ms", 100...60_000).map { .hold(ms: $0) }
        case .counter:
            return self.block("counter", in: map, counted: false).map { .counter($0) }
        case .latched:
            guard let block = self.block("latch", in: map, counted: false) else { return nil }
            guard block.table == .holding || map.has("clear") else {
                self.log.add(
                    "`\(map.path("latch"))` is written to 0, so its function must be holding",
                    at: map.place(of: "latch"))
                return nil
            }
            return .latched(block)
        }
    }

    /// `{ function, address }`, and `count` if the block is `counted`; one register otherwise.
    private func block(_ key: String, in map: Table, counted: Bool) -> RegisterBlock? {
        let keys = ["function", "address"] + (counted ? ["count"] : [])
        guard let table = map.table(key, keys: keys) else { return nil }
        let function = table.choice("function", of: RegisterTable.self)
        let count = counted ? table.integer("count", 1...Self.mostUIDRegisters) : 1
        let address = table.integer("address", 0...(Self.lastRegister + 1 - (count ?? 1)))
        guard let function, let address, let count else { return nil }
        return RegisterBlock(table: function, address: address, count: count)
    }
}
