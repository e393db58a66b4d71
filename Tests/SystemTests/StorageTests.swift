import Foundation
import Glibc
import Records
import Testing

extension SystemTests {
    /// The daemon on a medium that fails.
    @Suite(
        .serialized,
        .enabled(if: Medium.mayMount, "left out: only root may mount a small file system"))
    struct StorageTests {
        private let card = "uid:04A1B2C3"

        @Test func aFullMediumIsToldBeforeAnythingIsDroppedAndHealsByItself() async throws {
            try await Rig.run { rig in
                let medium = try Medium(at: "\(rig.bin.folder)/store", mebibytes: 64)
                defer { medium.remove() }
                try rig.configure(trust: "")
                _ = try await rig.startBin()
                try medium.fill(leaving: 1 << 20)
                try await rig.bin.shown("out of service") { $0["state"] == "fault" }
                // A card opens nothing, and what is dropped all the same is nobody's.
                try await rig.bin.sim("tap", self.card)
                try await rig.bin.act("put pet 300")
                try await waiting(for: "the weight") {
                    try await rig.bin.journal().of("unattributed").isEmpty ? nil : true
                }.discard()
                try #require(try await rig.bin.journal().of("opened").isEmpty)
                let faults = try await rig.bin.journal().of("fault")
                try #require(faults.contains { $0["source"] == "storage space" })
                try #require(try await rig.bin.status()["state"] == "out-of-service: storage")
                medium.empty()
                try await rig.bin.rest()
                try await rig.bin.greet(self.card)
                try await rig.bin.drop(400, into: "pet")
                try await rig.bin.leave(self.card)
                let cleared = try await rig.bin.journal().of("cleared")
                try #require(cleared.contains { $0["source"] == "storage space" })
                _ = try await rig.bin.ctl("journal", "verify")
            }
        }

        @Test func aMediumThatFillsUpInAnOrderShowsNothingThatItCouldNotStore() async throws {
            try await Rig.run { rig in
                let medium = try Medium(at: "\(rig.bin.folder)/store", mebibytes: 64)
                defer { medium.remove() }
                try rig.configure(trust: "")
                _ = try await rig.startBin()
                try await rig.bin.greet(self.card)
                try medium.fill(leaving: 0)
                // The log's own file may have room for some records yet.
                var dropped: Int64 = 0
                for _ in 0..<200 where try await rig.bin.display()["state"] != "fault" {
                    try await rig.bin.act("put pet 40")
                    dropped += 40
                    try await Task.sleep(for: .milliseconds(500))
                }
                try await rig.bin.shown("out of service") { $0["state"] == "fault" }
                medium.empty()
                try await rig.bin.shown("the order going on") {
                    $0["state"] == "deposit" && $0["order"]?.object?["mass"]?.integer == dropped
                }
                try await rig.bin.leave(self.card)
                let order = try #require(try await rig.bin.journal().of("order").first)
                try #require(order["mass"]?.integer == dropped)
                _ = try await rig.bin.ctl("journal", "verify")
            }
        }

        @Test func aReadOnlyMediumPutsTheBinOutOfServiceUntilItIsWritable() async throws {
            try await Rig.run { rig in
                let medium = try Medium(at: "\(rig.bin.folder)/store", mebibytes: 64)
                defer { medium.remove() }
                try rig.configure(trust: "")
                try medium.set(readOnly: true)
                _ = rig.keep(try await rig.bin.startSimulator())
                let daemon = rig.keep(try rig.bin.startDaemon())
                try await rig.bin.shown("out of service") { $0["state"] == "fault" }
                let status = try await waiting(for: "a status") { try await rig.bin.status() }
                let fault = status["faults"]?.array?.first?.object
                try #require(fault?["code"] == "storage")
                try medium.set(readOnly: false)
                try await rig.bin.rest()
                try await rig.bin.greet(self.card)
                try await rig.bin.drop(400, into: "pet")
                daemon.signal(SIGTERM)
                try #require(try await daemon.wait(seconds: 30) == .exited(0))
            }
        }

        @Test func aDeletedJournalGoesOnWithNewNumbers() async throws {
            try await Rig.run { rig in
                try rig.configure(trust: "")
                let (_, daemon) = try await rig.startBin()
                try await rig.bin.greet(self.card)
                try await rig.bin.drop(400, into: "pet")
                try await rig.bin.leave(self.card)
                let before = try await rig.bin.journal()
                daemon.signal(SIGTERM)
                try #require(try await daemon.wait(seconds: 30) == .exited(0))
                try FileManager.default.removeItem(
                    atPath: "\(rig.bin.folder)/store/journal.sqlite")
                _ = rig.keep(try rig.bin.startDaemon())
                try await rig.bin.rest()
                let after = try await rig.bin.journal()
                // Every number of the lost ones is taken, and the weight is nobody's.
                let lost = after.of("fault").filter { $0["code"] == "lost" }
                try #require(lost.count >= before.count)
                try #require(after.of("unattributed").last?["after"] == 400)
                let faults = try await rig.bin.status()["faults"]?.array ?? []
                try #require(faults.contains { $0.object?["source"] == "storage lost" })
                try await rig.bin.greet(self.card)
                try await rig.bin.drop(200, into: "film")
                try await rig.bin.leave(self.card)
                _ = try await rig.bin.ctl("journal", "verify")
            }
        }
    }

    /// A small file system of its own. Needs root.
    struct Medium {
        /// Whether this process may mount.
        static let mayMount: Bool = {
            guard geteuid() == 0 else { return false }
            let path = FileManager.default.temporaryDirectory
                .appendingPathComponent("sy-mount-\(getpid())").path
            // `try?`: any failure means the same.
            guard let medium = try? Medium(at: path, mebibytes: 1) else { return false }
            medium.remove()
            rmdir(path)
            return true
        }()

        let path: String

        init(at path: String, mebibytes: Int) throws {
            self.path = path
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
            guard mount("steelyard", path, "tmpfs", 0, "size=\(mebibytes)m,mode=700") == 0 else {
                throw Child.Trouble(description: "mount: \(String(cString: strerror(errno)))")
            }
        }

        func remove() { umount2(self.path, Int32(MNT_DETACH)) }

        func fill(leaving bytes: Int) throws {
            var status = statvfs()
            guard statvfs(self.path, &status) == 0 else { return }
            let size = Int(status.f_bavail) * Int(status.f_frsize) - bytes
            let filler = open("\(self.path)/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            defer { close(filler) }
            guard posix_fallocate(filler, 0, off_t(max(0, size))) == 0 else {
                throw Child.Trouble(description: "the filler wasn't taken")
            }
        }

        func empty() { unlink("\(self.path)/filler") }

        func set(readOnly: Bool) throws {
            let flags = UInt(MS_REMOUNT) | (readOnly ? UInt(MS_RDONLY) : 0)
            guard mount("steelyard", self.path, nil, flags, nil) == 0 else {
                throw Child.Trouble(description: "remount: \(String(cString: strerror(errno)))")
            }
        }
    }
}
