/// The state of a bin's legally relevant parameters, as an audit finds it in the records.
///
/// The event counter goes up by one with every calibration and with every start at which the
/// parameters differ from those of the start before. Anyone can count it again from the `boot` and
/// `calibration` records.
///
/// Source: the event counters of WELMEC 7.2 (extension L, risk class B and C) and of scales on the
/// market, for instance the "calibration counter" of the HBM WE2108.
package struct LegalMark: Hashable, Sendable {
    /// SHA-256 of `BinSettings.legalText`, lower-case hexadecimal.
    package var parameters: String
    package var events: Int64

    package init(parameters: String, events: Int64) {
        self.parameters = parameters
        self.events = events
    }

    /// The mark of a start with `parameters`, after `last`; the first start is no event.
    package static func starting(with parameters: String, after last: LegalMark?) -> LegalMark {
        guard let last else { return LegalMark(parameters: parameters, events: 0) }
        let isChange = last.parameters != parameters
        return LegalMark(parameters: parameters, events: last.events + (isChange ? 1 : 0))
    }
}

extension BinSettings {
    /// What a configuration says of weighing and of what is weighed, in one order whatever the
    /// file's: each scale with its limits and how it is read, and each compartment's material.
    package var legalText: String {
        let scales = self.scales.values.sorted { $0.name < $1.name }.map { scale in
            "scale \(scale.name) \(scale.limits) \(scale.driver)\n"
        }
        let compartments = self.compartments.values.sorted { $0.name < $1.name }.map {
            "compartment \($0.name) \($0.material) \($0.scale)\n"
        }
        return (scales + compartments).joined()
    }
}
