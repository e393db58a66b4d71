import BinCore

/// The register maps of Modbus transmitters.
extension SettingsDraft {
    private static let lastRegister = 65_535

    func modbusScale(in table: Table) -> ModbusScaleSettings? {
        let busAddress = self.busAddress(in: table)
        if table.value("profile", isOptional: true) != nil {
            self.log.add(
                "this version knows no transmitter by its profile; describe it under `registers`",
                at: table.place(of: "profile"))
            return nil
        }
        guard let map = table.table("registers", keys: ["weight", "status"]) else { return nil }
        let weight = self.weight(in: map)
        let status = map.has("status") ? self.status(in: map) : nil
        guard let busAddress, let weight else { return nil }
        if weight.coding == .magnitude32, status?.negative == nil,
            status != nil || !map.has("status")
        {
            self.log.add(
                "type magnitude32 has its sign in a status bit; name it with `negative` under "
                    + "`\(map.path("status"))`", at: map.place(of: "weight"))
            return nil
        }
        return ModbusScaleSettings(
            bus: busAddress.bus, address: busAddress.address,
            registers: ScaleRegisters(weight: weight, status: status))
    }

    private func weight(in map: Table) -> ScaleRegisters.Weight? {
        guard
            let table = map.table(
                "weight", keys: ["function", "address", "type", "order", "scale"])
        else { return nil }
        let function = table.choice("function", of: RegisterTable.self)
        let coding = table.choice("type", of: ScaleRegisters.Coding.self)
        let count = coding?.registerCount ?? 1
        let address = table.integer("address", 0...(Self.lastRegister + 1 - count))
        // One register has no order of words; for two a guess would be wrong by a factor of 65,536.
        let order = table.choice(
            "order", of: ScaleRegisters.WordOrder.self, default: count == 1 ? .big : nil)
        let scale = self.ratio("scale", in: table)
        guard let function, let coding, let address, let order, let scale else { return nil }
        return ScaleRegisters.Weight(
            table: function, address: address, coding: coding, order: order, scale: scale)
    }

    private func status(in map: Table) -> ScaleRegisters.Status? {
        let bits = ["stable", "overload", "error", "negative"]
        guard let table = map.table("status", keys: ["function", "address"] + bits) else {
            return nil
        }
        let function = table.choice("function", of: RegisterTable.self)
        let address = table.integer("address", 0...Self.lastRegister)
        let stable = self.bit("stable", in: table)
        let overload = self.bit("overload", in: table)
        let error = self.bit("error", in: table)
        let negative = self.bit("negative", in: table)
        guard bits.contains(where: table.has) else {
            self.log.add(
                "`\(table.title)` names no bit; give one of \(bits.joined(separator: ", ")), or "
                    + "leave it out", at: table.place)
            return nil
        }
        guard let function, let address else { return nil }
        return ScaleRegisters.Status(
            table: function, address: address, stable: stable, overload: overload, error: error,
            negative: negative)
    }

    /// A bit of a register, `5`, or `!5` if it means the opposite. YAML reads a bare `!5` as a tag.
    private func bit(_ key: String, in table: Table) -> StatusBit? {
        guard let value = table.value(key, isOptional: true) else { return nil }
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
