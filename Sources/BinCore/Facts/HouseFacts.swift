/// The kinds of bulletin (CONTRACT §5).
package enum BulletinKind: String, CaseIterable, Sendable {
    case tariff, carbon, cards, policy, notices
}

/// A bulletin was adopted.
package struct BulletinFact: Hashable, Sendable {
    package var kind: BulletinKind
    package var version: Int64
    /// SHA-256 of the bulletin's line without its newline, lower-case hexadecimal.
    package var sha256: String

    package init(kind: BulletinKind, version: Int64, sha256: String) {
        self.kind = kind
        self.version = version
        self.sha256 = sha256
    }
}

/// The configuration changed.
package struct ConfigFact: Hashable, Sendable {
    package enum Action: String, CaseIterable, Sendable { case applied, confirmed, reverted }

    /// Lower-case hexadecimal.
    package var sha256: String
    package var by: String
    package var action: Action

    package init(sha256: String, by: String, action: Action) {
        self.sha256 = sha256
        self.by = by
        self.action = action
    }
}

/// A scale was calibrated. The figures are in the converter's own unit.
package struct CalibrationFact: Hashable, Sendable {
    package var compartment: Name
    package var by: String
    package var zero: Int64
    package var span: Int64
    package var reference: Grams
    /// What was calibrated (`ScaleSettings.converter`); `nil` in records of old.
    package var converter: String?
    /// Which software calibrated, and the event counter from then on; `nil` in records of old.
    package var seal: Seal?

    package struct Seal: Hashable, Sendable {
        package var version: String
        package var events: Int64

        package init(version: String, events: Int64) {
            self.version = version
            self.events = events
        }
    }

    package init(
        compartment: Name, by: String, zero: Int64, span: Int64, reference: Grams,
        converter: String? = nil, seal: Seal? = nil
    ) {
        self.converter = converter
        self.seal = seal
        self.compartment = compartment
        self.by = by
        self.zero = zero
        self.span = span
        self.reference = reference
    }

    /// The record of `calibration`, without a seal.
    package init(_ calibration: Calibration, of compartment: Name, by: String) {
        self.init(
            compartment: compartment, by: by, zero: calibration.zero, span: calibration.span,
            reference: calibration.reference, converter: calibration.converter)
    }
}

/// Something broke, or came back.
package struct FaultFact: Hashable, Sendable {
    /// The part, for instance `scale pet`.
    package var source: String
    /// A short code, for instance `no-reply`.
    package var code: String
    /// What a technician needs; at most 200 bytes are kept.
    package var detail: String

    package init(source: String, code: String, detail: String) {
        self.source = source
        self.code = code
        self.detail = detail
    }
}
