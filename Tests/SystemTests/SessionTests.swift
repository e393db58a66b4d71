import Foundation
import Records
import Testing

extension SystemTests {
    /// The main job with the real programs, reckoned by hand.
    @Suite(.serialized) struct SessionTests {
        private let cards = """
            uid:04A1B2C3,li-wei,resident
            uid:04D4E5F6071829,zhang-min,resident

            """

        private func uplink(_ port: Int) -> String {
            "uplink: { url: \"http://127.0.0.1:\(port)\", token-file: token, every-seconds: 1 }"
        }

        private func account(_ name: String, _ port: Int) async throws -> JSONObject {
            try await Wire.request("GET", "/v1/accounts/\(name)", at: .loopback(port: port))
                .object()
        }

        private func queueIsEmpty(_ rig: Rig) async throws {
            try await waiting(for: "an empty queue") {
                try await rig.bin.status()["queue"]?.object?["depth"] == 0 ? true : nil
            }.discard()
        }

        @Test func whatResidentsDroppedStandsOnTheirAccountsThoughTheHubWasAway() async throws {
            try await Rig.run { rig in
                let (key, token) = try await rig.prepareHub(cards: self.cards)
                let (hub, port) = try await rig.serveHub()
                try rig.bin.write(token, to: "token", mode: 0o600)
                try rig.configure(trust: key, more: self.uplink(port))
                _ = try await rig.startBin()
                try await waiting(for: "the bulletins") {
                    try await rig.bin.status()["bulletins"]?.object?["cards"] == 1 ? true : nil
                }.discard()
                try await rig.bin.greet("uid:04A1B2C3")
                let deposit = try await rig.bin.drop(1_000, into: "pet")
                // 1,000 g × 2,800 CNY/t = 2,800,000 µCNY = 280 points.
                try #require(deposit["value"] == 2_800_000)
                try #require(deposit["points"] == "280.0")
                try #require(deposit["co2e"] == 1_910_000)
                try await rig.bin.drop(500, into: "film")
                try await rig.bin.leave("uid:04A1B2C3")

                hub.end()
                try await rig.bin.greet("uid:0BADCAFE")
                try await rig.bin.drop(400, into: "pet")
                // Another card settles the order of the card that no list holds.
                try await rig.bin.greet("uid:04D4E5F6071829")
                try await rig.bin.drop(250, into: "pet")
                try await rig.bin.drop(750, into: "film")
                let order = try await rig.bin.leave("uid:04D4E5F6071829")
                // 250 g × 2,800 CNY/t + 750 g × 1,500 CNY/t
                try #require(order["value"] == 1_825_000)
                let depth = try await rig.bin.status()["queue"]?.object?["depth"]?.integer ?? 0
                try #require(depth >= 7)

                _ = try await rig.serveHub(port: port)
                try await self.queueIsEmpty(rig)
                let first = try await self.account("li-wei", port)
                // 1,000 g × 2,800 CNY/t + 500 g × 1,500 CNY/t
                try #require(first["balance"] == 3_550_000)
                try #require(first["co2e"] == 2_780_000)
                let second = try await self.account("zhang-min", port)
                try #require(second["balance"] == 1_825_000)
                try #require(second["orders"] == 1)

                let claim = "card,account,role\nuid:0BADCAFE,wang-fang,resident\n"
                try await rig.hub("card", "import", "-", input: claim)
                let third = try await self.account("wang-fang", port)
                try #require(third["balance"] == 1_120_000)

                let statement = try await Wire.request(
                    "GET", "/v1/accounts/li-wei/statement", at: .loopback(port: port)
                ).object()
                let entry = try #require(statement["entries"]?.array?.first?.object)
                try #require(entry["device"] == .string(Rig.device))
                let journal = try await rig.bin.journal()
                let seq = journal.of("order").first?["seq"]
                try #require(entry["seq"] == seq)
                let orders = try await Wire.request(
                    "GET", "/v1/orders?limit=10", at: .loopback(port: port)
                ).object()
                try #require(orders["orders"]?.array?.count == 3)

                _ = try await rig.bin.ctl("journal", "verify")
                try await rig.hub("verify")
                try await self.aStrangerAgrees(rig)
            }
        }

