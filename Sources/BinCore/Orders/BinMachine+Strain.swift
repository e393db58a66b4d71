/// Scales that deliver, and yet can't be weighed with: they are told of after a while.
///
/// | indication | for longer than `strainMs`, outside collections and calibrations |
/// | --- | --- |
/// | above Max + 9 e | `overload` |
/// | more than 20 divisions below zero | `underload` |
extension BinMachine {
    struct Strain: Hashable, Sendable {
        enum Kind: String, Hashable, Sendable { case overload, underload }

        var kind: Kind
        var since: BootInstant
        var isTold = false
    }

    /// Somebody who leans on the bin, or lifts its bucket, is no fault.
    static let strainMs: Int64 = 60_000

    mutating func followStrain(at now: BootInstant) {
        for (name, compartment) in self.compartments {
            let isServiced = compartment.servicedUntil.map { now < $0 } ?? false
            let kind = self.isCollecting || isServiced ? nil : compartment.strainKind(at: now)
            guard kind != compartment.strain?.kind || compartment.strain?.isTold == false else {
                continue
            }
            var strain = kind.map { kind in
                compartment.strain.flatMap { $0.kind == kind ? $0 : nil }
                    ?? Strain(kind: kind, since: now)
            }
            if let since = strain?.since, now.ms(since: since) >= Self.strainMs {
                strain?.isTold = true
            }
            self.compartments[name]?.strain = strain
        }
    }

    /// Of the scales that were strained long enough.
    var strainFaults: [FaultFact] {
        self.names.compactMap { name in
            guard let strain = self.compartments[name]?.strain, strain.isTold else { return nil }
            let detail =
                switch strain.kind {
                case .overload: "loaded beyond its capacity: have it emptied"
                case .underload: "shows less than nothing: hang its bucket in, or set its zero"
                }
            return FaultFact(
                source: "load \(name)", code: strain.kind.rawValue,
                detail: detail)
        }
    }
}

extension BinMachine.Compartment {
    fileprivate func strainKind(at now: BootInstant) -> BinMachine.Strain.Kind? {
        switch self.scale.weight(at: now) {
        case .overload: .overload
        case .underload: .underload
        case .stable, .moving, .none: nil
        }
    }
}

extension Weight {
    /// Whether what is dropped now can be weighed, or will be once somebody takes something out.
    var canBeServed: Bool {
        switch self {
        case .stable, .moving, .overload: true
        case .underload, .none: false
        }
    }
}
