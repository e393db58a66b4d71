import Foundation
import Glibc
import Records

/// A folder with one bin in it: configuration, simulator, daemon, and the programs to steer them.
final class Bin: Sendable {
    /// Where this build's programs are: beside the tests.
    static let programs =
        URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        .deletingLastPathComponent().path

    /// The top of the source tree.
    static let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    let folder: String
    let control: Wire.Place
    private let socket: String
    private let steering: String

    init(in folder: String) {
        self.folder = folder
        self.socket = "\(folder)/control.sock"
        self.steering = "\(folder)/sim.sock"
        self.control = .unix(self.socket)
    }

    func write(_ text: String, to name: String, mode: mode_t = 0o644) throws {
        try text.write(toFile: "\(self.folder)/\(name)", atomically: true, encoding: .utf8)
        chmod("\(self.folder)/\(name)", mode)
    }

    /// Starts a program that stays, its output in files of `name`.
    func start(_ program: String, _ arguments: [String], name: String) throws -> Child {
        try Child("\(Self.programs)/\(program)", arguments, name: name, in: self.folder)
    }

    func startSimulator() async throws -> Child {
        let child = try self.start(
            "steelyard-sim", ["bin", "--config", "bin.yaml", "--socket", self.steering],
            name: "steelyard-sim")
        try await waiting(for: "a simulator that is ready") {
            guard child.ended == nil else { throw Child.Trouble(description: "it ended") }
            return try self.text(child.output).hasPrefix("ready") ? true : nil
        }.discard()
        return child
    }

    /// Starts the daemon; doesn't wait for it.
    func startDaemon(name: String = "steelyardd") throws -> Child {
        try self.start(
            "steelyardd", ["--config", "bin.yaml", "--socket", self.socket], name: name)
    }

    /// Runs a program to its end.
    func run(_ program: String, _ arguments: [String], input: String? = nil) async throws -> Said {
        let name = "run-\(UUID().uuidString)"
        if let input { try self.write(input, to: "\(name).in") }
        let path = program.contains("/") ? program : "\(Self.programs)/\(program)"
        let child = try Child(
            path, arguments, name: name, in: self.folder,
            input: input == nil ? "/dev/null" : "\(self.folder)/\(name).in")
        guard case .exited(let code) = try await child.wait(seconds: 120) else {
            throw Child.Trouble(description: "\(program) \(arguments) was killed")
        }
        let said = Said(
            code: code, output: try self.text(child.output), errors: try self.text(child.errors))
        for kind in ["in", "out", "err"] {
            // Not every run has every file.
            unlink("\(self.folder)/\(name).\(kind)")
        }
        return said
    }

    /// Runs a program that must not fail; returns what it printed.
    @discardableResult
    func done(_ program: String, _ arguments: [String], input: String? = nil) async throws -> Said {
        let said = try await self.run(program, arguments, input: input)
        guard said.code == 0 else {
            throw Child.Trouble(
                description: "\(program) \(arguments) ended with \(said.code): \(said.errors)")
        }
        return said
    }

    func ctl(_ arguments: String...) async throws -> Said {
        try await self.done("steelyardctl", ["--socket", self.socket] + arguments)
    }

    /// Steers the simulator by its program, as a trainer does.
    func sim(_ arguments: String...) async throws {
        try await self.done("steelyard-sim", arguments + ["--socket", self.steering])
    }

    /// Steers the simulator by its socket: faster.
    func act(_ act: String) async throws {
        let reply = try await Wire.request(
            "POST", "/v1/acts", body: act, at: .unix(self.steering))
        guard reply.status == 200 else {
            throw Child.Trouble(
                description: "\(act): \(String(decoding: reply.body, as: UTF8.self))")
        }
    }

    /// What truly lies in a compartment, milligrams.
    func trueLoad(_ compartment: String) async throws -> Int64 {
        let reply = try await Wire.request("GET", "/v1/status", at: .unix(self.steering))
        let load = try reply.object()["compartments"]?.object?[compartment]?.object?["load-mg"]
        guard let load = load?.integer else {
            throw Child.Trouble(description: "the simulator has no compartment \(compartment)")
        }
        return load
    }

    func display() async throws -> JSONObject {
        try await Wire.request("GET", "/v1/display", at: self.control).object()
    }

    func status() async throws -> JSONObject {
        try await Wire.request("GET", "/v1/status", at: self.control).object()
    }

    /// The journal after a record, through the program that technicians use.
    func journal(after seq: Int64 = 0) async throws -> [JSONObject] {
        let text = try await self.ctl("journal", "export", "--from", "\(seq + 1)").output
        return try text.split(separator: "\n").map { try JSONParser.object(Array($0.utf8)) }
    }

    func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }
}

extension Bool {
    /// For a wait whose finding says nothing more.
    func discard() {}
}
