/// What a medium holds when its power fails: what was synced, and of the rest what happened to be
/// written by then.
///
/// The rules: bytes and the size of a file are certain once the file is synced, names once the
/// directory is. Before that any part of it may be there and any other not, in any order:
/// - each sector that a write touches for itself, and of a sector only its first or last bytes;
/// - a size without the bytes that go with it, with zeros or garbage in their place;
/// - a name without its file's bytes, a deleted name that comes back, a file that was renamed under
///   both names or the old one.
///
/// A sector's bytes that no write touched stay what they were: SQLite relies on that
/// (SQLITE_IOCAP_POWERSAFE_OVERWRITE), and a file system that writes whole blocks grants it.
package struct Medium {
    /// A file's certain bytes, and what was done to it since.
    fileprivate struct File {
        var bytes: [UInt8] = []
        var pending: [Change] = []
    }

    fileprivate enum Change {
        case write(offset: Int, [UInt8])
        case truncate(Int)
    }

    private let disk: CrashDisk
    private var files: [Int: File] = [:]
    private var names: [String: Int] = [:]
    private var pendingNames: [CrashDisk.Operation] = []
    /// How many operations are done.
    package private(set) var position = 0

    package init(of disk: CrashDisk) {
        self.disk = disk
        for (number, file) in disk.start.enumerated() {
            self.files[number] = File(bytes: file.bytes)
            self.names[file.name] = number
        }
    }

    /// Goes on until `position` operations are done; never back.
    package mutating func advance(to position: Int) {
        precondition(position >= self.position, "time doesn't go back")
        while self.position < position {
            let operation = self.disk[self.position]
            self.position += 1
            switch operation {
            case .create(let file, _):
                self.files[file] = File()
                self.pendingNames.append(operation)
            case .delete, .rename, .link: self.pendingNames.append(operation)
            case .write(let file, let offset, let bytes):
                self.files[file]?.pending.append(.write(offset: offset, bytes))
            case .truncate(let file, let size): self.files[file]?.pending.append(.truncate(size))
            case .syncFile(let file): self.files[file]?.sync()
            case .syncDirectory:
                for operation in self.pendingNames { Self.apply(operation, to: &self.names) }
                self.pendingNames = []
            }
        }
    }

    /// What is there after a power cut now.
    package func remains(_ survival: inout Survival) -> CrashDisk.Files {
        var names = self.names
        for operation in self.pendingNames where survival.keeps() {
            Self.apply(operation, to: &names)
        }
        // In the order of their names, so that a seed decides.
        var remains: CrashDisk.Files = [:]
        var bytes: [Int: [UInt8]] = [:]
        for (name, file) in names.sorted(by: { $0.key < $1.key }) {
            // Two names of one file have the same bytes.
            bytes[file] = bytes[file] ?? self.files[file]?.remains(&survival)
            remains[name] = bytes[file]
        }
        return remains
    }

    /// What is there after the process died and the machine went on: the page cache too.
    package func everything() -> CrashDisk.Files {
        var survival = Survival.everything
        return self.remains(&survival)
    }

    private static func apply(_ operation: CrashDisk.Operation, to names: inout [String: Int]) {
        switch operation {
        case .create(let file, let name): names[name] = file
        case .delete(let file, let name): if names[name] == file { names[name] = nil }
        case .link(let file, let name): names[name] = file
        case .rename(let file, let old, let new):
            if names[old] == file { names[old] = nil }
            names[new] = file
        case .write, .truncate, .syncFile, .syncDirectory: break
        }
    }
}

extension Medium.File {
    fileprivate mutating func sync() {
        for change in self.pending {
            switch change {
            case .write(let offset, let bytes): self.bytes.put(bytes[...], at: offset, filler: 0)
            case .truncate(let size): self.bytes.cut(to: size, filler: 0)
            }
        }
        self.pending = []
    }

    fileprivate func remains(_ survival: inout Survival) -> [UInt8] {
        var result = self.bytes
        for change in self.pending {
            switch change {
            case .truncate(let size):
                if survival.keeps() { result.cut(to: size, filler: survival.filler) }
            case .write(let offset, let bytes):
                survival.write(bytes, at: offset, to: &result)
            }
        }
        return result
    }
}

extension [UInt8] {
    /// Writes `bytes` at `offset`; a hole before it is filled.
    mutating func put(_ bytes: ArraySlice<UInt8>, at offset: Int, filler: UInt8) {
        let end = offset + bytes.count
        if end > self.count { self.cut(to: end, filler: filler) }
        self.replaceSubrange(offset..<end, with: bytes)
    }

    /// Makes it `size` long.
    mutating func cut(to size: Int, filler: UInt8) {
        if size < self.count {
            self.removeLast(self.count - size)
        } else {
            self.append(contentsOf: repeatElement(filler, count: size - self.count))
        }
    }
}
