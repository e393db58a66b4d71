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
    /// There are GPIO lines to play on.
    private let hasLines: Bool
    /// By compartment; only those whose scale is simulated.
    var piles: [Name: Pile] = [:]
    var transmitters: [Name: Transmitter] = [:]
    /// Scales and readers on GPIO lines; none unless the kernel has lines to play them on.
    var converters: [Name: CellConverter] = [:]
    var wires: [Name: WiegandSettings] = [:]
    /// Frames that a reader on wires has still to send.
    var frames: [Name: [[Bool]]] = [:]
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
    ///   - hasLines: There are GPIO lines to play on.
    package init(
        settings: BinSettings, seed: UInt64, loads: [Name: Milligrams] = [:],
        traits: LoadCellTraits = LoadCellTraits(), start: BootInstant, hasLines: Bool = false
    ) {
        self.settings = settings
        self.seed = seed
        self.hasLines = hasLines
        self.random = SeededRandom(seed: seed)
        let ambient = AmbientTemperature(dawn: start)
        for (name, scale) in settings.scales {
            let random = self.random.branch("scale \(name)")
            switch scale.driver {
            case .modbus(let place):
                self.transmitters[name] = Transmitter(
                    limits: scale.limits, registers: place.registers, random: random,
                    ambient: ambient, traits: traits)
                self.stations[Station(bus: place.bus, address: place.address)] = .scale(name)
            case .hx711(let lines) where hasLines:
                self.converters[name] = CellConverter(
                    limits: scale.limits, rate: lines.rate, random: random, ambient: ambient,
                    traits: traits)
            case .hx711, .iio: break
            }
        }
        for (name, reader) in settings.readers {
            switch reader.driver {
            case .modbus(let place):
                self.pads[name] = CardPad(settings: place)
                self.stations[Station(bus: place.bus, address: place.address)] = .reader(name)
            case .wiegand(let lines) where hasLines: self.wires[name] = lines
            case .wiegand: continue
            }
            self.taps[name] = 0
        }
        for (name, compartment) in settings.compartments
        where self.isPlayed(scale: compartment.scale) {
            let load = loads[name] ?? .zero
            self.piles[name] = Pile(min(max(load, .zero), Pile.limit))
        }
    }

    /// The parts on GPIO lines that are not played, for want of a kernel with simulated GPIO.
    package var unplayed: [Part] {
        let scales = self.settings.scales.keys.filter { !self.isPlayed(scale: $0) }
        let readers = self.settings.readers.keys.filter { self.taps[$0] == nil }
        return (scales.map(Part.scale) + readers.map(Part.reader)).sorted()
    }

    private func isPlayed(scale: Name) -> Bool {
        self.transmitters[scale] != nil || self.converters[scale] != nil
    }

    /// What a converter on GPIO lines delivers at an instant, ADC counts.
    package mutating func counts(of scale: Name, at now: BootInstant) -> Int64? {
        self.advance(scale: scale, to: now)
        return self.converters[scale]?.counts
    }

    /// The frames that readers on wires have to send now, the bits in their order.
    package mutating func takeFrames() -> [Name: [[Bool]]] {
        defer { self.frames = [:] }
        return self.frames
    }

    /// Whether it has parts on GPIO lines that are played.
    var playsLines: Bool {
        let hasCounter = self.settings.compartments.values.contains { $0.counter != nil }
        return !self.converters.isEmpty || !self.wires.isEmpty || hasCounter && self.hasLines
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
        if var transmitter = self.transmitters[name] {
            transmitter.advance(to: now) { self.load(on: name, at: $0) }
            self.transmitters[name] = transmitter
        }
        if var converter = self.converters[name] {
            converter.advance(to: now) { self.load(on: name, at: $0) }
            self.converters[name] = converter
        }
    }

    /// The fault that a device shows: its bus's, or else its own.
    func fault(of part: Part) -> Fault? {
        self.bus(of: part).flatMap { self.faults[.bus($0)] } ?? self.faults[part]
    }

    func bus(of part: Part) -> Name? {
        self.stations.first { $0.value == part }?.key.bus
    }
}
