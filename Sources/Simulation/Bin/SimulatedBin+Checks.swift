import BinCore

extension SimulatedBin {
    /// Whether an act names things that this bin has, whatever is in it now.
    package func check(_ act: Act) throws(SimulationError) {
        switch act {
        case .tap(let card, let reader):
            try self.check(card, reader: try self.reader(reader))
        case .put(let name, _, _), .take(let name, _, _), .empty(let name):
            try self.check(compartment: name)
        case .fault(let part, _):
            try self.check(part)
        }
    }

    private func check(compartment name: Name) throws(SimulationError) {
        guard let compartment = self.settings.compartments[name] else {
            throw Self.unknown("compartment \(name)", known: self.settings.compartments.keys)
        }
        guard self.piles[name] != nil else {
            throw SimulationError(
                .refused,
                "compartment \(name) stands on scale \(compartment.scale) on GPIO lines, "
                    + "which is not simulated; use one whose scale is on a bus")
        }
    }

    /// The reader that a tap without a name goes to: the first by name.
    func reader(_ name: Name?) throws(SimulationError) -> Name {
        guard let reader = name ?? self.taps.keys.min() else {
            throw SimulationError(
                .refused, "no reader of this bin is simulated; configure one on a bus")
        }
        return reader
    }

    private func check(_ card: CardNumber, reader name: Name) throws(SimulationError) {
        guard self.settings.readers[name] != nil else {
            throw Self.unknown("reader \(name)", known: self.settings.readers.keys)
        }
        if let lines = self.wires[name] {
            guard lines.formats.contains(where: { $0.frame(of: card) != nil }) else {
                let names = lines.formats.map(\.name).joined(separator: ", ")
                throw SimulationError(
                    .refused, "reader \(name) delivers \(names), not \(card)")
            }
            return
        }
        guard let pad = self.pads[name] else {
            throw SimulationError(
                .refused, "reader \(name) is on GPIO lines and not simulated; use one on a bus")
        }
        guard card.format == .uid else {
            throw SimulationError(
                .refused,
                "reader \(name) is on Modbus and delivers UIDs, not \(card.format.name): "
                    + "write the card as uid:HEX")
        }
        guard card.bytes.count <= pad.uidBytesMax else {
            throw SimulationError(
                .refused,
                "reader \(name) has registers for UIDs of \(pad.uidBytesMax) bytes and "
                    + "\(card) has \(card.bytes.count): use a shorter one")
        }
    }

    private func check(_ part: Part) throws(SimulationError) {
        switch part {
        case .bus(let name):
            guard self.settings.buses[name] != nil else {
                throw Self.unknown("bus \(name)", known: self.settings.buses.keys)
            }
        case .scale(let name):
            guard self.settings.scales[name] != nil else {
                throw Self.unknown("scale \(name)", known: self.settings.scales.keys)
            }
        case .reader(let name):
            guard self.settings.readers[name] != nil else {
                throw Self.unknown("reader \(name)", known: self.settings.readers.keys)
            }
        }
        guard !self.unplayed.contains(part) else {
            throw SimulationError(
                .refused, "\(part) is on GPIO lines and not simulated; use a part on a bus")
        }
    }

    private static func unknown(
        _ what: String, known: some Sequence<Name>
    ) -> SimulationError {
        let names = known.sorted().map(\.text).joined(separator: ", ")
        return SimulationError(
            .refused,
            "the configuration has no \(what); there "
                + (names.isEmpty ? "is none" : "are \(names)"))
    }
}
