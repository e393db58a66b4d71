/// Texts that say what a scale is, the same for the same settings in every version of the software.
extension ScaleSettings {
    /// What a calibration is bound to: the scale's name, its kind of converter, and whatever else
    /// changes what a raw value means.
    ///
    /// | scale | text |
    /// | --- | --- |
    /// | an HX711 clocked by us | `film hx711 gain 128` |
    /// | one of the kernel's driver | `film iio channel A` |
    /// | a transmitter | `pet modbus rs485 1 holding 0 int32 big 1/1 decimals 0` |
    ///
    /// GPIO chips and lines and the kernel's names of devices are left out: they belong to the
    /// header that a converter is plugged into, and another kernel or board gives them other
    /// numbers while the same counts come. A transmitter's address is in it, for that is set in the
    /// transmitter.
    package var converter: String {
        switch self.driver {
        case .hx711(let settings): "\(self.name) hx711 gain \(settings.gain)"
        case .iio(let settings): "\(self.name) iio channel \(settings.channel.rawValue)"
        case .modbus(let settings):
            "\(self.name) modbus \(settings.bus) \(settings.address) "
                + settings.registers.weightText
        }
    }

    /// How it is read, with all that has a say in the weights: for `BinSettings.legalText`.
    var legalText: String {
        switch self.driver {
        case .hx711(let settings):
            "hx711 chip \(settings.chip) clock \(settings.clock) data \(settings.data) "
                + "gain \(settings.gain) rate \(settings.rate)"
        case .iio(let settings):
            "iio \(settings.device) channel \(settings.channel.rawValue) rate \(settings.rate)"
        case .modbus(let settings):
            "modbus \(settings.bus) \(settings.address) " + settings.registers.legalText
        }
    }
}

extension ScaleRegisters {
    /// What makes a mass of the registers.
    fileprivate var weightText: String {
        let weight = self.weight
        var words = [
            "\(weight.table.rawValue) \(weight.address)", weight.coding.rawValue,
            weight.order.rawValue, "\(weight.scale.numerator)/\(weight.scale.denominator)",
            "decimals \(weight.decimals.text)",
        ]
        if weight.coding == .magnitude32, let status = self.status, let sign = status.negative {
            words.append("sign \(status.table.rawValue) \(status.address) \(sign.text)")
        }
        return words.joined(separator: " ")
    }

    fileprivate var legalText: String {
        var words = [self.weightText]
        if let status = self.status {
            words.append("status \(status.table.rawValue) \(status.address)")
            if let stable = status.stable { words.append("stable \(stable.text)") }
            words += status.overload.map { "overload \($0.text)" }
            words += status.error.map { "error \($0.text)" }
            if let negative = status.negative { words.append("negative \(negative.text)") }
        }
        if let live = self.liveness {
            words.append("alive \(live.kind.rawValue) \(live.block.text) \(live.bits.text)")
        }
        if let temperature = self.temperature {
            let ratio = "\(temperature.scale.numerator)/\(temperature.scale.denominator)"
            words.append(
                "temperature \(temperature.table.rawValue) \(temperature.address) \(ratio)")
        }
        if self.isAtomic { words.append("atomic") }
        return words.joined(separator: " ")
    }
}

extension ScaleRegisters.Decimals {
    fileprivate var text: String {
        switch self {
        case .fixed(let count): return "\(count)"
        case .status(let bits): return "status \(bits.text)"
        case .division(let table, let address, let bits, let digits):
            let list = digits.map { "\($0)" }.joined(separator: ",")
            return "division \(table.rawValue) \(address) \(bits.text) \(list)"
        }
    }
}

extension StatusBit {
    /// As in the configuration: `5`, or `!5` if it means the opposite.
    fileprivate var text: String { self.inverted ? "!\(self.index)" : "\(self.index)" }
}

extension BitField {
    /// As in the configuration: `0-7`.
    fileprivate var text: String { "\(self.low)-\(self.low + self.count - 1)" }
}

extension RegisterBlock {
    fileprivate var text: String { "\(self.table.rawValue) \(self.address) \(self.count)" }
}
