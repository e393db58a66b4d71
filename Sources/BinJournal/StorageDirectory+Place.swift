package import BinCore
package import Records

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Where the storage lies: on which mount, and in which machine.
extension StorageDirectory {
    private static let longestTable = 1 << 20
    private static let longestOrigin = 256

    /// Whether the medium takes what a start writes, and a little more.
    package func tryOut() throws(JournalError) {
        let path = "\(self.path)/room"
        try self.files.replace(path, with: [UInt8](repeating: 0, count: Self.startBytes))
        try self.files.unlink(path)
    }

    private static let startBytes = 256 << 10

    /// Mount options of the storage that break what a commit promises.
    ///
    /// - Parameter root: Where `proc` and `sys` are, for tests.
    package func mountFault(root: String = "") throws(JournalError) -> FaultFact? {
        let system = PrivateFile()
        guard
            let table = try system.read(
                "\(root)/proc/self/mountinfo", limit: Self.longestTable),
            let path = realpath(self.path, nil)
        else { return nil }
        defer { free(path) }
        let mounts = MountTable(String(decoding: table, as: UTF8.self))
        let place = String(cString: path)
        return mounts.fault(of: place, further: Self.defaults(of: mounts.mount(of: place), root))
    }

    /// ext4 shows what is its own default only in a file of its own: `data=writeback` may have been
    /// written into its superblock (tune2fs(8), -o).
    private static func defaults(of mount: MountTable.Mount?, _ root: String) -> [String] {
        guard let mount, mount.type.hasPrefix("ext"),
            let device = realpath("\(root)/sys/dev/block/\(mount.device)", nil)
        else { return [] }
        defer { free(device) }
        let name = String(cString: device).split(separator: "/").last ?? ""
        // `try?`: what can't be read says nothing.
        let text = try? PrivateFile().read(
            "\(root)/proc/fs/ext4/\(name)/options", limit: Self.longestTable)
        return String(decoding: text ?? [], as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Compares the machine with the one that the device's key was made or first used in. A card
    /// that was cloned gives two machines one key: this is what either of them can see of it; the
    /// hub sees two records under one number.
    ///
    /// - Parameter machine: What tells this machine from any other, cards and disks apart.
    package func originFault(machine: String) throws(JournalError) -> FaultFact? {
        let path = "\(self.path)/origin"
        guard let bytes = try self.files.read(path, limit: Self.longestOrigin), !bytes.isEmpty
        else {
            try self.files.replace(path, with: Array((machine + "\n").utf8))
            return nil
        }
        let origin = String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
        guard origin != machine else { return nil }
        return FaultFact(
            source: "storage origin", code: "moved",
            detail:
                "this storage was \(origin)'s and is now in \(machine): if the card was cloned, "
                + "stop one of them; if it was moved for good, remove the file `origin`")
    }
}
