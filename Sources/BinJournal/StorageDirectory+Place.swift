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
        try PrivateFile.write([UInt8](repeating: 0, count: Self.startBytes), to: path)
        try PrivateFile.unlink(path)
    }

    private static let startBytes = 256 << 10

    /// Mount options of the storage that break what a commit promises.
    package func mountFault() throws(JournalError) -> FaultFact? {
        guard let table = try PrivateFile.read("/proc/self/mountinfo", limit: Self.longestTable),
            let path = realpath(self.path, nil)
        else { return nil }
        defer { free(path) }
        return MountTable(String(decoding: table, as: UTF8.self)).fault(of: String(cString: path))
    }

    /// Compares the machine with the one that the device's key was made or first used in. A card
    /// that was cloned gives two machines one key: this is what either of them can see of it; the
    /// hub sees two records under one number.
    ///
    /// - Parameter machine: What tells this machine from any other, cards and disks apart.
    package func originFault(machine: String) throws(JournalError) -> FaultFact? {
        let path = "\(self.path)/origin"
        guard let bytes = try PrivateFile.read(path, limit: Self.longestOrigin), !bytes.isEmpty
        else {
            try PrivateFile.write(Array((machine + "\n").utf8), to: path)
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
