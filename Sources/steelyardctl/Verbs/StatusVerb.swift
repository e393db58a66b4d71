import ArgumentParser
import Console
import HTTPDoor
import HTTPTypes
import Records

/// `steelyardctl status`
struct StatusVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "The health of every part of the bin.")

    @ParentCommand var parent: Steelyardctl
    @OptionGroup var door: DoorOptions
    @Flag(name: .long, help: "Print JSON.") var json = false

    func run() async throws {
        let status = try await Daemon(self.door, self.parent.door).object(.get, "/v1/status")
        if self.json { return try Console.print(.object(status)) }
        for line in StatusText(status).lines { try Console.print(line) }
    }
}

/// `steelyardctl queue`
struct QueueVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "What the hub doesn't have yet, and how the exchange goes.")

    @ParentCommand var parent: Steelyardctl
    @OptionGroup var door: DoorOptions
    @Flag(name: .long, help: "Print JSON.") var json = false

    func run() async throws {
        let status = try await Daemon(self.door, self.parent.door).object(.get, "/v1/status")
        if self.json {
            return try Console.print([
                "queue": status["queue"] ?? .null, "uplink": status["uplink"] ?? .null,
            ])
        }
        for line in StatusText(status).queueLines { try Console.print(line) }
    }
}

/// A status as a technician reads it in a terminal.
struct StatusText {
    private let status: JSONObject

    init(_ status: JSONObject) { self.status = status }

    var lines: [String] {
        let own = [
            self.line("bin", "\(self.text("device")) in \(self.text("community"))"),
            self.line("state", self.text("state")),
            self.line(
                "software",
                "\(self.text("version")), configuration \(self.shortConfig), event counter "
                    + self.text("events")),
            self.line(
                "clock", "\(self.text("at")) (\(self.text("clock"))), start \(self.text("boot"))"),
        ]
        return own + self.queueLines + [self.line("bulletins", self.bulletins)] + self.compartments
            + self.doors + self.locks + self.parts + self.faults
    }

    var queueLines: [String] {
        let queue = self.status["queue"]?.object ?? JSONObject()
        let uplink = self.status["uplink"]?.object ?? JSONObject()
        func number(_ key: String) -> String { queue[key]?.integer.map(String.init) ?? "?" }
        var lines = [
            self.line(
                "queue",
                "\(number("depth")) of \(number("last")) records to be sent, through "
                    + "\(number("acknowledged")) acknowledged"),
            self.line(
                "uplink",
                "\(uplink["state"]?.string ?? "?"), last success "
                    + (uplink["last-success"]?.string ?? "never")),
        ]
        if let storage = self.status["storage"]?.object {
            let days = storage["days"]?.integer.map { "\($0) days of room at this bin's rate" }
            let free = (storage["free"]?.integer ?? 0) >> 20
            lines.append(
                self.line("storage", "\(free) MiB free, \(days ?? "its rate isn't known yet")"))
        }
        if let problem = uplink["problem"]?.string { lines.append(self.line("", problem)) }
        return lines
    }

    private var shortConfig: String { String(self.text("config").prefix(12)) }

    private var bulletins: String {
        let members = self.status["bulletins"]?.object?.members ?? []
        let known = members.compactMap { member in
            member.value.integer.map { "\(member.key) \($0)" }
        }
        return known.isEmpty ? "none adopted" : known.joined(separator: ", ")
    }

    private var compartments: [String] {
        (self.status["compartments"]?.array ?? []).compactMap { item in
            guard let object = item.object else { return nil }
            let live = object["live"]?.integer.map { "\($0) g beyond the last record" }
            let rest = object["stable"]?.bool == true ? "at rest" : "moving"
            let full = object["full"]?.bool == true ? ", FULL" : ""
            let lid = object["lid"]?.string.map { ", lid \($0)" } ?? ""
            return self.line(
                "compartment",
                "\(object["name"]?.string ?? "?") (\(object["material"]?.string ?? "?")): "
                    + (live.map { "\($0), \(rest)" } ?? "no reading") + full + lid)
        }
    }

    private var doors: [String] {
        (self.status["doors"]?.array ?? []).compactMap { item in
            guard let object = item.object else { return nil }
            let state = object["open"]?.bool == true ? "open" : "closed"
            return self.line("door", "\(object["name"]?.string ?? "?"): \(state)")
        }
    }

    private var locks: [String] {
        (self.status["locks"]?.array ?? []).compactMap { item in
            item.object.map { self.line("lock", LockText($0).line) }
        }
    }

    private var parts: [String] {
        (self.status["parts"]?.array ?? []).compactMap { item in
            guard let object = item.object else { return nil }
            func count(_ key: String) -> String { "\(object[key]?.integer ?? 0)" }
            return self.line(
                "part",
                "\(object["part"]?.string ?? "?"): \(object["state"]?.string ?? "?"), "
                    + "\(count("polls")) polls, \(count("timeouts")) timeouts, "
                    + "\(count("bad-frames")) bad frames, \(count("exceptions")) exceptions"
                    + Self.figures(object))
        }
    }

    /// What else a part counted, as `, slow-clock 12`; nothing of what it counted none of.
    private static func figures(_ part: JSONObject) -> String {
        (part["counts"]?.object?.members ?? []).map { member in
            guard let count = member.value.integer, count != 0 else { return "" }
            return ", \(member.key) \(count)"
        }
        .joined()
    }

    private var faults: [String] {
        let faults = self.status["faults"]?.array ?? []
        if faults.isEmpty { return [self.line("faults", "none")] }
        return faults.compactMap { item in
            guard let object = item.object else { return nil }
            return self.line(
                "FAULT",
                "\(object["source"]?.string ?? "?"): \(object["code"]?.string ?? "?"), "
                    + (object["detail"]?.string ?? ""))
        }
    }

    private func text(_ key: String) -> String {
        switch self.status[key] {
        case .string(let text)?: text
        case .integer(let number)?: "\(number)"
        default: "?"
        }
    }

    private func line(_ label: String, _ text: String) -> String {
        let width = 12
        return label + String(repeating: " ", count: max(1, width - label.count)) + text
    }
}
