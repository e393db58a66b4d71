import BinCore
import Records

/// The Prometheus text exposition of a status (version 0.0.4).
extension BinStatus {
    package var prometheus: String {
        var text = PrometheusText()
        text.gauge("steelyard_journal_last", "Number of the newest record.", self.queue.last)
        text.gauge(
            "steelyard_journal_acknowledged", "Newest record that the hub holds.",
            self.queue.acknowledged)
        text.gauge("steelyard_queue_depth", "Records still to be sent.", self.queue.depth)
        text.gauge(
            "steelyard_uplink_failures", "Failed hub exchanges since the last good one.",
            Int64(self.uplink.failures))
        if let storage = self.storage {
            text.gauge("steelyard_storage_free_bytes", "Free on the medium.", storage.free)
        }
        if let days = self.storageDays {
            text.gauge("steelyard_storage_days", "Days of room at this bin's own rate.", days)
        }
        text.gauge("steelyard_faults", "Parts that are broken.", Int64(self.faults.count))
        text.counter(
            "steelyard_events_dropped_total", "Events lost to a full mailbox.", self.dropped)
        text.gauge(
            "steelyard_clock_synced", "1 while a time server keeps the clock.",
            self.moment.clock == .synced ? 1 : 0)
        let devices = self.devices
        text.family(
            "steelyard_part_polls_total", "Requests to a part.", "counter",
            devices.map { ($0.part, $0.polls) })
        text.family(
            "steelyard_part_timeouts_total", "Requests without an answer.", "counter",
            devices.map { ($0.part, $0.timeouts) })
        text.family(
            "steelyard_part_bad_frames_total", "Answers that were no good frame.", "counter",
            devices.map { ($0.part, $0.badFrames) })
        text.family(
            "steelyard_part_exceptions_total", "Modbus exceptions.", "counter",
            devices.map { ($0.part, $0.exceptions) })
        text.family(
            "steelyard_part_working", "1 while a part answers.", "gauge",
            devices.map { ($0.part, $0.state == .working ? 1 : 0) })
        return text.text
    }
}

/// Writes metric families one after the other.
struct PrometheusText {
    private(set) var text = ""

    mutating func gauge(_ name: String, _ help: String, _ value: Int64) {
        self.head(name, help, "gauge")
        self.text += "\(name) \(value)\n"
    }

    mutating func counter(_ name: String, _ help: String, _ value: Int64) {
        self.head(name, help, "counter")
        self.text += "\(name) \(value)\n"
    }

    /// A family with one sample for each part. Parts are names of the configuration, so that none
    /// needs escaping.
    mutating func family(
        _ name: String, _ help: String, _ type: String, _ samples: [(part: String, value: Int64)]
    ) {
        guard !samples.isEmpty else { return }
        self.head(name, help, type)
        for sample in samples { self.text += "\(name){part=\"\(sample.part)\"} \(sample.value)\n" }
    }

    private mutating func head(_ name: String, _ help: String, _ type: String) {
        self.text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }
}
