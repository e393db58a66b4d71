import ArgumentParser
import BinCore
import Console
import HubCore
import Records

struct Device: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Add, list, revoke and release bins.",
        subcommands: [Add.self, List.self, Revoke.self, Release.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a bin and print its token, which is shown only now.")

        @Argument(help: "The bin's id, as in its configuration.") var id: DeviceID
        @Option(help: "The community that the bin stands in.") var community: Name
        @OptionGroup var database: DatabaseOption
        @OptionGroup var output: OutputOption

        func run() async throws {
            var random = SystemRandomNumberGenerator()
            let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
            guard let token = DeviceToken(random: bytes) else { return }
            try await self.database.open().add(
                self.id, community: self.community, token: token.digest, at: .now)
            if self.output.json {
                try Console.print([
                    "device": .string(self.id.text), "community": .string(self.community.text),
                    "token": .string(token.text),
                ])
            } else {
                try Console.print(token.text)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the bins: state, community, last record, when it came, refusals.")

        @OptionGroup var database: DatabaseOption
        @OptionGroup var output: OutputOption

        func run() async throws {
            let devices = try await self.database.open().devices()
            if self.output.json {
                try Console.print(.array(devices.map(\.json)))
            } else {
                for device in devices { try Console.print(device.line) }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take nothing more from a bin. What it brought stays.")

        @Argument var id: DeviceID
        @OptionGroup var database: DatabaseOption
        @OptionGroup var output: OutputOption

        func run() async throws {
            try await self.database.open().revoke(self.id, at: .now)
            if self.output.json {
                try Console.print(["device": .string(self.id.text), "state": "revoked"])
            } else {
                try Console.print("\(self.id) is revoked")
            }
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lift the quarantine of a bin that showed two different records.",
            discussion: """
                The hub goes on with the records that it holds, and keeps the batch that showed \
                the others: right if a clone of the bin sent those, and is switched off. If the \
                bin itself has them, because its storage was lost or replaced by an older one, \
                say --follow: the hub keeps both, credits of those that differ what it credited \
                already, and takes what the bin records after the last number held.
                """)

        @Argument(help: "The bin's id.") var id: DeviceID
        @Flag(help: "Go on with the records that the bin itself has from the fork on.")
        var follow = false
        @OptionGroup var database: DatabaseOption
        @OptionGroup var output: OutputOption

        func run() async throws {
            let store = try self.database.open()
            let released =
                self.follow
                ? try await store.follow(self.id, at: .now)
                : try await store.release(self.id)
            if self.output.json {
                try Console.print([
                    "device": .string(self.id.text),
                    "released": released.map { .integer($0) } ?? .null,
                ])
            } else if let released {
                try Console.print("\(self.id) is released; it had shown two records \(released)")
            } else {
                try Console.print("\(self.id) was not in quarantine")
            }
        }
    }
}

extension HubDevice {
    fileprivate var json: JSONValue {
        [
            "device": .string(self.id.text), "community": .string(self.community.text),
            "state": .string(self.state.rawValue), "added": .string(self.added.rfc3339),
            "revoked": self.revoked.map { .string($0.rfc3339) } ?? .null,
            "key": self.key.map { .string($0.base64) } ?? .null, "last": .integer(self.last),
            "received": self.received.map { .string($0.rfc3339) } ?? .null,
            "fork": self.forkedAt.map { .integer($0) } ?? .null,
            "refused": .integer(self.refused),
        ]
    }

    fileprivate var line: String {
        var parts = [
            "\(self.id)", self.state.rawValue, "community \(self.community)",
            "last \(self.last)", self.received.map { "received \($0.rfc3339)" } ?? "never heard of",
        ]
        if self.refused > 0 { parts.append("refused \(self.refused)") }
        if let forkedAt = self.forkedAt { parts.append("ALARM: two records \(forkedAt)") }
        return parts.joined(separator: "  ")
    }
}
