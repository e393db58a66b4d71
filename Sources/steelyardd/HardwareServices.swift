import BinCore
import BinHardware
import Logging
import ServiceLifecycle

extension BinSettings {
    /// What drives the bin's parts: one service a bus, converter or reader on lines of its own.
    func hardware(
        listener: any HardwareListening, wear: any WearRemembering, clock: any MonotonicClock,
        logger: Logger
    ) -> [any Service & HealthReporting] {
        let scales = self.scales.values.sorted { $0.name < $1.name }
        let readers = self.readers.values.sorted { $0.name < $1.name }
        var services: [any Service & HealthReporting] = []
        for bus in self.buses.values.sorted(by: { $0.name < $1.name }) {
            services.append(
                ModbusBus(
                    settings: bus, scales: scales, readers: readers, listener: listener,
                    wear: wear, clock: clock, logger: logger))
        }
        for scale in scales {
            switch scale.driver {
            case .modbus: break
            case .hx711(let settings):
                services.append(
                    HX711Converter(
                        scale: scale.name, settings: settings, listener: listener, clock: clock,
                        logger: logger))
            case .iio(let settings):
                services.append(
                    IIOConverter(
                        scale: scale.name, settings: settings, listener: listener, clock: clock,
                        logger: logger))
            }
        }
        for reader in readers {
            switch reader.driver {
            case .modbus: break
            case .wiegand(let settings):
                services.append(
                    WiegandReader(
                        reader: reader.name, settings: settings, listener: listener,
                        clock: clock, logger: logger))
            }
        }
        if self.hasInputs {
            services.append(
                InputPanel(settings: self, listener: listener, clock: clock, logger: logger))
        }
        return services
    }
}
