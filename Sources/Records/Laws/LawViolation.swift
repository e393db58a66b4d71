package import BinCore

/// The first record that breaks a law of CONTRACT §3, and how.
package struct LawViolation: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Law: String, Sendable {
        /// Numbers without gaps, orders that are opened before they are used.
        case sequence
        /// Every gram is explained (law 2).
        case everyGram = "every-gram"
        /// Every credit is recomputable (law 3).
        case everyCredit = "every-credit"
        /// The event counter goes up with every calibration and every legally relevant change.
        case eventCounter = "event-counter"
    }

    package var seq: RecordNumber
    package var law: Law
    package var problem: String

    package var description: String {
        "record \(self.seq) breaks the law `\(self.law.rawValue)`: \(self.problem)"
    }
}
