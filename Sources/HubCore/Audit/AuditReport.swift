package import BinCore

/// The first thing that is wrong.
package struct AuditFinding: Error, Hashable, Sendable, CustomStringConvertible {
    package var device: DeviceID?
    package var seq: RecordNumber?
    package var problem: String

    package init(device: DeviceID? = nil, seq: RecordNumber? = nil, _ problem: String) {
        self.device = device
        self.seq = seq
        self.problem = problem
    }

    package var description: String {
        let place = [
            self.device.map { "device \($0)" }, self.seq.map { "record \($0)" },
        ].compactMap { $0 }.joined(separator: ", ")
        return place.isEmpty ? self.problem : "\(place): \(self.problem)"
    }
}

/// What an audit went through, and what it found.
package struct AuditReport: Hashable, Sendable {
    package var devices: Int64 = 0
    package var records: Int64 = 0
    package var batches: Int64 = 0
    package var orders: Int64 = 0
    package var bulletins: Int64 = 0
    /// Devices that are quarantined, and from which record on. Nothing held is wrong with them.
    package var forks: [DeviceID: RecordNumber] = [:]
    /// `nil`: all is as the raw records say.
    package var finding: AuditFinding?

    package init() {}
}
