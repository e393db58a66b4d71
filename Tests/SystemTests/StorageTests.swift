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
                let dropped = try await self.dropUntilRefused(rig.bin)
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

        /// The daemon starts again without the machine: nothing but its first record shows it that
        /// the medium is full.
        @Test func aRestartOnAFullMediumIsServedByItselfOnceThereIsRoom() async throws {
            try await Rig.run { rig in
                let medium = try Medium(at: "\(rig.bin.folder)/store", mebibytes: 64)
                defer { medium.remove() }
                try rig.configure(trust: "")
                let (_, first) = try await rig.startBin()
                try await rig.bin.greet(self.card)
                try await rig.bin.drop(400, into: "pet")
                first.signal(SIGTERM)
                try #require(try await first.wait(seconds: 30) == .exited(0))
                try medium.fill(leaving: 0)
                let daemon = rig.keep(try rig.bin.startDaemon())
                let fault = try await waiting(for: "a status") {
                    try await rig.bin.status()["faults"]?.array?.first?.object
                }
                try #require(fault["source"] == "journal")
                medium.empty()
                try await rig.bin.rest()
                try await rig.bin.greet(self.card)
                try await rig.bin.drop(300, into: "pet")
                try await rig.bin.leave(self.card)
                // The outage stands in the journal, and is over.
                let journal = try await rig.bin.journal()
                for kind in ["fault", "cleared"] {
                    let told = journal.of(kind).filter { $0["source"] == "journal" }
                    try #require(told.count == 1)
                    try #require(told.first?["detail"]?.string?.contains("since 20") == true)
                }
                try #require(daemon.ended == nil)
                _ = try await rig.bin.ctl("journal", "verify")
            }
        }

        /// A bin on a medium of its own, with an order open and 400 g dropped.
        private func inAnOrder(
            _ body: (Rig, LoopMedium, Child) async throws -> Void
        ) async throws {
            try await Rig.run { rig in
                let medium = try await LoopMedium(rig.bin, at: "\(rig.bin.folder)/store")
                defer { medium.remove() }
                try rig.configure(trust: "", idleSeconds: 600)
                let (_, daemon) = try await rig.startBin()
                try await rig.bin.greet(self.card)
                try await rig.bin.drop(400, into: "pet")
                try await body(rig, medium, daemon)
            }
        }

        /// As the kernel does it when a card fails: everything is open, and no write gets through.
        @Test(.enabled(if: LoopMedium.mayMake, "left out: no ext4 on a loop device here"))
        func aMediumThatTurnsReadOnlyInAnOrderShowsNothingMoreAndLosesNothing() async throws {
            try await self.inAnOrder { rig, medium, daemon in
                try medium.fail()
                try await rig.bin.act("put pet 300")
                try await rig.bin.shown("out of service") { $0["state"] == "fault" }
                let status = try await rig.bin.status()
                try #require(status["state"] == "out-of-service: storage")
                // Asked to end while it can't store anything, it ends all the same.
                daemon.signal(SIGTERM)
                try #require(try await daemon.wait(seconds: 30) == .exited(0))
                try await medium.mountAgain()
                _ = rig.keep(try rig.bin.startDaemon())
                try await rig.bin.rest()
                let journal = try await rig.bin.journal()
                try #require(journal.of("deposit").map { $0["mass"] } == [400, 300])
                try #require(journal.of("order").map { $0["mass"] } == [700])
                _ = try await rig.bin.ctl("journal", "verify")
            }
        }

        /// Blocks that can't be written any more: the kernel answers EIO, and goes on.
        @Test(.enabled(if: LoopMedium.mayMake, "left out: no ext4 on a loop device here"))
        func aMediumWithBadBlocksShowsNothingThatItCouldNotStore() async throws {
            try await self.inAnOrder { rig, medium, daemon in
                try medium.wearOut()
                let dropped = 400 + (try await self.dropUntilRefused(rig.bin))
                let status = try await rig.bin.status()
                try #require(status["state"] == "out-of-service: storage")
                try #require(try rig.bin.text(daemon.errors).contains("disk I/O error"))
                // Nobody writes there while it ends, and nothing of what was shown is lost.
                daemon.signal(SIGKILL)
                _ = try await daemon.wait(seconds: 30)
                medium.renew()
                try await medium.mountAgain()
                _ = rig.keep(try rig.bin.startDaemon())
                try await rig.bin.rest()
                let order = try #require(try await rig.bin.journal().of("order").first)
                try #require(order["mass"]?.integer == dropped)
                _ = try await rig.bin.ctl("journal", "verify")
            }
        }

        /// Drops 40 g again and again until the bin says that it can't store anything. Returns what
        /// was dropped.
        private func dropUntilRefused(_ bin: Bin) async throws -> Int64 {
            var dropped: Int64 = 0
            // The log's own file may have room for some records yet.
            for _ in 0..<60 where try await bin.display()["state"] != "fault" {
                try await bin.act("put pet 40")
                dropped += 40
                // Nothing tells that an unrecorded drop is at rest: two windows of the scale, in
                // real time, so that each drop is a record of its own.
                try await Task.sleep(for: .milliseconds(2_000))
            }
            try await bin.shown("out of service") { $0["state"] == "fault" }
            return dropped
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

    /// An ext4 file system on a loop device, whose blocks are in memory. Needs root.
    struct LoopMedium: Sendable {
        /// Whether this process may make one; what a kernel without ext4 or loop devices can't.
        static let mayMake =
            Medium.mayMount && access("/dev/loop-control", W_OK) == 0
            && access("/sys/fs/ext4", R_OK) == 0 && access("/usr/sbin/mkfs.ext4", X_OK) == 0

        private let bin: Bin
        private let path: String
        private let blocks: Medium
        private var image: String { self.blocks.path + "/image" }

        init(_ bin: Bin, at path: String) async throws {
            self.bin = bin
            self.path = path
            self.blocks = try Medium(at: path + ".blocks", mebibytes: 64)
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
            guard FileManager.default.createFile(atPath: self.image, contents: nil),
                truncate(self.image, 128 << 20) == 0
            else {
                throw Child.Trouble(description: "\(self.image) can't be made")
            }
            try await bin.done("/usr/sbin/mkfs.ext4", ["-q", "-F", self.image])
            try await self.mount()
        }

        private func mount() async throws {
            try await self.bin.done(
                "/bin/mount", ["-o", "loop,errors=remount-ro", self.image, self.path])
        }

        /// The kernel finds an error in it, and lets nobody write any more.
        func fail() throws {
            let line = try self.bin.text("/proc/mounts").split(separator: "\n")
                .first { $0.contains(" \(self.path) ") }
            guard let device = line?.split(separator: " ").first?.split(separator: "/").last else {
                throw Child.Trouble(description: "\(self.path) isn't mounted")
            }
            try "1".write(
                toFile: "/sys/fs/ext4/\(device)/trigger_fs_error", atomically: false,
                encoding: .utf8)
        }

        /// Blocks that were never written can't be from now on.
        func wearOut() throws { try self.blocks.fill(leaving: 0) }

        func renew() { self.blocks.empty() }

        /// Nobody may have anything open on it.
        func mountAgain() async throws {
            try await self.bin.done("/bin/umount", [self.path])
            try await self.mount()
        }

        func remove() {
            umount2(self.path, Int32(MNT_DETACH))
            self.blocks.remove()
        }
    }
}
