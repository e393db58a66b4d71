import ArgumentParser
import BinCore
import Console
import HTTPDoor
import HTTPTypes
import Records

/// `steelyardctl journal …`
struct JournalVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal", abstract: "What the bin remembers.",
        subcommands: [Show.self, Verify.self, Export.self])

    @ParentCommand var parent: Steelyardctl
    @OptionGroup var door: DoorOptions

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints records.")

        @ParentCommand var parent: JournalVerb
        @OptionGroup var door: DoorOptions
        @Argument(help: "Print this record only.") var seq: Int64?
        @Option(name: .long, help: "Print from this record on.") var from: Int64?
        @Option(name: .long, help: "At most so many.") var limit = 20
        @Flag(name: .long, help: "Also draw what the scale delivered around a deposit.")
        var trace = false
        @Flag(name: .long, help: "Print the records' own bytes, one a line.") var json = false

        func validate() throws {
            guard (self.seq ?? 1) >= 1, (self.from ?? 1) >= 1 else {
                throw ValidationError("records are numbered from 1")
            }
            guard !self.trace || self.seq != nil else {
                throw ValidationError("--trace needs the number of a deposit")
            }
            guard (1...1_000_000).contains(self.limit) else {
                throw ValidationError("--limit must be 1 to 1000000")
            }
        }

        func run() async throws {
            let daemon = Daemon(self.door, self.parent.door, self.parent.parent.door)
            let limit = self.seq == nil ? self.limit : 1
            var found = false
            let first: Int64
            if let seq = self.seq ?? self.from {
                first = seq
            } else {
                // The newest ones are what one looks for first.
                let status = try await daemon.object(.get, "/v1/status")
                let last = status["queue"]?.object?["last"]?.integer ?? 0
                first = max(1, last - Int64(limit) + 1)
            }
            _ = try await JournalPages(daemon).each(from: first, limit: limit) { body in
                // Instead of a record that was pruned comes the oldest one that is still there.
                if let seq = self.seq, try JSONParser.object(body)["seq"]?.integer != seq {
                    throw Failure("the journal has no record \(seq) any more", .badData)
                }
                found = true
                try Console.print(
                    self.json ? String(decoding: body, as: UTF8.self) : RecordText.line(body))
            }
            if let seq = self.seq, !found {
                throw Failure("the journal has no record \(seq)", .badData)
            }
            if self.trace, let seq = self.seq {
                let reply = try await daemon.object(.get, "/v1/traces?seq=\(seq)")
                if self.json { return try Console.print(.object(reply)) }
                guard let trace = WeightTrace(json: reply) else {
                    throw Failure("the daemon's reply holds no trace", .internalError)
                }
                for line in TraceText.lines(trace) { try Console.print(line) }
            }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes all records, one a line, as they were committed.")

        @ParentCommand var parent: JournalVerb
        @OptionGroup var door: DoorOptions
        @Option(name: .long, help: "Write from this record on.") var from: Int64 = 1
        @Option(name: .long, help: "Where to; standard output if not given.") var out: String?

        func run() async throws {
            let daemon = Daemon(self.door, self.parent.door, self.parent.parent.door)
            var bytes: [UInt8] = []
            _ = try await JournalPages(daemon).each(from: max(1, self.from), limit: Int.max) {
                bytes += $0 + [0x0A]
            }
            try Console.write(bytes, to: self.out)
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Recomputes chain, signatures, laws and event counter of the whole journal.",
            discussion: "Exits 0, or 65 with the first record that breaks one.")

        @ParentCommand var parent: JournalVerb
        @OptionGroup var door: DoorOptions
        @Flag(name: .long, help: "Print JSON.") var json = false

        func run() async throws {
            let daemon = Daemon(self.door, self.parent.door, self.parent.parent.door)
            let verdict = try await JournalVerification(daemon).run()
            if self.json { return try Console.print(verdict.json) }
            try Console.print(verdict.text)
        }
    }
}

/// Reads the journal page by page.
struct JournalPages {
    private let daemon: Daemon

    init(_ daemon: Daemon) { self.daemon = daemon }

    /// Calls `body` with each record's bytes; returns how many there were.
    func each(
        from first: Int64, limit: Int, _ body: ([UInt8]) throws -> Void
    ) async throws -> Int {
        var count = 0
        var next = first
        while count < limit {
            let page = min(limit - count, Batch.mostRecords)
            let reply = try await self.daemon.send(.get, "/v1/records?from=\(next)&limit=\(page)")
            let lines = reply.body.split(separator: 0x0A)
            for line in lines { try body(Array(line)) }
            count += lines.count
            // Where older ones were pruned the first page begins later than it was asked to.
            guard lines.count == page, let line = lines.last,
                let last = try JSONParser.object(Array(line))["seq"]?.integer
            else { break }
            next = last + 1
        }
        return count
    }
}
