import Foundation
import Glibc
import Records
import Testing

extension SystemTests {
    /// What a journal of years costs the daemon, against an empty one.
    @Suite(.serialized) struct YearsTests {
        private static let starts = 5
        /// Resident memory may differ by so much, KiB.
        private static let mostMoreMemory: Int64 = 2048

        /// A bin of its own with so many records.
        private struct Aged {
            let rig: Rig
            var startMs: [Int64] = []
            var residentKiB: [Int64] = []
        }

        @Test func aLongJournalCostsNoMemoryAndNoTimeToStart() async throws {
            let records = Conditions.number("STEELYARD_RECORDS", default: 20_000)
            try await Rig.run { young in
                try await Rig.run { old in
                    var bins = [Aged(rig: young), Aged(rig: old)]
                    for (index, count) in [0, records].enumerated() {
                        try await self.age(bins[index].rig, by: count)
                    }
                    // One after the other, so that a slow moment of the machine meets both.
                    for _ in 0..<Self.starts {
                        for index in bins.indices { try await self.start(&bins[index]) }
                    }
                    try await self.check(old)
                    let (new, aged) = (self.figures(bins[0]), self.figures(bins[1]))
                    print(
                        "years: an empty journal: ready in \(new.ms) ms, \(new.kib) KiB resident; "
                            + "\(records): \(aged.ms) ms, \(aged.kib) KiB")
                    try #require(aged.ms <= 2 * new.ms)
                    try #require(abs(aged.kib - new.kib) <= Self.mostMoreMemory)
                }
            }
        }

        @Test func aStartThatChecksAllRecordsSaysSoMeanwhile() async throws {
            try await Rig.run { rig in
                let records = 400_000
                try await self.age(rig, by: records)
                try rig.bin.write("", to: "store/check-at-start")
                let daemon = rig.keep(try rig.bin.startDaemon())
                let detail = try await waiting(for: "a status") {
                    try await rig.bin.status()["faults"]?.array?.first?.object?["detail"]?.string
                }
                try #require(detail.contains("being checked"))
                try #require(try await rig.bin.display()["state"] == "fault")
                try await rig.bin.rest()
                let told = try await rig.bin.journal(after: Int64(records)).of("fault")
                try #require(
                    told.contains { $0["detail"]?.string?.contains("being checked") == true })
                daemon.signal(SIGTERM)
                try #require(try await daemon.wait(seconds: 30) == .exited(0))
            }
        }

        /// Medians.
        private func figures(_ aged: Aged) -> (ms: Int64, kib: Int64) {
            func median(_ values: [Int64]) -> Int64 { values.sorted()[values.count / 2] }
            return (median(aged.startMs), median(aged.residentKiB))
        }

        private func age(_ rig: Rig, by records: Int) async throws {
            try rig.configure(trust: "")
            let (_, daemon) = try await rig.startBin()
            daemon.signal(SIGTERM)
            try #require(try await daemon.wait(seconds: 30) == .exited(0))
            guard records > 0 else { return }
            try await rig.bin.done(
                "/usr/bin/env",
                ["python3", "\(Bin.source)/deploy/years.py", "store", "\(records)"])
        }

        private func start(_ aged: inout Aged) async throws {
            let begun = ContinuousClock.now
            let daemon = aged.rig.keep(try aged.rig.bin.startDaemon())
            try await waiting(for: "a status") {
                try await aged.rig.bin.status()["state"] == nil ? nil : true
            }.discard()
            aged.startMs.append(Int64((ContinuousClock.now - begun) / .milliseconds(1)))
            try await aged.rig.bin.rest()
            // The upkeep's first round has looked at the storage by then.
            try await waiting(for: "the storage's figures") {
                try await aged.rig.bin.status()["storage"]?.object == nil ? nil : true
            }.discard()
            aged.residentKiB.append(try daemon.residentKiB())
            daemon.signal(SIGTERM)
            try #require(try await daemon.wait(seconds: 30) == .exited(0))
        }

        /// That the records are true ones.
        private func check(_ rig: Rig) async throws {
            _ = rig.keep(try rig.bin.startDaemon())
            try await rig.bin.rest()
            _ = try await rig.bin.ctl("journal", "verify")
        }
    }
}
