package import BinCore

extension SimulatedBin {
    /// Does one act. On an error nothing has changed.
    package mutating func perform(
        _ act: Act, at now: BootInstant
    ) throws(SimulationError) {
        try self.check(act)
        switch act {
        case .tap(let card, let reader):
            try self.tap(card, reader: try self.reader(reader), at: now)
        case .put(let compartment, let mass, let overMs):
            try self.move(mass, compartment: compartment, overMs: overMs, at: now)
        case .take(let compartment, let mass, let overMs):
            let out = Milligrams(-mass.value)
            try self.move(out, compartment: compartment, overMs: overMs, at: now)
        case .empty(let compartment):
            self.empty(compartment, at: now)
        case .fault(let part, let fault):
            self.set(fault, on: part, at: now)
        }
    }

    /// What lies in each compartment once every pour has ended.
    package var loads: [Name: Milligrams] { self.piles.mapValues(\.final) }

    /// A reader that is unplugged or stuck sees no card: the hand was there all the same.
    private mutating func tap(
        _ card: CardNumber, reader name: Name, at now: BootInstant
    ) throws(SimulationError) {
        let fault = self.faults[.reader(name)]
        if fault != .off, self.frozen[.reader(name)] == nil {
            guard self.pads[name]?.tap(uid: card.bytes, at: now) == true else {
                throw SimulationError(
                    .refused,
                    "\(CardPad.waitingMax) cards wait at reader \(name) already; "
                        + "is the bin reading it?")
            }
        }
        self.taps[name, default: 0] += 1
    }

    private mutating func move(
        _ mass: Milligrams, compartment: Name, overMs: Int64, at now: BootInstant
    ) throws(SimulationError) {
        guard let scale = self.settings.compartments[compartment]?.scale else { return }
        self.advance(scale: scale, to: now)
        guard self.piles[compartment]?.add(mass, overMs: overMs, at: now) == true else {
            let held = Thousandths.text(self.piles[compartment]?.final.value ?? 0)
            throw SimulationError(
                .refused,
                "compartment \(compartment) holds \(held) g: it can't come to less than nothing, "
                    + "to more than 1000 t, or be poured into \(Pile.poursMax + 1) times at once")
        }
        if overMs == 0 { self.transmitters[scale]?.strike(mass, at: now) }
    }

    private mutating func empty(_ compartment: Name, at now: BootInstant) {
        guard let scale = self.settings.compartments[compartment]?.scale else { return }
        self.advance(scale: scale, to: now)
        let removed = self.piles[compartment]?.empty(at: now) ?? .zero
        self.transmitters[scale]?.strike(Milligrams(-removed.value), at: now)
    }

    private mutating func set(_ fault: Fault?, on part: Part, at now: BootInstant) {
        let wasOff = self.faults[part] == .off
        self.faults[part] = fault
        if wasOff, fault != .off, case .reader(let name) = part, let pad = self.pads[name] {
            // Power back on: a reader remembers nothing.
            self.pads[name] = CardPad(settings: pad.settings)
        }
        for device in self.stations.values {
            guard self.fault(of: device) == .stuck else {
                self.frozen[device] = nil
                continue
            }
            if self.frozen[device] == nil {
                self.frozen[device] = self.image(of: device, at: now)
            }
        }
    }
}
