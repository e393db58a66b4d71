import Foundation
import Records
import Testing

extension SystemTests {
    /// The daemon is killed again and again at random moments of a session, with an oracle outside
    /// that notes what residents were shown.
    @Suite(.serialized) struct TortureTests {
        /// What a resident was shown that must be in the journal.
        private struct Feedback: Sendable {
            var deposits: Set<Shown> = []
            var orders: Set<Thanked> = []

            mutating func note(_ displays: [JSONObject]) {
                for display in displays {
                    let card = display["card"]?.string
                    switch display["state"]?.string {
                    case "deposit":
                        if let shown = Shown(display["deposit"]?.object, card: card) {
                            self.deposits.insert(shown)
                        }
                    case "thanks":
                        if let order = Thanked(display["order"]?.object, card: card) {
                            self.orders.insert(order)
                        }
                    default: break
                    }
                }
            }
        }

        /// What identifies a settled order on the screen and in the journal.
        private struct Thanked: Hashable {
            var card: Substring
            var deposits: Int64
            var mass: Int64
            var value: Int64

            init?(_ object: JSONObject?, card: String?) {
                guard let object, let card, let deposits = object["deposits"]?.integer,
                    let mass = object["mass"]?.integer, let value = object["value"]?.integer
                else { return nil }
                self.card = card.suffix(4)
                (self.deposits, self.mass, self.value) = (deposits, mass, value)
            }
        }

        /// What identifies a deposit on the screen and in the journal.
        private struct Shown: Hashable, CustomStringConvertible {
            /// The card's last four digits: every round has a card of its own.
            var card: Substring
            var compartment: String
            var mass: Int64
            var value: Int64

            init?(_ object: JSONObject?, card: String?) {
                guard let object, let card, let compartment = object["compartment"]?.string,
                    let mass = object["mass"]?.integer, let value = object["value"]?.integer
                else { return nil }
                self.card = card.suffix(4)
                (self.compartment, self.mass, self.value) = (compartment, mass, value)
            }

            var description: String {
                "…\(self.card), \(self.compartment) \(self.mass) g \(self.value) µCNY"
            }
        }

        /// Different for every drop of a run, so that a deposit can't be taken for another one; far
        /// enough from each other for the scale's division and noise.
        private func mass(of drop: Int) -> Int64 { 30 + Int64(drop % 150) * 5 }

        /// Bins that are tortured side by side: they mostly wait.
        private static let bins = Conditions.number("STEELYARD_TORTURE_BINS", default: 16)

        @Test func nothingShownIsLostAndNothingIsThereTwice() async throws {
            let kills = Conditions.number("STEELYARD_TORTURE_KILLS", default: 60)
            let seed = Conditions.number("STEELYARD_TORTURE_SEED", default: 811)
            print("torture: \(kills) kills, seed \(seed)")
            let each = (kills + Self.bins - 1) / Self.bins
            let started = ContinuousClock.now
            let (deposits, orders) = try await withThrowingTaskGroup(of: Feedback.self) { group in
                for bin in 0..<Self.bins {
                    group.addTask { try await self.torture(kills: each, seed: seed + bin) }
                }
                return try await group.reduce((0, 0)) {
                    ($0.0 + $1.deposits.count, $0.1 + $1.orders.count)
                }
            }
            print(
                "torture: \(each * Self.bins) kills in \((ContinuousClock.now - started) / .seconds(1))"
                    + " s; \(deposits) deposits and \(orders) totals shown, none lost")
            try #require(deposits * 10 >= kills, "too few deposits were shown to mean much")
            try #require(orders * 50 >= kills, "too few totals were shown to mean much")
        }

        /// Returns what was shown.
        private func torture(kills: Int, seed: Int) async throws -> Feedback {
            var shown = Feedback()
            try await Rig.run { rig in
                var dice = SystemRandom(state: UInt64(seed))
                try rig.configure(trust: "", idleSeconds: 5)
                _ = rig.keep(try await rig.bin.startSimulator())
                for round in 0..<kills {
                    shown.note(try await self.round(round, rig, &dice))
                }
                _ = rig.keep(try rig.bin.startDaemon())
                try await rig.bin.rest()
                try self.compare(shown, with: try await rig.bin.journal())
                _ = try await rig.bin.ctl("journal", "verify")
                try await self.compareWithTheTruth(rig)
            }
            return shown
        }

        /// Starts the daemon, lets a resident do things, and kills it somewhere among them.
        private func round(
            _ number: Int, _ rig: Rig, _ dice: inout SystemRandom
        ) async throws -> [JSONObject] {
            let daemon = rig.keep(try rig.bin.startDaemon(name: "steelyardd-\(number % 4)"))
            let witness = Witness(at: rig.bin.control)
            let card = "uid:04A1\(1000 + number)"
            let compartment = dice.roll(2) == 0 ? "pet" : "film"
            // Sometimes the daemon dies while it starts, or recovers what was left before.
            let isEarly = dice.roll(4) == 0
            if !isEarly {
                try await rig.bin.shown("a bin that is ready") { $0["state"] != "fault" }
            }
            // Some stay for the order's total: they tap again, late enough for a second tap.
            let stays = !isEarly && dice.roll(3) == 0
            let killAfterMs = Int(dice.roll(isEarly ? 1_200 : 2_800)) + (stays ? 1_800 : 0)
            async let death: Void = {
                try await Task.sleep(for: .milliseconds(killAfterMs))
                daemon.end()
            }()
            // The simulator lives on: what is done there is done, whether the daemon saw it or not.
            try await rig.bin.act("tap \(card)")
            try await rig.bin.act("put \(compartment) \(self.mass(of: number))")
            if stays {
                // Until the drop has settled, so that the second tap shows a total.
                try await Task.sleep(for: .milliseconds(1_700))
                try await rig.bin.act("tap \(card)")
            }
            try await death
            witness.dismiss()
            try await waiting(for: "the end of the screen") { witness.isOver ? true : nil }
                .discard()
            return witness.displays
        }

        /// What is recorded agrees with what truly lies in the compartments.
        private func compareWithTheTruth(_ rig: Rig) async throws {
            let journal = try await rig.bin.journal()
            for compartment in ["pet", "film"] {
                let load = try await rig.bin.trueLoad(compartment)
                let last = journal.last { record in
                    record["compartment"]?.string == compartment && record["after"] != nil
                }
                let level = (last?["after"]?.integer ?? 0) * 1000
                // A division, and a gram for the load cell's creep.
                try #require(abs(level - load) <= Rig.division * 1000 + 1000, "\(compartment)")
            }
        }

        /// Every deposit and every total that was shown is recorded, and none twice: each drop
        /// weighs something else, and each round has a card of its own.
        private func compare(_ shown: Feedback, with journal: [JSONObject]) throws {
            let deposits = journal.of("deposit").compactMap {
                Shown($0, card: $0["card"]?.string)
            }
            for key in shown.deposits {
                let times = deposits.count { $0 == key }
                try #require(times == 1, "\(key): \(times) times")
            }
            let orders = journal.of("order").compactMap { Thanked($0, card: $0["card"]?.string) }
            for key in shown.orders {
                let times = orders.count { $0 == key }
                try #require(times == 1, "\(key): \(times) times")
            }
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
