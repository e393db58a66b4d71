package import BinCore

/// What is true inside a simulated bin, whatever its scales and readers say.
package struct SimulationStatus: Hashable, Sendable {
    package struct Compartment: Hashable, Sendable {
        /// The true load now.
        package let load: Milligrams
        /// Something is being poured in or taken out.
        package let isPouring: Bool
        /// What the scale indicates, and its own opinion on rest.
        package let indication: Milligrams
        package let isStable: Bool
    }

    package struct Reader: Hashable, Sendable {
        package let taps: Int
        /// Cards that wait their turn.
        package let waiting: Int
    }

    package let device: DeviceID
    package let seed: UInt64
    package let compartments: [Name: Compartment]
    package let readers: [Name: Reader]
    package let faults: [Part: Fault]
    package let unplayed: [Part]
}

extension SimulatedBin {
    package mutating func status(at now: BootInstant) -> SimulationStatus {
        for name in self.settings.scales.keys { self.advance(scale: name, to: now) }
        for name in self.pads.keys { self.pads[name]?.advance(to: now) }
        var compartments: [Name: SimulationStatus.Compartment] = [:]
        for (name, pile) in self.piles {
            let scale = self.settings.compartments[name]?.scale
            let transmitter = scale.flatMap { self.transmitters[$0] }
            let converter = scale.flatMap { self.converters[$0] }
            compartments[name] = SimulationStatus.Compartment(
                load: pile.mass(at: now), isPouring: !pile.isAtRest(at: now),
                indication: transmitter?.indication ?? converter?.indication ?? .zero,
                isStable: transmitter?.isStable ?? false)
        }
        var readers: [Name: SimulationStatus.Reader] = [:]
        for (name, taps) in self.taps {
            readers[name] = SimulationStatus.Reader(
                taps: taps,
                waiting: self.pads[name]?.waitingCount ?? self.frames[name]?.count ?? 0)
        }
        return SimulationStatus(
            device: self.settings.device, seed: self.seed, compartments: compartments,
            readers: readers, faults: self.faults, unplayed: self.unplayed)
    }
}
