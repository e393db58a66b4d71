package import BinCore
package import Records

/// Lets technicians command transmitters: first the bin takes note, then the bus gives the command.
package struct TransmitterDesk: TransmitterServicing {
    private let buses: [any TransmitterCommanding]
    private let bin: any Calibrating
    /// Scales by the compartments that they weigh.
    private let scales: [Name: Name]

    package init(
        _ settings: BinSettings, buses: [any TransmitterCommanding], bin: any Calibrating
    ) {
        self.buses = buses
        self.bin = bin
        self.scales = settings.compartments.mapValues(\.scale)
    }

    package func give(
        _ effect: DeviceCommand.Effect, to name: Name, by person: Attendant
    ) async throws(ServiceFailure) -> Name {
        let entry =
            self.scales[name].map { (key: name, value: $0) }
            ?? self.scales.first { $0.value == name }
        guard let (compartment, scale) = entry else { throw .refused(.noSuchScale) }
        let bus = try await self.bus(that: effect, for: scale)
        do throws(CalibrationFailure) {
            _ = try await self.bin.calibrate(
                compartment, .command(effect), by: person.description)
        } catch { throw .notNoted(error) }
        do throws(CommandRefusal) {
            try await bus.give(effect, to: scale, by: person)
        } catch { throw .refused(error) }
        return compartment
    }

    /// The bus that the scale is on, if it would give the command now.
    private func bus(
        that effect: DeviceCommand.Effect, for scale: Name
    ) async throws(ServiceFailure) -> any TransmitterCommanding {
        for bus in self.buses {
            do throws(CommandRefusal) {
                try await bus.check(effect, for: scale)
                return bus
            } catch {
                guard error == .noSuchScale else { throw .refused(error) }
            }
        }
        throw .refused(.noSuchScale)
    }
}
