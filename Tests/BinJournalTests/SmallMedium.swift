import Foundation
import Glibc
import Testing

/// A small file system of its own, for a medium that fills up or becomes read-only. Needs root.
final class SmallMedium {
    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    /// Whether this process may mount; if not, tests say that they were left out.
    static let mayMount: Bool = {
        guard geteuid() == 0 else { return false }
        // `try?`: any failure means the same.
        return (try? SmallMedium(mebibytes: 1)) != nil
    }()

    let path: String

    init(mebibytes: Int) throws {
        self.path =
            FileManager.default.temporaryDirectory
            .appending(path: "steelyard-medium-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: self.path, withIntermediateDirectories: true)
        guard mount("steelyard", self.path, "tmpfs", 0, "size=\(mebibytes)m,mode=700") == 0 else {
            throw Refused(description: "mount: \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        umount2(self.path, Int32(MNT_DETACH))
        // `try?`: an empty folder in the temporary one hurts nobody.
        try? FileManager.default.removeItem(atPath: self.path)
    }

    var free: Int {
        var status = statvfs()
        guard statvfs(self.path, &status) == 0 else { return 0 }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }

    /// Fills it up but for so many bytes.
    func fill(leaving bytes: Int) throws {
        let filler = open("\(self.path)/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(filler) }
        let size = max(0, Int(lseek(filler, 0, SEEK_END)) + self.free - bytes)
        guard posix_fallocate(filler, 0, off_t(size)) == 0 else {
            throw Refused(description: "the filler of \(size) bytes wasn't taken")
        }
    }

    func empty() { unlink("\(self.path)/filler") }

    func set(readOnly: Bool) throws {
        let flags = UInt(MS_REMOUNT) | (readOnly ? UInt(MS_RDONLY) : 0)
        guard mount("steelyard", self.path, nil, flags, nil) == 0 else {
            throw Refused(description: "remount: \(String(cString: strerror(errno)))")
        }
    }
}
