package import BinCore
import Glibc

/// A load cell in virtual time: what it indicates under a true load.
///
/// It knows no clock: instants come from outside and must not go back.
package struct LoadCell: Hashable, Sendable {
    private struct Impact: Hashable, Sendable {
        let at: BootInstant
        /// Milligrams, negative when something was taken away.
        let mass: Double
        /// A shock leaves nothing: it rings around the load as it is.
        let isShock: Bool
    }

    /// Impacts that ring at once; an older one has all but decayed when a ninth comes.
    private static let impactsMax = 8
    /// Over which share of the full load the cell's hysteresis turns from one way to the other.
    private static let turn = 0.1

    package var traits: LoadCellTraits
    /// One division, milligrams.
    private let division: Double
    private let zeroCelsius: Double
    private var impacts: [Impact] = []
    /// Milligrams that creep adds to the indication at `crept`.
    private var creep = 0.0
    private var crept: BootInstant?
    /// The load of the last call as a share of the full load.
    private var share = 0.0
    /// −1 on the way down, 1 on the way up.
    private var way = 0.0
    /// The wind's force at `blown`, milligrams.
    private var wind = 0.0
    private var blown: BootInstant?

    /// - Parameter zeroCelsius: The temperature at which the zero was set.
    package init(
        division: Grams, zeroCelsius: Double, traits: LoadCellTraits = LoadCellTraits()
    ) {
        self.traits = traits
        self.zeroCelsius = zeroCelsius
        self.division = Double(division.milligrams.value)
    }

    /// Tells the cell that `mass` came (or went, if negative) at once.
    package mutating func strike(_ mass: Milligrams, at now: BootInstant) {
        self.add(
            Impact(at: now, mass: Double(mass.value) * self.traits.ringGain, isShock: false))
    }

    /// Tells the cell that something hit it as hard as `mass` does when it is dropped, and left: a
    /// door that slams, a kick.
    package mutating func shock(_ mass: Milligrams, at now: BootInstant) {
        self.add(Impact(at: now, mass: Double(mass.value), isShock: true))
    }

    private mutating func add(_ impact: Impact) {
        if self.impacts.count == Self.impactsMax { self.impacts.removeFirst() }
        self.impacts.append(impact)
    }

    /// What the cell indicates at `now` under `load`, milligrams, rounded to the nearest.
    ///
    /// - Parameters:
    ///   - load: The true load, taken to have been steady since the last call.
    ///   - celsius: The cell's temperature.
    ///   - position: Where it lies.
    ///   - random: Where the noise of this one sample comes from.
    package mutating func indicate(
        _ load: Milligrams, celsius: Double, position: LoadPosition = .centre,
        at now: BootInstant, random: inout SeededRandom
    ) -> Milligrams {
        let mass = Double(load.value)
        self.settleCreep(under: mass, at: now)
        let warmth = celsius - self.zeroCelsius
        let drift = warmth * (self.traits.drift * self.division + mass * self.traits.spanDrift)
        let noise = random.gaussian() * self.traits.noise * self.division
        let curve = self.curve(under: mass) + mass * self.eccentricity(at: position)
        let force = self.ringing(at: now) + self.blow(at: now, random: &random)
        return load + Milligrams(Int64((self.creep + force + curve + drift + noise).rounded()))
    }

    /// How far the cell is from its straight line: a parabola that is 0 at nothing and at the full
    /// load, and hysteresis of the same shape that turns with the load.
    private mutating func curve(under load: Double) -> Double {
        let share = load / (self.traits.fullDivisions * self.division)
        self.way = min(max(self.way + (share - self.share) * 2 / Self.turn, -1), 1)
        self.share = share
        let error = self.traits.nonLinearity - self.traits.hysteresis * self.way
        return error * self.division * 4 * share * (1 - share)
    }

    private func eccentricity(at position: LoadPosition) -> Double {
        zip(position.shares, self.traits.corners).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// A damped wave that starts at minus the impact: the indication sets out from the load before
    /// it, overshoots, and comes to rest at the load after it. A shock sets out from the load as it
    /// is.
    private mutating func ringing(at now: BootInstant) -> Double {
        let negligible = 1.0  // mg
        var sum = 0.0
        var alive: [Impact] = []
        for impact in self.impacts {
            let elapsedMs = Double(now.ms(since: impact.at))
            let amplitude = impact.mass * exp(-elapsedMs / self.traits.ringDecayMs)
            guard abs(amplitude) >= negligible else { continue }
            let phase = 2 * .pi * self.traits.ringHertz * elapsedMs / 1000
            sum += impact.isShock ? amplitude * sin(phase) : -amplitude * cos(phase)
            alive.append(impact)
        }
        self.impacts = alive
        return sum
    }

    private mutating func settleCreep(under load: Double, at now: BootInstant) {
        let elapsedMs = Double(now.ms(since: self.crept ?? now))
        let approach = 1 - exp(-elapsedMs / self.traits.creepMs)
        self.creep += (load * self.traits.creep - self.creep) * approach
        self.crept = now
    }

    /// A force that wanders around none (an Ornstein–Uhlenbeck process, exact for any step).
    private mutating func blow(at now: BootInstant, random: inout SeededRandom) -> Double {
        guard self.traits.wind > 0 else { return 0 }
        let elapsedMs = self.blown.map { Double(now.ms(since: $0)) } ?? .infinity
        let kept = exp(-elapsedMs / self.traits.windMs)
        let fresh = (1 - kept * kept).squareRoot() * self.traits.wind * self.division
        self.wind = self.wind * kept + random.gaussian() * fresh
        self.blown = now
        return self.wind
    }
}
