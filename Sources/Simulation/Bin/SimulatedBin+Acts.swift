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
        if let lines = self.wires[name] {
            guard fault == nil else { return self.taps[name, default: 0] += 1 }
            guard let frame = lines.formats.lazy.compactMap({ $0.frame(of: card) }).first else {
                throw SimulationError(.refused, "reader \(name) has no format for \(card)")
            }
            guard self.frames[name, default: []].count < CardPad.waitingMax else {
                throw SimulationError(
                    .refused, "\(CardPad.waitingMax) cards wait at reader \(name) already")
            }
            self.frames[name, default: []].append(frame)
            self.taps[name, default: 0] += 1
            return
        }
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
        do throws(Pile.Refusal) {
            try self.piles[compartment]?.add(mass, overMs: overMs, at: now)
        } catch {
            throw SimulationError(
                .refused,
                "compartment \(compartment): \(self.reason(error, of: compartment, at: now))")
        }
        if overMs == 0 { self.strike(mass, on: scale, at: now) }
    }

    private func reason(
        _ refusal: Pile.Refusal, of compartment: Name, at now: BootInstant
    ) -> String {
        switch refusal {
        case .belowNothing:
            let held = self.piles[compartment]?.available(at: now).value ?? 0
            return "only \(Thousandths.text(held)) g are in it; take less, or `empty` it"
        case .aboveLimit:
            return "more than \(Thousandths.text(Pile.limit.value)) g can't be in it; put less"
        case .tooManyPours:
            return "\(Pile.poursMax) pours are under way; wait for one to end"
        }
    }

    private mutating func empty(_ compartment: Name, at now: BootInstant) {
        guard let scale = self.settings.compartments[compartment]?.scale else { return }
        self.advance(scale: scale, to: now)
        let removed = self.piles[compartment]?.empty(at: now) ?? .zero
        self.strike(Milligrams(-removed.value), on: scale, at: now)
    }

    private mutating func strike(_ mass: Milligrams, on scale: Name, at now: BootInstant) {
        self.transmitters[scale]?.strike(mass, at: now)
        self.converters[scale]?.strike(mass, at: now)
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
