package import BinCore

/// What truly lies in a compartment: exact milligrams, with the pours under way.
package struct Pile: Hashable, Sendable {
    /// The most that a pile may come to, ±: keeps every sum far inside 64 bits.
    package static let limit = Milligrams(1_000_000_000_000)  // 1,000 t
    /// The most pours that may be under way at once.
    package static let poursMax = 16

    /// Why mass can't come or go.
    package enum Refusal: Error, Hashable, Sendable {
        /// More would be taken than is there.
        case belowNothing
        /// More than `limit` would lie there.
        case aboveLimit
        /// `poursMax` pours are under way.
        case tooManyPours
    }

    /// Mass that comes (or goes, if negative) evenly from `start` on for `durationMs`.
    private struct Pour: Hashable, Sendable {
        let mass: Milligrams
        let start: BootInstant
        let durationMs: Int64

        /// Whole milligrams, cut off towards zero until the pour has ended, then all of it.
        func arrived(at now: BootInstant) -> Milligrams {
            let elapsed = now.ms(since: self.start)
            guard elapsed < self.durationMs else { return self.mass }
            guard elapsed > 0 else { return .zero }
            let share = self.mass.value.multipliedFullWidth(by: elapsed)
            return Milligrams(self.durationMs.dividingFullWidth(share).quotient)
        }
    }

    private var settled: Milligrams
    private var pours: [Pour] = []

    package init(_ mass: Milligrams = .zero) { self.settled = mass }

    /// What lies there once every pour has ended.
    package var final: Milligrams { self.pours.reduce(self.settled) { $0 + $1.mass } }

    /// What lies there at `now`.
    package func mass(at now: BootInstant) -> Milligrams {
        self.pours.reduce(self.settled) { $0 + $1.arrived(at: now) }
    }

    /// What can be taken out at `now`: what has arrived and isn't promised to a pour that goes out.
    package func available(at now: BootInstant) -> Milligrams {
        self.pours.reduce(self.settled) { $0 + ($1.mass < .zero ? $1.mass : $1.arrived(at: now)) }
    }

    /// Whether nothing is being poured at `now`.
    package func isAtRest(at now: BootInstant) -> Bool {
        self.pours.allSatisfy { $0.arrived(at: now) == $0.mass }
    }

    /// Adds `mass`, or takes it away if negative: at once, or evenly over `durationMs`.
    ///
    /// Never leaves less than nothing at any moment: what is still being poured in can't be taken.
    package mutating func add(
        _ mass: Milligrams, overMs durationMs: Int64, at now: BootInstant
    ) throws(Refusal) {
        self.finishPours(at: now)
        let end = self.final.value.addingReportingOverflow(mass.value)
        guard !end.overflow, end.partialValue <= Self.limit.value else { throw .aboveLimit }
        guard mass >= .zero || self.available(at: now) + mass >= .zero else {
            throw .belowNothing
        }
        guard durationMs > 0 else {
            self.settled = self.settled + mass
            return
        }
        guard self.pours.count < Self.poursMax else { throw .tooManyPours }
        self.pours.append(Pour(mass: mass, start: now, durationMs: durationMs))
    }

    /// Takes everything out at once and ends every pour; returns what was there.
    package mutating func empty(at now: BootInstant) -> Milligrams {
        let removed = self.mass(at: now)
        self = Pile()
        return removed
    }

    private mutating func finishPours(at now: BootInstant) {
        for pour in self.pours where pour.arrived(at: now) == pour.mass {
            self.settled = self.settled + pour.mass
        }
        self.pours.removeAll { $0.arrived(at: now) == $0.mass }
    }
}
