import CCrashDisk

/// A disk in memory that notes every operation on it (see `CCrashDisk.h`).
///
/// @unchecked: SQLite's calls and ours come one after the other: a journal has one connection, and
/// the notes are read only while nobody writes.
package final class CrashDisk: @unchecked Sendable {
    /// What was done to the disk, in the order in which it was done.
    package enum Operation: Equatable {
        case create(file: Int, String)
        case delete(file: Int, String)
        case write(file: Int, offset: Int, [UInt8])
        case truncate(file: Int, Int)
        case syncFile(Int)
        case syncDirectory
        case rename(file: Int, from: String, to: String)
        case link(file: Int, String)
    }

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Names and what stands in them.
    package typealias Files = [String: [UInt8]]

    let raw: OpaquePointer
    /// What it says that it has left, bytes.
    package var freeBytes: Int64 = 1 << 40
    /// Whether a file may have two names.
    package var hasLinks = true
    /// What was on it from the start; the numbers of these files count from 0 in this order.
    package let start: [(name: String, bytes: [UInt8])]

    package init(_ files: Files = [:]) throws {
        guard ccrashdisk_install() == 0, let raw = ccrashdisk_make() else {
            throw Failure(description: "SQLite takes no crash disk")
        }
        self.raw = raw
        self.start = files.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        for (name, bytes) in self.start {
            guard ccrashdisk_add(raw, name, bytes, Int64(bytes.count)) >= 0 else {
                throw Failure(description: "there is no room for \(name)")
            }
        }
    }

    deinit { ccrashdisk_free(self.raw) }

    /// Takes the place of the disk that is mounted at `path`.
    package func mount(at path: String) throws {
        guard ccrashdisk_mount(self.raw, path) == 0 else {
            throw Failure(description: "nothing more can be mounted")
        }
    }

    package static func unmount(_ path: String) { ccrashdisk_mount(nil, path) }

    /// The process is gone, and what it wrote is still in the page cache.
    package func disconnect() { ccrashdisk_disconnect(self.raw) }

    /// Whether SQLite has a file open on it.
    package var isInUse: Bool { ccrashdisk_open_files(self.raw) > 0 }

    /// What its files take, bytes.
    package var bytes: Int64 { ccrashdisk_bytes(self.raw) }

    /// Lets its files take no more than this; 0: no limit.
    package func limit(to bytes: Int64) { ccrashdisk_limit(self.raw, bytes) }

    /// How many operations there were.
    package var count: Int { Int(ccrashdisk_count(self.raw)) }

    package subscript(index: Int) -> Operation {
        precondition(index >= 0 && index < self.count, "only what was done is noted")
        let note = ccrashdisk_at(self.raw, Int64(index))
        let bytes = Array(UnsafeBufferPointer(start: note.data, count: Int(note.length)))
        let file = Int(note.file)
        return switch Int(note.kind) {
        case Int(CCRASHDISK_CREATE): .create(file: file, String(decoding: bytes, as: UTF8.self))
        case Int(CCRASHDISK_DELETE): .delete(file: file, String(decoding: bytes, as: UTF8.self))
        case Int(CCRASHDISK_WRITE): .write(file: file, offset: Int(note.offset), bytes)
        case Int(CCRASHDISK_TRUNCATE): .truncate(file: file, Int(note.offset))
        case Int(CCRASHDISK_SYNC_FILE): .syncFile(file)
        case Int(CCRASHDISK_SYNC_DIRECTORY): .syncDirectory
        case Int(CCRASHDISK_LINK): .link(file: file, String(decoding: bytes, as: UTF8.self))
        case Int(CCRASHDISK_RENAME): Self.rename(file, bytes)
        default: preconditionFailure("the disk notes nothing else")
        }
    }

    private static func rename(_ file: Int, _ bytes: [UInt8]) -> Operation {
        let names = bytes.split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        precondition(names.count == 2, "a rename has two names")
        return .rename(file: file, from: names[0], to: names[1])
    }

    /// The files now, with their names, as a process sees them.
    package var everything: Files {
        var medium = Medium(of: self)
        medium.advance(to: self.count)
        return medium.everything()
    }
}
