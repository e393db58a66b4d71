package import BinCore
import Glibc

/// How far a load cell is from ideal. Divisions are those of the scale it belongs to.
package struct LoadCellTraits: Hashable, Sendable {
    /// Standard deviation of the noise, in divisions.
    package var noise = 0.1
    /// The mechanical resonance after an impact, hertz.
    package var ringHertz = 7.0
    /// In how many milliseconds the ringing falls to 1/e. 110 ms leaves 1/8,900 after a second:
    /// a dropped kilogram then rings with 0.1 g.
    package var ringDecayMs = 110.0
    /// Amplitude of the ringing per mass that came or went. 1: the plain step response.
    package var ringGain = 1.0
    /// Creep under a steady load, as a share of the load, once complete.
    ///
    /// 60 ppm of 30 kg is 1.8 g, under the 0.735 intervals (here 3.7 g) that OIML R 60-1:2021
    /// allows a class C3 cell in 30 minutes.
    package var creep = 60e-6
    /// In how many milliseconds creep, and its recovery, come within 1/e of complete.
    package var creepMs = 600_000.0
    /// Shift of the zero per degree Celsius, in divisions. OIML R 76-1 allows one division per
    /// 5 °C.
    package var drift = 0.1

    package init() {}
}

/// A load cell in virtual time: what it indicates under a true load.
///
/// It knows no clock: instants come from outside and must not go back.
package struct LoadCell: Hashable, Sendable {
    private struct Impact: Hashable, Sendable {
        let at: BootInstant
        /// Milligrams, negative when something was taken away.
        let mass: Double
    }

    /// Impacts that ring at once; an older one has all but decayed when a ninth comes.
    private static let impactsMax = 8

    package let traits: LoadCellTraits
    /// One division, milligrams.
    private let division: Double
    private let zeroCelsius: Double
    private var impacts: [Impact] = []
    /// Milligrams that creep adds to the indication at `crept`.
    private var creep = 0.0
    private var crept: BootInstant?

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
        if self.impacts.count == Self.impactsMax { self.impacts.removeFirst() }
        self.impacts.append(Impact(at: now, mass: Double(mass.value) * self.traits.ringGain))
    }

    /// What the cell indicates at `now` under `load`, milligrams, rounded to the nearest.
    ///
    /// - Parameters:
    ///   - load: The true load, taken to have been steady since the last call.
    ///   - celsius: The cell's temperature.
    ///   - random: Where the noise of this one sample comes from.
    package mutating func indicate(
        _ load: Milligrams, celsius: Double, at now: BootInstant, random: inout SeededRandom
    ) -> Milligrams {
        self.settleCreep(under: Double(load.value), at: now)
        let drift = (celsius - self.zeroCelsius) * self.traits.drift * self.division
        let noise = random.gaussian() * self.traits.noise * self.division
        let error = self.creep + self.ringing(at: now) + drift + noise
        return load + Milligrams(Int64(error.rounded()))
    }

    /// A damped wave that starts at minus the impact: the indication sets out from the load before
    /// it, overshoots, and comes to rest at the load after it.
    private mutating func ringing(at now: BootInstant) -> Double {
        let negligible = 1.0  // mg
        var sum = 0.0
        var alive: [Impact] = []
        for impact in self.impacts {
            let elapsedMs = Double(now.ms(since: impact.at))
            let amplitude = impact.mass * exp(-elapsedMs / self.traits.ringDecayMs)
            guard abs(amplitude) >= negligible else { continue }
            sum -= amplitude * cos(2 * .pi * self.traits.ringHertz * elapsedMs / 1000)
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
}
