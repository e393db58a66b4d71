package import BinCore

/// The hardware of one bin in virtual time: what lies in it, its devices, and their faults.
///
/// A plain value. Instants come from outside and must not go back; the same settings, seed, acts
/// and requests at the same instants give the same replies.
package struct SimulatedBin: Sendable {
    /// A device's place on the wires.
    struct Station: Hashable, Sendable {
        let bus: Name
        let address: Int
    }

    package let settings: BinSettings
    package let seed: UInt64
    /// By compartment; only those whose scale is simulated.
    var piles: [Name: Pile] = [:]
    var transmitters: [Name: Transmitter] = [:]
    var pads: [Name: CardPad] = [:]
    var stations: [Station: Part] = [:]
    package internal(set) var faults: [Part: Fault] = [:]
    /// The registers of the devices that are stuck.
    var frozen: [Part: RegisterImage] = [:]
    /// Cards held to each reader so far.
    var taps: [Name: Int] = [:]
    /// What garbage is made of.
    var random: SeededRandom

    /// - Parameters:
    ///   - settings: A checked configuration: no address of a bus is used twice.
    ///   - loads: What lies in the compartments at the start; an unknown name is passed over.
    ///   - start: The instant at which the bin's hardware is switched on.
    package init(
        settings: BinSettings, seed: UInt64, loads: [Name: Milligrams] = [:],
        traits: LoadCellTraits = LoadCellTraits(), start: BootInstant
    ) {
        self.settings = settings
        self.seed = seed
        self.random = SeededRandom(seed: seed)
        let ambient = AmbientTemperature(dawn: start)
        for (name, scale) in settings.scales {
            guard case .modbus(let place) = scale.driver else { continue }
            self.transmitters[name] = Transmitter(
                limits: scale.limits, registers: place.registers,
                random: self.random.branch("scale \(name)"), ambient: ambient, traits: traits)
            self.stations[Station(bus: place.bus, address: place.address)] = .scale(name)
        }
        for (name, reader) in settings.readers {
            guard case .modbus(let place) = reader.driver else { continue }
            self.pads[name] = CardPad(settings: place)
            self.taps[name] = 0
            self.stations[Station(bus: place.bus, address: place.address)] = .reader(name)
        }
        for (name, compartment) in settings.compartments
        where self.transmitters[compartment.scale] != nil {
            let load = loads[name] ?? .zero
            self.piles[name] = Pile(min(max(load, .zero), Pile.limit))
        }
    }

    /// The parts on GPIO lines, which need a kernel with simulated GPIO and are not played.
    package var unplayed: [Part] {
        let scales = self.settings.scales.keys.filter { self.transmitters[$0] == nil }
        let readers = self.settings.readers.keys.filter { self.pads[$0] == nil }
        return (scales.map(Part.scale) + readers.map(Part.reader)).sorted()
    }

    /// The true load on a scale at an instant: that of every compartment which stands on it.
    func load(on scale: Name, at now: BootInstant) -> Milligrams {
        self.piles.reduce(.zero) { sum, entry in
            self.settings.compartments[entry.key]?.scale == scale
                ? sum + entry.value.mass(at: now) : sum
        }
    }

    /// Lets a scale take the samples that are due.
    mutating func advance(scale name: Name, to now: BootInstant) {
        guard var transmitter = self.transmitters[name] else { return }
        transmitter.advance(to: now) { self.load(on: name, at: $0) }
        self.transmitters[name] = transmitter
    }

    /// The fault that a device shows: its bus's, or else its own.
    func fault(of part: Part) -> Fault? {
        self.bus(of: part).flatMap { self.faults[.bus($0)] } ?? self.faults[part]
    }

    func bus(of part: Part) -> Name? {
        self.stations.first { $0.value == part }?.key.bus
    }
}
