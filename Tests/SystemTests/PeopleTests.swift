import Records
import Testing

extension SystemTests {
    /// What each role may do, from the hub's list to the bin's records.
    @Suite(.serialized) struct PeopleTests {
        private let cards = """
            uid:04A1B2C3,li-wei,resident
            uid:04A1B2C4,li-wei,resident
            uid:04C0FFEE,crew,collector
            uid:04B10C4D,zhang-min,blocked
            uid:047EC400,staff,technician
            uid:0410C500,office,inspector

            """

        private func taps(_ card: String, _ rig: Rig, isRefusedFor reason: String) async throws {
            try await rig.bin.sim("tap", card)
            try await rig.bin.shown("the refusal of \(card)") {
                $0["state"] == "refused" && $0["refused"]?.string == reason
            }
            try await rig.bin.rest()
        }

        @Test func eachCardIsServedAsItsRoleHasIt() async throws {
            try await Rig.run { rig in
                let (key, token) = try await rig.prepareHub(cards: self.cards)
                let (_, port) = try await rig.serveHub()
                try rig.bin.write(token, to: "token", mode: 0o600)
                let uplink =
                    "{ url: \"http://127.0.0.1:\(port)\", token-file: token, every-seconds: 1 }"
                try rig.configure(trust: key, more: "uplink: \(uplink)")
                _ = try await rig.startBin()
                try await waiting(for: "the bulletins") {
                    try await rig.bin.status()["bulletins"]?.object?["cards"] == 1 ? true : nil
                }.discard()
                // Two cards of one household.
                for card in ["uid:04A1B2C3", "uid:04A1B2C4"] {
                    try await rig.bin.greet(card)
                    try await rig.bin.drop(500, into: "pet")
                    try await rig.bin.leave(card)
                    try await rig.bin.rest()
                }
                try await self.taps("uid:04B10C4D", rig, isRefusedFor: "blocked")
                try await self.taps("uid:047EC400", rig, isRefusedFor: "role")
                try await self.taps("uid:0410C500", rig, isRefusedFor: "role")
                try await rig.bin.sim("tap", "uid:04C0FFEE")
                try await rig.bin.shown("the collection") { $0["state"] == "collecting" }
                try await rig.bin.sim("empty", "pet")
                try await waiting(for: "the record of the collection") {
                    try await rig.bin.journal().of("collection").isEmpty ? nil : true
                }.discard()
                try await rig.bin.sim("tap", "uid:04C0FFEE")
                try await rig.bin.rest()

                let journal = try await rig.bin.journal()
                let reasons = journal.of("refused").map { $0["reason"]?.string }
                try #require(reasons == ["blocked", "role", "role"])
                let taken = journal.of("collection")
                try #require(taken.map { $0["removed"]?.integer } == [1_000])
                try #require(taken.first?["card"] == "uid:04C0FFEE")
                try await waiting(for: "an empty queue") {
                    try await rig.bin.status()["queue"]?.object?["depth"] == 0 ? true : nil
                }.discard()
                let account = try await Wire.request(
                    "GET", "/v1/accounts/li-wei", at: .loopback(port: port)
                ).object()
                try #require(account["balance"]?.integer == 1_000 * Rig.petPrice)
                try #require(account["orders"] == 2)
                try await rig.hub("verify")
            }
        }
    }
}
