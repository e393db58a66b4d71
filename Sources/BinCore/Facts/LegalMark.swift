/// The state of a bin's legally relevant parameters and software, as an audit finds it in the
/// records.
///
/// The event counter goes up by one with every calibration and with every start at which the
/// parameters or the software differ from those of the start before. Anyone can count it again from
/// the `boot` and `calibration` records (`EventCount`).
///
/// Source: the event counters of WELMEC 7.2 (extension L, risk class B and C) and of scales on the
/// market, for instance the "calibration counter" of the HBM WE2108; traced updates of OIML D 31.
package struct LegalMark: Hashable, Sendable {
    /// SHA-256 of `BinSettings.legalText`, lower-case hexadecimal.
    package var parameters: String
    /// Which program it was, `Steelyard.identification`; `nil` if that isn't known, as in records
    /// of old.
    package var software: String?
    package var events: Int64

    package init(parameters: String, software: String? = nil, events: Int64) {
        self.parameters = parameters
        self.software = software
        self.events = events
    }

    /// The mark of a start with `parameters` and `software`, after `last`; the first start is no
    /// event, nor is a program that can't be compared with the one before.
    package static func starting(
        with parameters: String, software: String?, after last: LegalMark?
    ) -> LegalMark {
        var mark = LegalMark(parameters: parameters, software: software, events: 0)
        guard let last else { return mark }
        var isOther = last.parameters != parameters
        if let before = last.software, let software, before != software { isOther = true }
        mark.events = last.events + (isOther ? 1 : 0)
        return mark
    }
}

extension BinSettings {
    /// What a configuration says of weighing and of what is weighed, as a text that anyone can make
    /// of it: its SHA-256 is `parameters` of the `boot` records.
    ///
    /// The lines, each ended by a newline, words parted by single spaces, masses in grams unless
    /// said otherwise, scales and then compartments by name:
    ///
    /// ```
    /// steelyard parameters v1
    /// scale NAME max CAPACITY d DIVISION min MINIMUM DRIVER
    /// linearity NAME GRAMS MILLIGRAMS                  one for each point, in their order
    /// temperature NAME MILLIDEGREES MILLIGRAMS PPM     if it is corrected
    /// compartment NAME MATERIAL SCALE [piece GRAMS]    with the least mass of a counted piece
    /// ```
    ///
    /// DRIVER is one of the following. Registers are written as their table and address, bits as in
    /// the configuration; what isn't configured is left out.
    ///
    /// ```
    /// hx711 chip CHIP clock LINE data LINE gain GAIN rate RATE
    /// iio DEVICE channel CHANNEL rate RATE
    /// modbus BUS ADDRESS REGISTER TYPE ORDER SCALE decimals DECIMALS [sign REGISTER BIT]
    ///     [status REGISTER [stable BIT] [overload BIT]… [error BIT]… [negative BIT]]
    ///     [alive KIND REGISTER COUNT BITS] [temperature REGISTER SCALE] [atomic]
    /// DECIMALS: COUNT, or status BITS, or division REGISTER BITS COUNT,COUNT…
    /// ```
    package var legalText: String {
        let scales = self.scales.values.sorted { $0.name < $1.name }
        let compartments = self.compartments.values.sorted { $0.name < $1.name }
        let lines =
            ["steelyard parameters v1"] + scales.flatMap(Self.lines)
            + compartments.map { compartment in
                let piece = compartment.counter.map { " piece \($0.leastPiece.value)" } ?? ""
                return "compartment \(compartment.name) \(compartment.material) "
                    + "\(compartment.scale)\(piece)"
            }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func lines(_ scale: ScaleSettings) -> [String] {
        let limits = scale.limits
        var lines = [
            "scale \(scale.name) max \(limits.capacity.value) d \(limits.division.value) "
                + "min \(limits.minimum.value) \(scale.legalText)"
        ]
        lines += scale.linearity.points.map {
            "linearity \(scale.name) \($0.line.value) \($0.correction.value)"
        }
        if let temperature = scale.temperature {
            lines.append(
                "temperature \(scale.name) \(temperature.reference) \(temperature.zero.value) "
                    + "\(temperature.spanPpm)")
        }
        return lines
    }
}
