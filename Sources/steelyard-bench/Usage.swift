import CBareLimits
import Foundation

/// What this process has used so far.
struct Usage {
    /// Handed by SQLite to the system, checkpoints included.
    var bytes: Int64
    /// SQLite's calls of fsync or fdatasync.
    var syncs: Int64
    /// What the system has to write to the medium for it, in whole blocks of its cache; `nil` where
    /// /proc/self/io can't be read. Memory file systems count nothing.
    var deviceBytes: Int64?
    var cpuNs: Int64

    static func now() -> Usage {
        let written = limits_written()
        return Usage(
            bytes: written.bytes, syncs: written.syncs, deviceBytes: Self.readDeviceBytes(),
            cpuNs: Clocks.processCPUNs())
    }

    static func - (left: Usage, right: Usage) -> Usage {
        var deviceBytes: Int64?
        if let after = left.deviceBytes, let before = right.deviceBytes {
            deviceBytes = after - before
        }
        return Usage(
            bytes: left.bytes - right.bytes, syncs: left.syncs - right.syncs,
            deviceBytes: deviceBytes, cpuNs: left.cpuNs - right.cpuNs)
    }

    /// The field `write_bytes`: proc_pid_io(5).
    private static func readDeviceBytes() -> Int64? {
        // `try?`: without the file the figure is unknown, which is said.
        guard let text = try? String(contentsOfFile: "/proc/self/io", encoding: .utf8) else {
            return nil
        }
        return text.split(separator: "\n").first { $0.hasPrefix("write_bytes: ") }
            .flatMap { Int64($0.dropFirst("write_bytes: ".count)) }
    }
}
