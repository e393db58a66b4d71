import ArgumentParser
import Console
import HTTPDoor
import HTTPTypes
import Records

/// `steelyardctl bulletin …`
struct BulletinVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bulletin", abstract: "Tariffs, factors, cards, policies and notices.",
        subcommands: [Install.self, List.self])

    @ParentCommand var parent: Steelyardctl
    @OptionGroup var door: DoorOptions

    struct Install: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adopts the bulletins of a file, if a trusted key signed them.")

        @ParentCommand var parent: BulletinVerb
        @OptionGroup var door: DoorOptions
        @Argument(help: "The bulletins; `-` for standard input.") var file: String
        @Flag(name: .long, help: "Print JSON.") var json = false

        func run() async throws {
            let daemon = Daemon(self.door, self.parent.door, self.parent.parent.door)
            let bytes = try Console.read(self.file)
            let reply = try await daemon.send(.post, "/v1/bulletins", body: bytes)
            if self.json { return try Console.print(.object(reply.object)) }
            for item in reply.object["bulletins"]?.array ?? [] {
                guard let object = item.object else { continue }
                let kind = object["kind"]?.string ?? "?"
                let isNew = object["result"]?.string == "adopted"
                try Console.print(
                    "\(kind) \(object["version"]?.integer ?? 0): "
                        + (isNew ? "adopted" : "was adopted already"))
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The version of each kind that is adopted.")

        @ParentCommand var parent: BulletinVerb
        @OptionGroup var door: DoorOptions
        @Flag(name: .long, help: "Print JSON.") var json = false

        func run() async throws {
            let daemon = Daemon(self.door, self.parent.door, self.parent.parent.door)
            let status = try await daemon.object(.get, "/v1/status")
            let bulletins = status["bulletins"]?.object ?? JSONObject()
            if self.json { return try Console.print(.object(bulletins)) }
            for member in bulletins.members {
                let version = member.value.integer.map { "version \($0)" } ?? "none"
                try Console.print("\(member.key): \(version)")
            }
        }
    }
}
