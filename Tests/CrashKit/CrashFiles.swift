package import BinJournal
import CCrashDisk
package import Records

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The journal's files beside the database, on a crash disk that is mounted at `folder`.
package struct CrashFiles: FileKeeping {
    private final class Lock: FileLocking {}

    private struct Writer: FileWriting {
        let files: CrashFiles
        let path: String

        func write(_ bytes: [UInt8], at offset: Int64) throws(JournalError) {
            try self.files.write(bytes, at: offset, of: self.path)
        }
    }

    let disk: CrashDisk

    package init(disk: CrashDisk) { self.disk = disk }

    private func name(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    private func check(_ code: Int32, _ path: String) throws(JournalError) {
        guard code != 0 else { return }
        throw JournalError(.storage, "\(path): \(String(cString: strerror(-code)))")
    }

    package func read(_ path: String, limit: Int) throws(JournalError) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = ccrashdisk_read(self.disk.raw, self.name(path), &bytes, Int64(limit))
        guard count < 0 else { return Array(bytes.prefix(Int(count))) }
        if count != -ENOENT { try self.check(Int32(clamping: count), path) }
        return nil
    }

    package func create(_ path: String) throws(JournalError) {
        try self.check(ccrashdisk_create(self.disk.raw, self.name(path), 1), path)
    }

    package func touch(_ path: String) throws(JournalError) {
        try self.check(ccrashdisk_create(self.disk.raw, self.name(path), 0), path)
    }

    package func write(_ bytes: [UInt8], at offset: Int64, of path: String) throws(JournalError) {
        let code = ccrashdisk_write(
            self.disk.raw, self.name(path), bytes, Int64(bytes.count), offset)
        try self.check(code, path)
    }

    package func writer(of path: String) -> any FileWriting { Writer(files: self, path: path) }

    package func sync(_ path: String) throws(JournalError) {
        try self.check(ccrashdisk_sync(self.disk.raw, self.name(path)), path)
    }

    package func syncFolder(of path: String) throws(JournalError) {
        try self.check(ccrashdisk_sync_directory(self.disk.raw), path)
    }

    package func rename(_ path: String, to new: String) throws(JournalError) {
        try self.check(ccrashdisk_rename(self.disk.raw, self.name(path), self.name(new)), path)
    }

    package func link(_ path: String, as new: String) throws(JournalError) -> Bool {
        guard self.disk.hasLinks else { return false }
        try self.check(ccrashdisk_link(self.disk.raw, self.name(path), self.name(new)), path)
        return true
    }

    package func unlink(_ path: String) throws(JournalError) {
        let code = ccrashdisk_unlink(self.disk.raw, self.name(path))
        if code != -ENOENT { try self.check(code, path) }
    }

    package func size(_ path: String) -> Int64? {
        let size = ccrashdisk_size(self.disk.raw, self.name(path))
        return size < 0 ? nil : size
    }

    package func names(in folder: String) -> [String] {
        var names: [String] = []
        while let name = ccrashdisk_name(self.disk.raw, Int32(names.count)) {
            names.append(String(cString: name))
        }
        return names.sorted()
    }

    package func freeBytes(at path: String) -> Int64? { self.disk.freeBytes }
    /// The disk itself is the folder, and whoever opened it the only one.
    package func makeFolder(_ path: String) throws(JournalError) {}
    package func lock(_ path: String) throws(JournalError) -> any FileLocking { Lock() }
    package func tighten(_ path: String) -> Bool { true }
}

extension CrashDisk {
    /// What a medium may refuse.
    package enum Refused: CaseIterable, Sendable {
        case writes, syncs, sizes, names, reads

        var mask: Int32 {
            switch self {
            case .writes: Int32(CCRASHDISK_REFUSES_WRITES)
            case .syncs: Int32(CCRASHDISK_REFUSES_SYNCS)
            case .sizes: Int32(CCRASHDISK_REFUSES_SIZES)
            case .names: Int32(CCRASHDISK_REFUSES_NAMES)
            case .reads: Int32(CCRASHDISK_REFUSES_READS)
            }
        }
    }

    /// Lets the medium refuse the `nth` operation of a kind from now on, counted from 1.
    ///
    /// - Parameters:
    ///   - isFull: It refuses with ENOSPC instead of EIO.
    ///   - isForGood: All that follow are refused, too.
    package func refuse(_ kind: Refused, nth: Int, isFull: Bool, isForGood: Bool) {
        ccrashdisk_refuse(
            self.raw, kind.mask, Int64(nth), isFull ? ENOSPC : EIO, isForGood ? 1 : 0)
    }

    package func heal() { ccrashdisk_refuse(self.raw, 0, 0, 0, 0) }

    /// No byte can be written any more into the file that has this name now.
    package func wearOut(_ name: String) { ccrashdisk_wear_out(self.raw, name) }

    /// How often it refused since it was told to.
    package var refused: Int { Int(ccrashdisk_refused(self.raw)) }
}
