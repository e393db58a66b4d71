import ArgumentParser
import BinCore
import Console
import HTTPDoor
import HTTPTypes
import Records

/// `steelyardctl lock …`
struct LockVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock", abstract: "Holds a compartment's lid open or locked for a while.",
        discussion: """
            Afterwards the bin decides again. The coil's longest time and rest hold here, too.
            """,
        subcommands: [Open.self, Close.self])

    @ParentCommand var parent: Steelyardctl
    @OptionGroup var door: DoorOptions

    struct Open: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Holds a lid open.")

        @ParentCommand var parent: LockVerb
        @OptionGroup var door: DoorOptions
        @OptionGroup var hold: HoldOptions

        func run() async throws {
            let daemon = Daemon(self.door, self.parent.door, self.parent.parent.door)
            try await self.hold.send("open", to: daemon)
        }
    }

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Holds a lid locked.")

        @ParentCommand var parent: LockVerb
        @OptionGroup var door: DoorOptions
        @OptionGroup var hold: HoldOptions

        func run() async throws {
            let daemon = Daemon(self.door, self.parent.door, self.parent.parent.door)
            try await self.hold.send("close", to: daemon)
        }
    }
}

/// Which lid is held, and for how long.
struct HoldOptions: ParsableArguments {
    @Argument(help: "The compartment's name.") var compartment: String
    @Option(name: .long, help: "For how long, 1 to 600 s.") var seconds = 30
    @Flag(name: .long, help: "Print JSON.") var json = false

    func validate() throws {
        guard (1...600).contains(self.seconds) else {
            throw ValidationError("--seconds must be from 1 to 600, not \(self.seconds)")
        }
        guard Name(self.compartment) != nil else {
            throw ValidationError(
                "`\(self.compartment)` is not a name: use 1 to 63 of a-z, 0-9 and single hyphens "
                    + "inside")
        }
    }

    func send(_ verb: String, to daemon: Daemon) async throws {
        let reply = try await daemon.object(
            .post, "/v1/locks/\(self.compartment)/\(verb)?seconds=\(self.seconds)")
        if self.json { return try Console.print(.object(reply)) }
        let state = verb == "open" ? "open" : "locked"
        let rest = reply["resting"]?.bool == true ? "; its coil has to rest first" : ""
        try Console.print(
            "\(self.compartment): held \(state) for \(reply["seconds"]?.integer ?? 0) s\(rest)")
    }
}

/// A lock as `status` shows it.
struct LockText {
    let line: String

    init(_ lock: JSONObject) {
        var parts = ["\(lock["compartment"]?.string ?? "?"): \(lock["wanted"]?.string ?? "?")"]
        parts.append(lock["driven"]?.bool == true ? "coil driven" : "coil off")
        if lock["resting"]?.bool == true { parts.append("resting") }
        if let ms = lock["held-ms"]?.integer {
            parts.append("held for \((ms + 999) / 1000) s more")
        }
        self.line = parts.joined(separator: ", ")
    }
}
