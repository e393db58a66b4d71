import Foundation
import Glibc
import Records
import Testing

extension SystemTests {
    /// The daemon whose journal is taken away, damaged or refused while it runs: it must find back
    /// by itself, and nothing that it showed may be missing.
    @Suite(.serialized) struct OutageTests {
        private let card = "uid:04A1B2C3"

        /// One order of `grams`, shown and settled.
        private func visit(_ rig: Rig, _ grams: Int64, into compartment: String) async throws {
            try await rig.bin.rest()
            try await rig.bin.greet(self.card)
            try await rig.bin.drop(grams, into: compartment)
            try await rig.bin.leave(self.card)
        }

        private func masses(_ journal: [JSONObject]) -> [Int64] {
            journal.of("deposit").compactMap { $0["mass"]?.integer }
        }

        /// Changes the open database from outside, as a broken medium would.
        private func python(_ rig: Rig, _ script: String) async throws {
            try await rig.bin.done("/usr/bin/env", ["python3", "-c", script])
        }

        /// What somebody does to the files, in shell words. `WatchingTests` has more of them.
        enum Deed: String, CaseIterable, Sendable {
            case removed = "rm journal.sqlite journal.sqlite-wal journal.sqlite-shm"
            case replaced = "seq 9999 > other && mv other journal.sqlite"
        }

        @Test(arguments: Deed.allCases)
        func whatWasShownIsThereAfterTheDatabaseWasTakenAway(deed: Deed) async throws {
            try await Rig.run { rig in
                try rig.configure(trust: "")
                let (_, daemon) = try await rig.startBin()
                try await self.visit(rig, 400, into: "pet")
                try await rig.bin.greet("uid:0BADCAFE")
                try await rig.bin.drop(200, into: "film")
                try await rig.bin.done(
                    "/bin/sh", ["-c", "cd \(rig.bin.folder)/store && \(deed.rawValue)"])
                // Whether this one is shown or not: what is shown is there, all is explained.
                try await rig.bin.act("put pet 300")
                let faults = try await waiting(for: "the fault in the journal") {
                    let faults = try await rig.bin.journal().of("fault")
                    return faults.contains { $0["code"] == "replaced" } ? faults : nil
                }
                try #require(faults.contains { $0["source"] == "storage" })
                try await self.visit(rig, 150, into: "film")
                let journal = try await rig.bin.journal()
                try #require(Array(self.masses(journal).prefix(2)) == [400, 200])
                try #require(self.masses(journal).last == 150)
                try #require(journal.of("boot").count == 2)
                let cleared = journal.of("cleared").filter { $0["code"] == "replaced" }
                try #require(cleared.count == 1)
                let levels = journal.filter { $0["compartment"] == "pet" && $0["after"] != nil }
                try #require(levels.last?["after"] == 700)
                try #require(daemon.ended == nil)
                _ = try await rig.bin.ctl("journal", "verify")
                let aside = "\(rig.bin.folder)/store/journal.sqlite.set-aside-1"
                try #require(
                    FileManager.default.fileExists(atPath: aside) == (deed == .replaced))
            }
        }

        @Test func anEndByTheWatchdogStandsInTheRecordOfTheNextStart() async throws {
            try await Rig.run { rig in
                try rig.configure(trust: "")
                let (_, daemon) = try await rig.startBin()
                daemon.end()
                // As systemd runs it after the daemon.
                try await rig.bin.done(
                    "/usr/bin/env",
                    [
                        "SERVICE_RESULT=watchdog", "\(Bin.programs)/steelyardd", "--config",
                        "bin.yaml", "--socket", "\(rig.bin.folder)/control.sock", "--release",
                    ])
                for _ in 0..<2 {
                    let next = rig.keep(try rig.bin.startDaemon())
                    try await rig.bin.rest()
                    next.end()
                }
                _ = rig.keep(try rig.bin.startDaemon())
                try await rig.bin.rest()
                let reasons = try await rig.bin.journal().of("boot").map { $0["reason"]?.string }
                try #require(reasons == ["power", "watchdog", "restart", "restart"])
            }
        }

        /// The pages are cut off that the log doesn't hold.
        @Test func aDatabaseThatWasCutShortIsSalvagedWithoutARestart() async throws {
            try await Rig.run { rig in
                try rig.configure(trust: "")
                let (_, daemon) = try await rig.startBin()
                for grams in [400, 300] as [Int64] { try await self.visit(rig, grams, into: "pet") }
                try await self.python(
                    rig,
                    """
                    import os, sqlite3, time
                    d = sqlite3.connect("store/journal.sqlite")
                    d.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                    time.sleep(5)  # The daemon has seen how long it is now.
                    os.truncate("store/journal.sqlite", 2048)
                    os._exit(0)
                    """)
                try await waiting(for: "a bin that was opened anew") {
                    try await rig.bin.journal().of("boot").count >= 1
                        && rig.bin.text("\(rig.bin.folder)/steelyardd.err").contains("tried again")
                        ? true : nil
                }.discard()
                try await self.visit(rig, 150, into: "film")
                let journal = try await rig.bin.journal()
                try #require(self.masses(journal).last == 150)
                let numbers = journal.compactMap { $0["seq"]?.integer }
                try #require(numbers == Array(1...Int64(journal.count)))
                try #require(daemon.ended == nil)
                _ = try await rig.bin.ctl("journal", "verify")
            }
        }

        @Test func bitsThatFlipWhileItRunsAreFoundAndSalvagedWithoutARestart() async throws {
            try await Rig.run { rig in
                try rig.configure(trust: "")
                let (_, daemon) = try await rig.startBin()
                for grams in [400, 300] as [Int64] { try await self.visit(rig, grams, into: "pet") }
                let before = try await rig.bin.journal()
                // Out of the log and of the cache, so that the daemon reads what the medium says.
                try await self.python(
                    rig,
                    """
                    import os, sqlite3
                    d = sqlite3.connect("store/journal.sqlite")
                    d.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                    d.execute("INSERT OR REPLACE INTO probe (one, body) VALUES (1, x'00')")
                    d.commit()
                    f = open("store/journal.sqlite", "r+b")
                    place = f.read().rindex(b'"kind":"deposit"') + 9
                    f.seek(place)
                    byte = f.read(1)[0]
                    f.seek(place)
                    f.write(bytes([byte ^ 4]))
                    f.flush()
                    os._exit(0)
                    """)
                // Whoever fetches a batch finds it.
                _ = try await Wire.request("GET", "/v1/batches?after=0", at: rig.bin.control)
                try await waiting(for: "a bin that set the database aside") {
                    let faults = try await rig.bin.status()["faults"]?.array ?? []
                    return faults.contains { $0.object?["source"] == "storage set-aside" }
                        ? true : nil
                }.discard()
                try await self.visit(rig, 150, into: "film")
                let journal = try await rig.bin.journal()
                try #require(self.masses(journal).first == 400)
                try #require(self.masses(journal).last == 150)
                try #require(journal.count > before.count)
                try #require(journal.of("fault").contains { $0["code"] == "damaged" })
                try #require(daemon.ended == nil)
                _ = try await rig.bin.ctl("journal", "verify")
            }
        }
    }
}
