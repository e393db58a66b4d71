package import BinCore

/// What a medium is mounted as, from the kernel's table (proc(5), /proc/PID/mountinfo).
package struct MountTable {
    /// A commit interval above this delays what the file system owes the medium, seconds; ext4's
    /// own is 5.
    private static let longestCommit = 30

    /// One mount that matters.
    package struct Mount: Hashable, Sendable {
        package var point: String
        package var type: String
        /// The device, `MAJOR:MINOR`.
        package var device: String
        /// Of the mount and of the file system.
        package var options: [String]
    }

    private let mounts: [Mount]

    /// Reads the table's text; lines that can't be read are passed over.
    ///
    /// `36 35 98:0 /root /point rw,noatime master:1 - ext4 /dev/x rw,data=writeback`
    package init(_ text: String) {
        self.mounts = text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3 else {
                return nil
            }
            let options = [fields[5], fields[dash + 3]].flatMap { $0.split(separator: ",") }
            return Mount(
                point: Self.plain(fields[4]), type: String(fields[dash + 1]),
                device: String(fields[2]), options: options.map(String.init))
        }
    }

    /// The mount that a path lies on: the longest one, and of these the last.
    package func mount(of path: String) -> Mount? {
        self.mounts.enumerated().filter { _, mount in
            mount.point == "/" || path == mount.point || path.hasPrefix(mount.point + "/")
        }.max {
            ($0.element.point.utf8.count, $0.offset) < ($1.element.point.utf8.count, $1.offset)
        }?
        .element
    }

    /// Why a commit on this mount may be lost in a power cut although the medium confirmed it.
    ///
    /// - Parameter further: Options that the table doesn't show, such as a file system's defaults.
    package func risks(of mount: Mount, further: [String] = []) -> [String] {
        var risks = Self.risks(of: mount.options + further.filter { !mount.options.contains($0) })
        if Self.unsafeTypes.contains(mount.type) { risks.append(mount.type) }
        // An overlay writes to its upper folder (the kernel's overlayfs.rst).
        if mount.type == "overlay", let upper = mount.options.first(where: Self.isUpper),
            let below = self.mount(of: String(upper.dropFirst(Self.upper.count))),
            Self.inMemory.contains(below.type)
        {
            risks.append("\(upper) on \(below.type)")
        }
        return risks
    }

    private static let upper = "upperdir="
    private static func isUpper(_ option: String) -> Bool { option.hasPrefix(Self.upper) }

    private static func risks(of options: [String]) -> [String] {
        options.filter { option in
            if let seconds = option.split(separator: "=").last.flatMap({ Int($0) }),
                option.hasPrefix("commit=")
            {
                return seconds > Self.longestCommit
            }
            return Self.unsafeOptions.contains(option)
        }
    }

    /// Sources: ext4(5), xfs(5), the kernel's f2fs.rst and overlayfs.rst; DOMAIN §7.4 for databases
    /// lost by them.
    private static let unsafeOptions: Set<String> = [
        "data=writeback", "nobarrier", "barrier=0", "fsync_mode=nobarrier", "journal_async_commit",
        "volatile",
    ]

    /// File systems without a journal, which may not come back from a power cut at all, and those
    /// that are memory.
    private static let unsafeTypes = Self.inMemory.union(["vfat", "exfat", "msdos", "ext2"])
    private static let inMemory: Set<String> = ["tmpfs", "ramfs"]

    /// What a technician should know; `nil` if commits are safe, or nothing is known.
    package func fault(of path: String, further: [String] = []) -> FaultFact? {
        guard let mount = self.mount(of: path) else { return nil }
        let risks = self.risks(of: mount, further: further)
        guard !risks.isEmpty else { return nil }
        return FaultFact(
            source: "storage mount", code: "unsafe-mount",
            detail:
                "\(mount.point) (\(mount.type)) is mounted with \(risks.joined(separator: ", ")): "
                + "a power cut may lose confirmed records; change /etc/fstab")
    }

    /// `\040` and its like are spaces and tabs in the table.
    private static func plain(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                digits.allSatisfy({ (0x30...0x37).contains($0) })
            {
                let value = digits.reduce(0) { $0 * 8 + Int($1 - 0x30) }
                bytes.append(UInt8(truncatingIfNeeded: value))
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
