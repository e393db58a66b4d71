package import BinCore

/// A part of the simulated hardware that can break.
package enum Part: Hashable, Comparable, Sendable, CustomStringConvertible {
    case bus(Name)
    case scale(Name)
    case reader(Name)

    /// Returns `nil` for a kind that doesn't exist.
    package init?(kind: some StringProtocol, name: Name) {
        switch kind {
        case "bus": self = .bus(name)
        case "scale": self = .scale(name)
        case "reader": self = .reader(name)
        default: return nil
        }
    }

    package var description: String {
        switch self {
        case .bus(let name): "bus \(name)"
        case .scale(let name): "scale \(name)"
        case .reader(let name): "reader \(name)"
        }
    }

    package static func < (left: Part, right: Part) -> Bool {
        left.description < right.description
    }
}

/// How a part is broken.
package enum Fault: String, CaseIterable, Hashable, Sendable {
    /// Unplugged: a device doesn't answer, a bus has no port any more.
    case off
    /// No reply to any request.
    case silent
    /// Replies with a wrong checksum, or random bytes.
    case garbage
    /// Replies that come 100 ms after the bus's timeout.
    case late
    /// The registers keep what they hold.
    case stuck

    /// The word that heals.
    package static let heal = "on"
}

/// One thing that a person, a script or a technician's mishap does to the bin.
package enum Act: Hashable, Sendable {
    /// Holds a card to `reader`; without one, to the first reader by name that is simulated.
    case tap(CardNumber, reader: Name?)
    case put(Name, Milligrams, overMs: Int64)
    case take(Name, Milligrams, overMs: Int64)
    case empty(Name)
    /// `nil` heals.
    case fault(Part, Fault?)
}

extension Act: CustomStringConvertible {
    /// As it is written in a script.
    package var description: String {
        switch self {
        case .tap(let card, let reader):
            "tap \(card)" + (reader.map { " --reader \($0)" } ?? "")
        case .put(let compartment, let mass, let overMs):
            "put \(compartment) \(Thousandths.text(mass.value))" + Self.over(overMs)
        case .take(let compartment, let mass, let overMs):
            "take \(compartment) \(Thousandths.text(mass.value))" + Self.over(overMs)
        case .empty(let compartment):
            "empty \(compartment)"
        case .fault(let part, let fault):
            "fault \(part) \(fault?.rawValue ?? Fault.heal)"
        }
    }

    private static func over(_ milliseconds: Int64) -> String {
        milliseconds == 0 ? "" : " --over \(Thousandths.text(milliseconds))"
    }
}
