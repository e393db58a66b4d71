import Foundation
import Records
import Testing

extension SystemTests {
    /// One medium in two machines: both have the key, and give the same numbers to what each of
    /// them sees.
    @Suite(.serialized) struct CloneTests {
        private let cards = "uid:04A1B2C3,li-wei,resident\n"

        private func visit(_ grams: Int64, _ bin: Bin) async throws {
            try await bin.greet("uid:04A1B2C3")
            try await bin.drop(grams, into: "pet")
            try await bin.leave("uid:04A1B2C3")
            try await bin.rest()
        }

        private func hasSentAll(_ bin: Bin) async throws {
            try await waiting(for: "an empty queue") {
                try await bin.status()["queue"]?.object?["depth"] == 0 ? true : nil
            }.discard()
        }

        private func saysThatItForked(_ bin: Bin) async throws {
            try await waiting(for: "the fault") {
                try await bin.journal().of("fault").contains { $0["code"] == "forked" } ? true : nil
            }.discard()
        }

        @Test func isFoundOutByTheHubAndToldByBoth() async throws {
            try await Rig.run { first in
                let (key, token) = try await first.prepareHub(cards: self.cards)
                let (_, port) = try await first.serveHub()
                let uplink =
                    "uplink: { url: \"http://127.0.0.1:\(port)\", token-file: token, "
                    + "every-seconds: 1 }"
                try first.bin.write(token, to: "token", mode: 0o600)
                try first.configure(trust: key, more: uplink)
                let (_, daemon) = try await first.startBin()
                try await self.visit(500, first.bin)
                try await self.hasSentAll(first.bin)
                daemon.end()
                try await Rig.run { second in
                    try second.bin.write(token, to: "token", mode: 0o600)
                    try second.configure(trust: key, more: uplink)
                    try FileManager.default.copyItem(
                        atPath: "\(first.bin.folder)/store", toPath: "\(second.bin.folder)/store")
                    _ = try await second.startBin()
                    try await self.visit(300, second.bin)
                    try await self.hasSentAll(second.bin)

                    // Its start is a record that the hub has another one for.
                    _ = first.keep(try first.bin.startDaemon(name: "again"))
                    try await self.saysThatItForked(first.bin)
                    try await self.visit(400, second.bin)
                    try await self.saysThatItForked(second.bin)
                }
                let listed = try await first.hub("device", "list").output
                try #require(listed.contains("quarantined"))
            }
        }
    }
}
