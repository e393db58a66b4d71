package import BinCore

/// A record's place: what every record has besides its own fields (CONTRACT §3).
package struct RecordHeader: Hashable, Sendable {
    /// From 1, no gaps, never reused.
    package var seq: RecordNumber
    package var at: WallTime
    package var clock: ClockState
    /// Counts starts of the machine.
    package var boot: Int64
    /// Milliseconds since that start, monotonic.
    package var up: BootInstant

    package init(seq: RecordNumber, boot: Int64, moment: Moment) {
        self.seq = seq
        self.at = moment.at
        self.clock = moment.clock
        self.boot = boot
        self.up = moment.up
    }
}

/// Why bytes are no record, or a fact can't become one.
package enum RecordError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not one JSON object.
    case notJSON(JSONError)
    /// A line break between the tokens: lines are what records are told apart by.
    case lineBreak
    /// A field is missing, or its value is none that it may have.
    case field(String)
    /// A `kind` that this version doesn't know.
    case kind(String)
    /// More than 4,096 bytes.
    case tooLong(Int)

    package var description: String {
        switch self {
        case .notJSON(let error): "\(error)"
        case .lineBreak: "a record stands on one line, and this one has a line break"
        case .field(let name): "`\(name)` is missing or has a value that it may not have"
        case .kind(let kind): "the kind `\(kind.excerpt)` is unknown"
        case .tooLong(let count): "\(count) bytes, and a record has at most \(Record.longest)"
        }
    }
}

/// One record of a journal.
package struct Record: Hashable, Sendable {
    /// The most bytes that a record may have.
    package static let longest = 4096

    package var header: RecordHeader
    package var fact: Fact

    package init(header: RecordHeader, fact: Fact) {
        self.header = header
        self.fact = fact
    }

    /// The bytes to commit: one JSON object on one line, without the newline.
    ///
    /// - Throws: `.tooLong` above 4,096 bytes.
    package func encoded() throws(RecordError) -> [UInt8] {
        var writer = JSONWriter()
        writer.write(self.headerFields + self.fact.fields)
        let bytes = writer.bytes
        guard bytes.count <= Self.longest else { throw .tooLong(bytes.count) }
        return bytes
    }

    /// Reads the bytes of a record. Fields that this version doesn't know are passed over.
    package init(bytes: [UInt8]) throws(RecordError) {
        guard bytes.count <= Self.longest else { throw .tooLong(bytes.count) }
        guard !bytes.contains(0x0A), !bytes.contains(0x0D) else { throw .lineBreak }
        let object: JSONObject
        do { object = try JSONParser.object(bytes) } catch { throw .notJSON(error) }
        let fields = RecordFields(object)
        let moment = Moment(
            up: BootInstant(milliseconds: try fields.integer("up", in: 0...Int64.max)),
            at: try fields.time("at"), clock: try fields.choice("clock"))
        self.header = RecordHeader(
            seq: try fields.integer("seq", in: 1...Int64.max),
            boot: try fields.integer("boot", in: 0...Int64.max), moment: moment)
        self.fact = try Fact(fields)
    }

    private var headerFields: [(String, JSONValue)] {
        [
            ("seq", .integer(self.header.seq)),
            ("at", .string(self.header.at.rfc3339)),
            ("clock", .string(self.header.clock.rawValue)),
            ("boot", .integer(self.header.boot)),
            ("up", .integer(self.header.up.milliseconds)),
            ("kind", .string(self.fact.kind)),
        ]
    }
}
