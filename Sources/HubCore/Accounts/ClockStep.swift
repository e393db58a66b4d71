package import BinCore
package import Records

/// A step of a bin's wall clock: a `clock` record, whose header stands for the time after the step.
///
/// A bin has no battery for its clock. What it records before a time server was reached has the
/// best `at` that it knew, and `up`, which is right whatever the wall clock says. The first step of
/// the same start of the machine to a clock that can be trusted tells how far they are apart:
/// `corrected = step.at - (step.up - record.up)`. The record stays as it is.
package struct ClockStep: Hashable, Sendable {
    package var device: DeviceID
    package var header: RecordHeader

    package init(device: DeviceID, header: RecordHeader) {
        self.device = device
        self.header = header
    }

    /// Returns `nil` if `record` is no step of the clock.
    package init?(_ record: Record, of device: DeviceID) {
        guard case .clock = record.fact else { return nil }
        self.init(device: device, header: record.header)
    }
}
