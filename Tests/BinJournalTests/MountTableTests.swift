import BinCore
import BinJournal
import Foundation
import Testing

/// Lines as proc(5) describes them, of the kinds of media that bins have.
@Suite struct MountTableTests {
    private let root = "22 1 179:2 / / rw,noatime shared:1 - ext4 /dev/root rw"

    @Test(
        "options that break a commit",
        arguments: [
            ("ext4", "rw", []),
            ("ext4", "rw,data=ordered,commit=5", []),
            ("ext4", "rw,commit=30", []),
            ("ext4", "rw,commit=31", ["commit=31"]),
            ("ext4", "rw,commit=600,data=writeback", ["commit=600", "data=writeback"]),
            ("ext4", "rw,nobarrier", ["nobarrier"]),
            ("ext3", "rw,barrier=0", ["barrier=0"]),
            ("f2fs", "rw,fsync_mode=nobarrier", ["fsync_mode=nobarrier"]),
            ("vfat", "rw", ["vfat"]),
            ("tmpfs", "rw", ["tmpfs"]),
            ("ramfs", "rw", ["ramfs"]),
            ("overlay", "rw,lowerdir=/a,upperdir=/data/up", []),
            ("overlay", "rw,lowerdir=/a,upperdir=/run/up", ["upperdir=/run/up on tmpfs"]),
            ("overlay", "rw,lowerdir=/a,upperdir=/data/up,volatile", ["volatile"]),
        ] as [(String, String, [String])])
    func findsRisks(type: String, options: String, risks: [String]) throws {
        let table = MountTable(
            """
            \(self.root)
            29 22 0:24 / /run rw - tmpfs tmpfs rw
            30 22 8:1 / /var rw,noatime - \(type) /dev/sda1 \(options)
            """)
        let mount = try #require(table.mount(of: "/var/lib/steelyard"))
        #expect(table.risks(of: mount) == risks)
        let fault = table.fault(of: "/var/lib/steelyard")
        #expect(fault?.source == (risks.isEmpty ? nil : "storage mount"))
    }

    @Test(
        "the innermost mount counts, and the last one there",
        arguments: [
            ("/var/lib/steelyard", "/var/lib"), ("/var/library", "/"), ("/var/lib", "/var/lib"),
            ("/media/my card/x", "/media/my card"), ("/home", "/"),
        ])
    func findsTheMount(path: String, point: String) {
        let table = MountTable(
            """
            \(self.root)
            not a mount
            31 22 8:1 / /var/lib rw - ext4 /dev/sda1 rw,data=writeback
            32 22 8:2 / /var/lib rw shared:7 master:1 - ext4 /dev/sda2 rw
            33 22 8:3 / /media/my\\040card rw - vfat /dev/sdb1 rw
            """)
        #expect(table.mount(of: path)?.point == point)
        #expect((table.fault(of: path) != nil) == (point == "/media/my card"))
    }

    /// The table of a machine with many mounts comes in pieces of a page, as this file does.
    @Test func readsAllThatTheKernelHandsOut() throws {
        let path = "/proc/self/smaps"
        let all = try #require(try PrivateFile().read(path, limit: 1 << 24))
        #expect(all.count > 3 * 4096)
        #expect(String(decoding: all, as: UTF8.self).hasSuffix("\n"))
        #expect(try PrivateFile().read(path, limit: 5000)?.count == 5000)
    }

    @Test("a default in ext4's superblock", arguments: ["data=writeback", "data=ordered"])
    func readsDefaults(option: String) throws {
        let storage = try TemporaryStorage()
        let directory = try StorageDirectory(path: storage.path)
        let manager = FileManager.default
        for folder in ["proc/self", "proc/fs/ext4/mmcblk0p2", "sys/dev/block", "sys/mmcblk0p2"] {
            try manager.createDirectory(
                atPath: "\(storage.path)/\(folder)", withIntermediateDirectories: true)
        }
        try manager.createSymbolicLink(
            atPath: "\(storage.path)/sys/dev/block/179:2", withDestinationPath: "../../mmcblk0p2")
        try storage.put(Data(self.root.utf8), "proc/self/mountinfo")
        try storage.put(
            Data("rw\ndelalloc\n\(option)\nbarrier\n".utf8), "proc/fs/ext4/mmcblk0p2/options")
        let fault = try directory.mountFault(root: storage.path)
        #expect((fault?.detail.contains(option) ?? false) == (option == "data=writeback"))
    }
}
