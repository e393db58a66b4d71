import Foundation

/// A running `deploy/pymodbus/server.py`.
final class Pymodbus {
    struct Failure: Error { var said: String }

    static let python = ProcessInfo.processInfo.environment["STEELYARD_PYMODBUS"]

    let path: String
    private let process = Process()
    private let orders = Pipe()
    private let answers = Pipe()

    /// - Parameter percent: How many of its replies come late, not, cut off or from a wrong unit.
    init(spoiling percent: Int = 0, seed: Int = 0) throws {
        self.path = NSTemporaryDirectory() + "/steelyard-pymodbus-\(UUID().uuidString)"
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let script = root.appendingPathComponent("deploy/pymodbus/server.py").path
        self.process.executableURL = URL(fileURLWithPath: Self.python ?? "")
        self.process.arguments = [script, self.path, "\(percent)", "\(seed)"]
        self.process.standardInput = self.orders
        self.process.standardOutput = self.answers
        try self.process.run()
        try self.hear("ready")
    }

    /// Puts values into the registers of `unit` at once.
    func put(_ unit: Int, _ values: [UInt16], at address: Int = 0) throws {
        let words = values.map(String.init).joined(separator: " ")
        try self.order("put \(unit) \(address) \(words)")
    }

    /// From now on `unit` is dead.
    func mute(_ unit: Int) throws { try self.order("mute \(unit)") }

    private func order(_ line: String) throws {
        try self.orders.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
        try self.hear("done")
    }

    /// Ends its input, which ends it.
    func end() {
        // Fails only if it has ended already.
        try? self.orders.fileHandleForWriting.close()
        self.process.waitUntilExit()
    }

    private func hear(_ word: String) throws {
        var bytes = Data()
        while bytes.last != UInt8(ascii: "\n") {
            let more = self.answers.fileHandleForReading.availableData
            guard !more.isEmpty else { break }
            bytes += more
        }
        let said = String(decoding: bytes, as: UTF8.self)
        guard said == word + "\n" else { throw Failure(said: said) }
    }
}
