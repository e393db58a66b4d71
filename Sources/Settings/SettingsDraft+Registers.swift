import BinCore

/// The register maps of Modbus transmitters.
extension SettingsDraft {
    private static let lastRegister = 65_535

    func modbusScale(in table: Table) -> ModbusScaleSettings? {
        let busAddress = self.busAddress(in: table)
        let timeout = self.timeout(in: table)
        let described: (registers: ScaleRegisters, profile: Name?, commands: [DeviceCommand])?
        let ownTimeout: Int?
        if table.has("profile") {
            let transmitter = self.transmitter(in: table)
            described = transmitter.map { ($0.registers, $0.name, $0.commands) }
            ownTimeout = timeout ?? transmitter?.timeoutMs
        } else {
            for key in ["unit", "decimals"] where table.has(key) {
                self.log.add(
                    "`\(table.path(key))` is for a `profile`; `registers` have their `scale`",
                    at: table.place(of: key))
            }
            described = self.registers(in: table, shown: nil).map { ($0, nil, []) }
            ownTimeout = timeout
        }
        guard let busAddress, let described else { return nil }
        return ModbusScaleSettings(
            bus: busAddress.bus, address: busAddress.address, registers: described.registers,
            profile: described.profile, timeoutMs: ownTimeout, commands: described.commands)
    }

    /// A timeout of a device's own, if it has one.
    func timeout(in table: Table) -> Int? {
        table.has("timeout-ms") ? table.integer("timeout-ms", 10...5000) : nil
    }

    private enum Unit: String, CaseIterable {
        case g, kg

        var grams: Ratio? {
            switch self {
            case .g: Ratio(1, 1)
            case .kg: Ratio(1000, 1)
            }
        }
    }

    private struct Transmitter {
        var name: Name
        var registers: ScaleRegisters
        var timeoutMs: Int?
        var commands: [DeviceCommand]
    }

    /// What the configuration adds to a profile.
    private struct Shown {
        var scale: Ratio
        var decimals: Int?
    }

    private func transmitter(in table: Table) -> Transmitter? {
        let unit = table.choice("unit", of: Unit.self)
        let decimals = table.has("decimals") ? table.integer("decimals", 0...5) : nil
        return self.profile(.transmitter, in: table) { profile in
            let draft = profile.draft
            let mayShow = self.mayShow(decimals, profile, in: table)
            let timeoutMs = draft.timeout(in: profile.table)
            let commands = draft.commands(in: profile.table)
            // Read even if the configuration lacks something, so that a faulty profile is found.
            let scale = unit?.grams ?? Ratio(1, 1)
            let shown = scale.map { Shown(scale: $0, decimals: mayShow ? decimals : 0) }
            let registers = draft.registers(in: profile.table, shown: shown)
            guard unit != nil, mayShow, let registers else { return nil }
            return Transmitter(
                name: profile.name, registers: registers, timeoutMs: timeoutMs, commands: commands)
        }
    }

    /// Whether `decimals` is there if the profile asks for it, and only then.
    private func mayShow(_ decimals: Int?, _ profile: Profile, in table: Table) -> Bool {
        let asks = profile.table.peek(["registers", "weight", "decimals"]) == Self.configured
        switch (asks, table.has("decimals")) {
        case (true, false):
            self.log.add(
                "`\(table.title)` lacks `decimals`: how many digits the display of "
                    + "`\(profile.name)` has behind its point", at: table.place(of: "profile"))
            return false
        case (false, true):
            self.log.add(
                "profile `\(profile.name)` knows where its point is; leave "
                    + "`\(table.path("decimals"))` out", at: table.place(of: "decimals"))
            return false
        case (true, true): return decimals != nil
        case (false, false): return true
        }
    }

    private static let configured = "configured"
    /// What `alive` says of a device that offers nothing.
    private static let nothing = "none"

    /// - Parameter shown: For a profile; `nil` if the registers have their own scale.
    private func registers(in table: Table, shown: Shown?) -> ScaleRegisters? {
        guard let map = table.table("registers", keys: Self.registerKeys) else {
            return nil
        }
        let weight = self.weight(in: map, shown: shown)
        let status = map.has("status") ? self.status(in: map) : nil
        let isSilent = map.peek("alive") == Self.nothing
        let alive = map.has("alive") && !isSilent ? self.liveness(in: map) : nil
        if shown != nil, !map.has("alive") {
            self.log.add(
                "`\(map.title)` must say what moves in a converter that works: `alive`, or "
                    + "`alive: none` if the device offers nothing", at: map.place)
        }
        let temperature = map.has("temperature") ? self.temperature(in: map) : nil
        let atomic = map.choice("atomic", of: Answer.self, default: .no)
        guard let weight, let atomic, status != nil || !map.has("status"),
            alive != nil || isSilent || !map.has("alive"),
            temperature != nil || !map.has("temperature")
        else { return nil }
        if weight.coding == .magnitude32, status?.negative == nil {
            self.log.add(
                "type magnitude32 has its sign in a status bit; name it with `negative` under "
                    + "`\(map.path("status"))`", at: map.place(of: "weight"))
            return nil
        }
        if case .status = weight.decimals, status == nil {
            self.log.add(
                "`\(map.path("weight"))` has its decimals in the status; describe it under "
                    + "`\(map.path("status"))`", at: map.place(of: "weight"))
            return nil
        }
        return ScaleRegisters(
            weight: weight, status: status, liveness: alive, temperature: temperature,
            isAtomic: atomic == .yes)
    }

    private static let registerKeys = ["weight", "status", "alive", "temperature", "atomic"]

