import BinCore
import HubCore

/// The hub's figures in the Prometheus text format, version 0.0.4.
enum Metrics {
    static let type = "text/plain; version=0.0.4; charset=utf-8"

    static func text(_ figures: HubFigures) -> String {
        let devices = figures.devices
        let states: [HubDevice.State] = [.active, .revoked, .quarantined]
        return [
            self.metric(
                "devices", "gauge", "Devices by state; a quarantined one needs the operator.",
                states.map { state in
                    ("state=\"\(state.rawValue)\"", Int64(devices.count { $0.state == state }))
                }),
            self.metric(
                "device_last_record", "gauge", "Number of the last record held of a device.",
                devices.map { (self.label($0), $0.last) }),
            self.metric(
                "device_forked", "gauge", "1 if the device showed two records under one number.",
                devices.map { (self.label($0), $0.forkedAt == nil ? 0 : 1) }),
            self.metric(
                "device_refused_batches_total", "counter", "Batches of a device kept as refused.",
                devices.map { (self.label($0), $0.refused) }),
            self.metric(
                "device_received_timestamp_seconds", "gauge",
                "When the last new records of a device came.",
                devices.compactMap { device in
                    device.received.map {
                        (self.label(device), $0.millisecondsSince1970 / 1000)
                    }
                }),
            self.metric(
                "batches_total", "counter", "Batches that brought something new.",
                [("", figures.batches)]),
            self.metric(
                "orders_total", "counter", "Settled orders in the book.", [("", figures.orders)]),
            self.metric(
                "unclaimed_orders", "gauge", "Orders whose card no list gives to an account.",
                [("", figures.unclaimedOrders)]),
        ].joined()
    }

    private static func label(_ device: HubDevice) -> String { "device=\"\(device.id)\"" }

    private static func metric(
        _ name: String, _ type: String, _ help: String, _ samples: [(labels: String, Int64)]
    ) -> String {
        let full = "steelyard_hub_\(name)"
        let lines = samples.map { labels, value in
            labels.isEmpty ? "\(full) \(value)\n" : "\(full){\(labels)} \(value)\n"
        }
        return "# HELP \(full) \(help)\n# TYPE \(full) \(type)\n" + lines.joined()
    }
}
