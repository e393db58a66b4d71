import ArgumentParser
import Console
import HTTPDoor
import HTTPTypes
import Records

/// `steelyardctl batch …`: the whole sync over SSH and with a USB stick.
struct BatchVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch", abstract: "Records to the hub and acknowledgements back, by hand.",
        subcommands: [Export.self, Ack.self])

    @ParentCommand var parent: Steelyardctl
    @OptionGroup var door: DoorOptions

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes the next signed batch; nothing if there are no more records.")

        @ParentCommand var parent: BatchVerb
        @OptionGroup var door: DoorOptions
        @Option(name: .long, help: "Begin after this record; the acknowledged one if not given.")
        var after: Int64?
        @Option(name: .long, help: "At most so many records, 1 to 1000.") var limit: Int?
        @Option(name: .long, help: "Where to; standard output if not given.") var out: String?

        func validate() throws {
            guard (self.after ?? 0) >= 0 else { throw ValidationError("--after must be 0 or more") }
            guard (1...Batch.mostRecords).contains(self.limit ?? 1) else {
                throw ValidationError("--limit must be 1 to \(Batch.mostRecords)")
            }
        }

        func run() async throws {
            let daemon = Daemon(self.door, self.parent.door, self.parent.parent.door)
            var after = self.after
            if after == nil {
                let status = try await daemon.object(.get, "/v1/status")
                after = status["queue"]?.object?["acknowledged"]?.integer
            }
            let limit = self.limit ?? Batch.mostRecords
            let reply = try await daemon.send(
                .get, "/v1/batches?after=\(after ?? 0)&limit=\(limit)")
            try Console.write(reply.body, to: self.out)
        }
    }

    struct Ack: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes the hub's acknowledgement from a file.")

        @ParentCommand var parent: BatchVerb
        @OptionGroup var door: DoorOptions
        @Argument(help: "The acknowledgement; `-` for standard input.") var file: String
        @Flag(name: .long, help: "Print JSON.") var json = false

        func run() async throws {
            let daemon = Daemon(self.door, self.parent.door, self.parent.parent.door)
            let bytes = try Console.read(self.file)
            let reply = try await daemon.send(.post, "/v1/acknowledgements", body: bytes)
            if self.json { return try Console.print(.object(reply.object)) }
            let through = reply.object["acknowledged"]?.integer ?? 0
            try Console.print("the hub holds the records through \(through)")
        }
    }
}