        /// Verifies an export with a program that shares no code with ours.
        private func aStrangerAgrees(_ rig: Rig) async throws {
            var (all, after) = ("", 0)
            while true {
                let page = try await rig.bin.ctl(
                    "batch", "export", "--after", "\(after)", "--limit", "5"
                ).output
                if page.isEmpty { break }
                all += page
                after += page.split(separator: "\n").count - 2
            }
            try rig.bin.write(all, to: "all.ndjson")
            let verifier = "\(Bin.source)/deploy/verify-batch.py"
            try await rig.bin.done(
                "/usr/bin/env", ["python3", verifier, "all.ndjson", "--device", Rig.device])
            try rig.bin.write(
                all.replacing("\"mass\":1000,", with: "\"mass\":1005,"), to: "false.ndjson")
            let refused = try await rig.bin.run(
                "/usr/bin/env", ["python3", verifier, "false.ndjson"])
            try #require(refused.code == 1)
        }

        @Test func theWholeSyncWorksOverAPipeWithoutAnyNetwork() async throws {
            try await Rig.run { rig in
                let (key, _) = try await rig.prepareHub(cards: self.cards)
                try rig.configure(trust: key)
                _ = try await rig.startBin()
                let bulletins = try await rig.hub(
                    "bulletin", "export", "--device", Rig.device
                ).output
                try rig.bin.write(bulletins, to: "bulletins")
                _ = try await rig.bin.ctl("bulletin", "install", "bulletins")
                let listed = try await rig.bin.ctl("bulletin", "list").output
                try #require(listed.contains("tariff: version 1"))
                try await rig.bin.greet("uid:04A1B2C3")
                try await rig.bin.drop(800, into: "pet")
                try await rig.bin.leave("uid:04A1B2C3")

                let batch = try await rig.bin.ctl("batch", "export").output
                let acknowledgement = try await rig.hub("import", "-", input: batch).output
                try rig.bin.write(acknowledgement, to: "ack")
                _ = try await rig.bin.ctl("batch", "ack", "ack")
                try #require(try await rig.bin.ctl("batch", "export").output.isEmpty)
                // The same stick a second time changes nothing.
                try await rig.hub("import", "-", input: batch)
                let (_, port) = try await rig.serveHub()
                let account = try await self.account("li-wei", port)
                try #require(account["balance"] == 2_240_000)
            }
        }

        @Test func aTechnicianSeesWhatTheScaleDeliveredAndHowFarItIsOff() async throws {
            try await Rig.run { rig in
                let (key, _) = try await rig.prepareHub(cards: self.cards)
                try rig.configure(trust: key)
                _ = try await rig.startBin()
                try await rig.bin.greet("uid:04A1B2C3")
                try await rig.bin.drop(1_000, into: "pet")
                let seq = try #require(
                    try await rig.bin.journal().of("deposit").first?["seq"]?.integer)
                let picture = try await waiting(for: "the trace of record \(seq)") {
                    let said = try await rig.bin.run(
                        "steelyardctl",
                        [
                            "--socket", "\(rig.bin.folder)/control.sock", "journal", "show",
                            "\(seq)", "--trace",
                        ])
                    return said.code == 0 ? said.output : nil
                }
                // From nothing to a kilogram, within the noise of the simulated cell.
                let lines = picture.split(separator: "\n")
                try #require(lines.count == 14, "\(picture)")
                try #require(lines[0].contains("deposit"))
                try #require(lines[1].contains(" g ┤"))
                try #require(lines.last?.hasSuffix("0 s") == true)

                try await rig.bin.leave("uid:04A1B2C3")
                let check = try await rig.bin.ctl("calibrate", "pet", "--check", "1000").output
                try #require(check.contains("pet: error "))
                try #require(check.contains("2.500 g at verification and 5.000 g in service"))
                try #require(check.contains("{ at: "))
                let records = try await rig.bin.journal()
                try #require(records.of("calibration").isEmpty)
            }
        }

        @Test func theResidentsPageShowsTheDeposit() async throws {
            try #require(Conditions.hasChromium || Conditions.mayLackChromium)
            guard Conditions.hasChromium else { return }
            try await Rig.run { rig in
                let (key, _) = try await rig.prepareHub(cards: self.cards)
                let port = Int.random(in: 20_000...30_000)
                try rig.configure(
                    trust: key,
                    more: "kiosk: { listen: \"127.0.0.1:\(port)\", languages: [zh, en] }")
                _ = try await rig.startBin()
                let bulletins = try await rig.hub("bulletin", "export").output
                try rig.bin.write(bulletins, to: "bulletins")
                _ = try await rig.bin.ctl("bulletin", "install", "bulletins")
                try await rig.bin.greet("uid:04A1B2C3")
                try await rig.bin.drop(1_000, into: "pet")
                let page = "\(Bin.source)/deploy/page-test.sh"
                try await rig.bin.done(
                    page, ["--within", "60", "http://127.0.0.1:\(port)/", "280.0", "B2C3", "塑料瓶"])
            }
        }
    }
}
