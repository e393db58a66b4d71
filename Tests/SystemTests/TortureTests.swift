import Foundation
import Records
import Testing

extension SystemTests {
    /// The daemon is killed again and again at random moments of a session, with an oracle outside
    /// that notes what residents were shown.
    @Suite(.serialized) struct TortureTests {
        /// What identifies a deposit on the screen and in the journal.
        private struct Shown: Hashable, CustomStringConvertible {
            var compartment: String
            var mass: Int64
            var value: Int64

            init?(_ object: JSONObject?) {
                guard let object, let compartment = object["compartment"]?.string,
                    let mass = object["mass"]?.integer, let value = object["value"]?.integer
                else { return nil }
                (self.compartment, self.mass, self.value) = (compartment, mass, value)
            }

            var description: String { "\(self.compartment) \(self.mass) g \(self.value) µCNY" }
        }

        /// Different for every drop of a run, so that a deposit can't be taken for another one; far
        /// enough from each other for the scale's division and noise.
        private func mass(of drop: Int) -> Int64 { 30 + Int64(drop % 150) * 5 }

        @Test func nothingShownIsLostAndNothingIsThereTwice() async throws {
            let kills = Conditions.number("STEELYARD_TORTURE_KILLS", default: 100)
            let seed = Conditions.number("STEELYARD_TORTURE_SEED", default: 811)
            print("torture: \(kills) kills, seed \(seed)")
            var dice = SystemRandom(state: UInt64(seed))
            try await Rig.run { rig in
                try rig.configure(trust: "")
                let simulator = rig.keep(try await rig.bin.startSimulator())
                var shown: [JSONObject] = []
                for round in 0..<kills {
                    shown += try await self.round(round, rig, &dice)
                }
                let daemon = rig.keep(try rig.bin.startDaemon())
                try await rig.bin.rest()
                let journal = try await rig.bin.journal()
                try self.compare(shown, with: journal)
                _ = try await rig.bin.ctl("journal", "verify")
                for compartment in ["pet", "film"] {
                    let load = try await rig.bin.trueLoad(compartment)
                    let level = journal.last { $0["compartment"]?.string == compartment }?["after"]
                    let away = abs((level?.integer ?? 0) * 1000 - load)
                    try #require(
                        away <= Rig.division * 1000 + 1000, "\(compartment) is \(away) mg off")
                }
                _ = (simulator, daemon)
            }
        }

        /// Starts the daemon, lets a resident do things, and kills it somewhere among them.
        private func round(
            _ number: Int, _ rig: Rig, _ dice: inout SystemRandom
        ) async throws -> [JSONObject] {
            let daemon = rig.keep(try rig.bin.startDaemon(name: "steelyardd-\(number % 4)"))
            let witness = Witness(at: rig.bin.control)
            let card = dice.roll(2) == 0 ? "uid:04A1B2C3" : "uid:04D4E5F6"
            let compartment = dice.roll(2) == 0 ? "pet" : "film"
            let killAfterMs = 400 + dice.roll(3_200)
            async let death: Void = {
                try await Task.sleep(for: .milliseconds(Int(killAfterMs)))
                daemon.end()
            }()
            // The simulator lives on: what is done there is done, whether the daemon saw it or not.
            try await Task.sleep(for: .milliseconds(300 + Int(dice.roll(600))))
            try await rig.bin.act("tap \(card)")
            try await rig.bin.act("put \(compartment) \(self.mass(of: number))")
            if dice.roll(4) == 0 { try await rig.bin.act("tap \(card)") }
            try await death
            witness.dismiss()
            try await waiting(for: "the end of the screen") { witness.isOver ? true : nil }
                .discard()
            return witness.displays.filter { $0["state"] == "deposit" }
        }

        private func compare(_ shown: [JSONObject], with journal: [JSONObject]) throws {
            var recorded: [Shown: Int] = [:]
            for deposit in journal.of("deposit") {
                if let key = Shown(deposit) { recorded[key, default: 0] += 1 }
            }
            var seen: Set<Shown> = []
            for display in shown {
                guard let key = Shown(display["deposit"]?.object) else { continue }
                seen.insert(key)
                try #require(recorded[key] != nil, "shown and lost: \(key)")
            }
            print("torture: \(seen.count) deposits shown, \(journal.count) records")
            try #require(seen.count >= 5, "too few deposits were shown for the test to mean much")
            // Every drop of a run weighs something else until the masses repeat.
            let drops = journal.of("deposit").compactMap { $0["mass"]?.integer }.filter { $0 > 0 }
            let total = drops.reduce(0, +)
            let moved = journal.of("unattributed").compactMap { $0["delta"]?.integer }
            let levels = ["pet", "film"].map { name in
                journal.last { $0["compartment"]?.string == name && $0["after"] != nil }?["after"]?
                    .integer ?? 0
            }
            try #require(
                total + moved.reduce(0, +) == levels.reduce(0, +),
                "deposits and unattributed records don't add up to what lies in the bin")
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014), so that a run can be repeated from its seed.
struct SystemRandom {
    var state: UInt64

    mutating func roll(_ sides: UInt64) -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return (z ^ (z >> 31)) % sides
    }
}
