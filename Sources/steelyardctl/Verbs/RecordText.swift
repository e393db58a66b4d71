import BinCore
import Console
import Records

/// A record in one line, as a technician reads it.
enum RecordText {
    static func line(_ bytes: [UInt8]) -> String {
        do {
            let record = try Record(bytes: bytes)
            let seq = String(record.header.seq)
            let padding = String(repeating: " ", count: max(0, 6 - seq.count))
            return "\(padding)\(seq)  \(record.header.at.rfc3339)  \(Self.text(record.fact))"
        } catch {
            return "?  \(String(decoding: bytes.prefix(200), as: UTF8.self)) (\(error))"
        }
    }

    private static func text(_ fact: Fact) -> String {
        switch fact {
        case .boot(let fact):
            return "boot          \(fact.version), reason \(fact.reason.rawValue)"
        case .clock(let fact):
            return "clock         from \(fact.from.rfc3339) to \(fact.to.rfc3339)"
        case .opened(let fact):
            return "opened        order \(fact.order) by \(fact.card.masked) "
                + "(\(fact.role.rawValue)) at \(fact.reader)"
        case .deposit(let fact): return Self.text(fact)
        case .order(let fact):
            return "order         order \(fact.order): \(fact.deposits) deposits, "
                + "\(fact.mass.value) g, \(fact.value.points) points, \(fact.co2e.value) mg CO2e, "
                + "closed by \(fact.closed.rawValue)"
        case .refused(let fact):
            return "refused       \(fact.card.masked): \(fact.reason.rawValue)"
        case .collection(let fact):
            return "collection    \(fact.compartment): \(fact.removed.value) g removed by "
                + fact.card.masked
        case .unattributed(let fact):
            return
                "unattributed  \(fact.compartment): \(fact.before.value) → \(fact.after.value) g "
                + "(\(fact.cause.rawValue))"
        case .bulletin(let fact):
            return "bulletin      \(fact.kind.rawValue) \(fact.version)"
        case .config(let fact):
            return "config        \(fact.action.rawValue) by \(fact.by)"
        case .calibration(let fact):
            return "calibration   \(fact.compartment) by \(fact.by)"
        case .fault(let fact):
            return "fault         \(fact.source): \(fact.code), \(fact.detail)"
        case .cleared(let fact): return "cleared       \(fact.source): \(fact.code)"
        }
    }

    private static func text(_ fact: DepositFact) -> String {
        let flags = fact.flags.sorted().map(\.rawValue).joined(separator: ",")
        let pieces =
            fact.pieces == 0 ? "" : " + \(fact.pieces) pieces × \(fact.rates.each.value) µCNY"
        return "deposit       order \(fact.order), \(fact.compartment): \(fact.before.value) → "
            + "\(fact.after.value) g, \(fact.mass.value) g × \(fact.rates.price.value)\(pieces) = "
            + "\(fact.value.points) points" + (flags.isEmpty ? "" : " [\(flags)]")
    }
}