    private enum Answer: String, CaseIterable {
        case yes = "true"
        case no = "false"
    }

    private func weight(in map: Table, shown: Shown?) -> ScaleRegisters.Weight? {
        let keys = ["function", "address", "type", "order", "decimals"]
        guard let table = map.table("weight", keys: keys + (shown == nil ? ["scale"] : [])) else {
            return nil
        }
        let function = table.choice("function", of: RegisterTable.self)
        let coding = table.choice("type", of: ScaleRegisters.Coding.self)
        let count = coding?.registerCount ?? 1
        let address = table.integer("address", 0...(Self.lastRegister + 1 - count))
        // One register has no order of words; for two a guess would be wrong by a factor of 65,536.
        let order = table.choice(
            "order", of: ScaleRegisters.WordOrder.self, default: count == 1 ? .big : nil)
        let scale = shown == nil ? self.ratio("scale", in: table) : shown?.scale
        let decimals = self.decimals(in: table, configured: shown?.decimals)
        guard let function, let coding, let address, let order, let scale, let decimals else {
            return nil
        }
        return ScaleRegisters.Weight(
            table: function, address: address, coding: coding, order: order, scale: scale,
            decimals: decimals)
    }

    private func liveness(in map: Table) -> ScaleRegisters.Liveness? {
        guard
            let table = map.table("alive", keys: ["kind", "function", "address", "count", "bits"])
        else { return nil }
        let kind = table.choice("kind", of: ScaleRegisters.Liveness.Kind.self)
        let function = table.choice("function", of: RegisterTable.self)
        let count = table.integer("count", 1...2, default: 1)
        let address = table.integer("address", 0...(Self.lastRegister + 1 - (count ?? 1)))
        let bits = table.has("bits") ? self.bitField("bits", in: table) : .word
        guard let kind, let function, let count, let address, let bits else { return nil }
        return ScaleRegisters.Liveness(
            kind: kind, block: RegisterBlock(table: function, address: address, count: count),
            bits: bits)
    }

    private func temperature(in map: Table) -> ScaleRegisters.Temperature? {
        let keys = ["function", "address", "type", "scale"]
        guard let table = map.table("temperature", keys: keys) else { return nil }
        let function = table.choice("function", of: RegisterTable.self)
        let address = table.integer("address", 0...Self.lastRegister)
        let coding = table.choice("type", of: TemperatureCoding.self)
        let scale = self.ratio("scale", in: table)
        guard let function, let address, coding != nil, let scale else { return nil }
        return ScaleRegisters.Temperature(table: function, address: address, scale: scale)
    }

    private enum TemperatureCoding: String, CaseIterable { case int16 }

    private func status(in map: Table) -> ScaleRegisters.Status? {
        let bits = ["stable", "overload", "error", "negative"]
        guard let table = map.table("status", keys: ["function", "address"] + bits) else {
            return nil
        }
        let function = table.choice("function", of: RegisterTable.self)
        let address = table.integer("address", 0...Self.lastRegister)
        let stable = self.bit("stable", in: table)
        let overload = self.bits("overload", in: table)
        let error = self.bits("error", in: table)
        let negative = self.bit("negative", in: table)
        guard bits.contains(where: table.has) else {
            self.log.add(
                "`\(table.title)` names no bit; give one of \(bits.joined(separator: ", ")), or "
                    + "leave it out", at: table.place)
            return nil
        }
        guard let function, let address, let overload, let error else { return nil }
        return ScaleRegisters.Status(
            table: function, address: address, stable: stable, overload: overload, error: error,
            negative: negative)
    }

    /// A bit of a register, `5`, or `!5` if it means the opposite.
    private func bit(_ key: String, in table: Table) -> StatusBit? {
        table.value(key, isOptional: true).flatMap { self.bit($0, key: key, in: table) }
    }

    /// One bit or a list of them, any of which counts; empty if there is none, `nil` if faulty.
    private func bits(_ key: String, in table: Table) -> [StatusBit]? {
        guard let value = table.value(key, isOptional: true) else { return [] }
        guard case .list(let items) = value.content else {
            return self.bit(value, key: key, in: table).map { [$0] }
        }
        let bits = items.compactMap { self.bit($0, key: key, in: table) }
        return bits.count == items.count ? bits : nil
    }

    /// YAML reads a bare `!5` as a tag.
    private func bit(_ value: DocumentValue, key: String, in table: Table) -> StatusBit? {
        let text: String
        switch value.content {
        case .scalar(let scalar, _): text = scalar
        case .tag(let tag): text = tag
        case .nothing, .list, .mapping, .refused: text = ""
        }
        let isInverted = text.hasPrefix("!")
        let digits = isInverted ? String(text.dropFirst()) : text
        guard let index = Int(digits), String(index) == digits, (0...15).contains(index) else {
            table.refuse(
                value,
                "`\(table.path(key))` must be a bit from 0 to 15, or from !0 to !15 if it "
                    + "means the opposite")
            return nil
        }
        return StatusBit(index: index, inverted: isInverted)
    }

    /// A fraction `a/b` of numbers from 1 to 1,000,000.
    private func ratio(_ key: String, in table: Table) -> Ratio? {
        guard let value = table.value(key) else { return nil }
        if case .scalar(let text, _) = value.content {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            if parts.count == 2, let top = Int64(parts[0]), let bottom = Int64(parts[1]),
                "\(top)/\(bottom)" == text, let ratio = Ratio(top, bottom)
            {
                return ratio
            }
        }
        table.refuse(
            value, "`\(table.path(key))` must be a fraction a/b of numbers from 1 to 1000000")
        return nil
    }
}
