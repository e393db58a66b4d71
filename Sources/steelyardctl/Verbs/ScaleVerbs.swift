import ArgumentParser
import BinCore
import Console
import Foundation
import HTTPDoor
import HTTPTypes
import Records

/// `steelyardctl calibrate COMPARTMENT --zero | --reference GRAMS | --check GRAMS |
/// --transmitter COMMAND`
struct CalibrateVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Calibrates a compartment's scale: first empty, then with a known mass.",
        discussion: """
            Empty the compartment and run it with --zero, lay a known mass of at least a tenth of \
            the capacity on it and run it with --reference. Each step waits for nothing: the scale \
            must be at rest. A scale that is calibrated already can be zeroed by itself. With \
            --check nothing is changed: it tells how far the scale is off with a known mass on it.

            --transmitter gives the transmitter itself a command that its profile lists, while no \
            order is open: `unlock` and `zero`, for instance, then `eeprom` to keep it beyond the \
            next switch-on. `eeprom` wears its memory, and is given three times a day at most.
            """)

    @ParentCommand var parent: Steelyardctl
    @OptionGroup var door: DoorOptions
    @Argument(help: "The compartment.") var compartment: String
    @Flag(name: .long, help: "The compartment is empty.") var zero = false
    @Option(name: .long, help: "Grams that lie in it.") var reference: Int64?
    @Option(name: .long, help: "Grams that lie in it: show the error against them, change nothing.")
    var check: Int64?
    @Option(name: .long, help: "Commands its transmitter: unlock, zero, tare or eeprom.")
    var transmitter: String?
    @Option(name: .long, help: "Who calibrates, as recorded (default: the user).") var by: String?
    @Flag(name: .long, help: "Print JSON.") var json = false

    func validate() throws {
        let ways = [
            self.zero, self.reference != nil, self.check != nil, self.transmitter != nil,
        ]
        guard ways.count(where: { $0 }) == 1 else {
            throw ValidationError(
                "give one of --zero, --reference GRAMS, --check GRAMS and --transmitter COMMAND")
        }
        guard (1...1_000_000).contains(self.check ?? 1) else {
            throw ValidationError("--check must be 1 to 1000000 g")
        }
        guard Name(self.compartment) != nil else {
            throw ValidationError("`\(self.compartment)` is not a compartment's name")
        }
        if let word = self.transmitter, !["unlock", "zero", "tare", "eeprom"].contains(word) {
            throw ValidationError("--transmitter must be unlock, zero, tare or eeprom")
        }
    }

    func run() async throws {
        if let check = self.check { return try await self.tell(check) }
        if let word = self.transmitter { return try await self.command(word) }
        var request = JSONObject([
            ("compartment", .string(self.compartment)),
            ("step", self.zero ? "zero" : "span"),
            ("by", .string(self.by ?? Self.user)),
        ])
        if let reference = self.reference { request["reference"] = .integer(reference) }
        let reply = try await Daemon(self.door, self.parent.door)
            .send(.post, "/v1/calibrations", body: JSONValue.object(request).bytes)
        if self.json { return try Console.print(.object(reply.object)) }
        let zero = reply.object["zero"]?.integer ?? 0
        guard let span = reply.object["span"]?.integer,
            let grams = reply.object["reference"]?.integer
        else {
            return try Console.print(
                "\(self.compartment): zero at \(zero). Now lay a known mass on it and run "
                    + "`steelyardctl calibrate \(self.compartment) --reference GRAMS`.")
        }
        try Console.print("\(self.compartment): zero at \(zero), \(grams) g are \(span) more.")
    }

    /// How far the scale is off.
    private func tell(_ grams: Int64) async throws {
        let daemon = Daemon(self.door, self.parent.door)
        let scales = try await daemon.object(.get, "/v1/scales")["scales"]?.array ?? []
        let found = scales.compactMap(\.object).first {
            $0["compartment"]?.string == self.compartment
        }
        guard let found else {
            throw Failure("there is no compartment `\(self.compartment)`", .badData)
        }
        guard let check = ScaleCheck(found, reference: Grams(grams)) else {
            throw Failure(
                "the scale of `\(self.compartment)` shows no weight at rest; wait, or see "
                    + "`steelyardctl read scale`", .tryAgain)
        }
        if self.json { return try Console.print(check.json) }
        for line in check.lines(of: self.compartment, grams: grams) { try Console.print(line) }
    }

    private func command(_ word: String) async throws {
        let request: JSONValue = ["command": .string(word), "by": .string(self.by ?? Self.user)]
        let reply = try await Daemon(self.door, self.parent.door)
            .send(.post, "/v1/scales/\(self.compartment)/commands", body: request.bytes)
        if self.json { return try Console.print(.object(reply.object)) }
        try Console.print(
            "\(self.compartment): the transmitter took `\(word)`; see what it shows by "
                + "`steelyardctl read scale \(self.compartment)`.")
    }

    /// Who logged in, also under sudo.
    private static var user: String {
        let environment = ProcessInfo.processInfo.environment
        return environment["SUDO_USER"] ?? environment["USER"] ?? "technician"
    }
}

/// `steelyardctl read …`
struct ReadVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read", abstract: "What the hardware delivers at this moment.",
        subcommands: [Scale.self])

    @ParentCommand var parent: Steelyardctl
    @OptionGroup var door: DoorOptions

    struct Scale: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The raw value and the mass of each scale, or of one compartment's.")

        @ParentCommand var parent: ReadVerb
        @OptionGroup var door: DoorOptions
        @Argument(help: "The compartment; all without it.") var compartment: String?
        @Flag(name: .long, help: "Print JSON.") var json = false

        func run() async throws {
            let daemon = Daemon(self.door, self.parent.door, self.parent.parent.door)
            let all = try await daemon.object(.get, "/v1/scales")["scales"]?.array ?? []
            let scales = all.compactMap(\.object).filter {
                self.compartment == nil || $0["compartment"]?.string == self.compartment
            }
            if let compartment = self.compartment, scales.isEmpty {
                throw Failure("there is no compartment `\(compartment)`", .badData)
            }
            if self.json {
                return try Console.print(["scales": .array(scales.map { .object($0) })])
            }
            for scale in scales { try Console.print(Self.line(scale)) }
        }

        private static func line(_ scale: JSONObject) -> String {
            let name = scale["compartment"]?.string ?? "?"
            guard let raw = scale["raw"]?.integer, let age = scale["age-ms"]?.integer else {
                return "\(name): no value yet"
            }
            var line = "\(name): raw \(raw), \(age) ms old"
            if scale["overload"]?.bool == true { return line + ", overload" }
            if scale["underload"]?.bool == true { return line + ", underload" }
            guard let mass = scale["mass-mg"]?.integer else { return line + ", no mass" }
            line += ", \(thousandths(mass)) g"
            if scale["centre-of-zero"]?.bool == true {
                line += ", at zero"
            } else {
                line += scale["stable"]?.bool == true ? ", at rest" : ", moving"
            }
            let points = scale["linearity"]?.array?.count ?? 0
            if points > 0 { line += ", linear in \(points) point\(points == 1 ? "" : "s")" }
            if let celsius = scale["milli-celsius"]?.integer {
                line += ", \(thousandths(celsius)) °C"
            }
            return line
        }
    }
}
