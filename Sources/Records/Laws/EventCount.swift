package import BinCore

/// Counts a bin's legally relevant events again from its records, and checks what they say of it.
///
/// | record | counts |
/// | --- | --- |
/// | `boot` with `parameters`, the first | 0, or what it says after a cut |
/// | `boot` with other `parameters` or another program than the one before | 1 |
/// | `calibration` with `events` | 1 |
///
/// Records of old that carry no counter are passed over.
package struct EventCount: Hashable, Sendable {
    /// What the records up to now come to; `nil` before the first that says anything.
    package private(set) var mark: LegalMark?
    /// Whether it goes on after records that aren't here, in which anything may have been counted.
    private let isOpen: Bool

    /// - Parameter startsFromZero: Whether the journal's first record is the first ever.
    package init(startsFromZero: Bool = true) { self.isOpen = !startsFromZero }

    /// Checks the next record.
    package mutating func check(_ record: Record) throws(LawViolation) {
        switch record.fact {
        case .boot(let fact):
            guard let found = fact.legal else { return }
            let counted = LegalMark.starting(
                with: found.parameters, software: found.software, after: self.mark)
            try self.compare(found.events, with: counted.events, in: record)
            self.mark = found
        case .calibration(let fact):
            guard let found = fact.seal?.events else { return }
            // Before the first `boot` that tells the parameters there is nothing to count from.
            if let mark = self.mark {
                try self.compare(found, with: mark.events + 1, in: record)
                self.mark?.events = found
            }
        case .clock, .opened, .deposit, .order, .refused, .collection, .unattributed, .bulletin,
            .config, .fault, .cleared:
            break
        }
    }

    private func compare(
        _ found: Int64, with counted: Int64, in record: Record
    ) throws(LawViolation) {
        let isKnown = self.mark != nil || !self.isOpen
        guard !isKnown || found == counted else {
            throw LawViolation(
                seq: record.header.seq, law: .eventCounter,
                problem: "`events` is \(found), and the records before it come to \(counted)")
        }
    }
}
