import Foundation
import Glibc
import Records
import Synchronization

/// A hub, a bin and a simulator in a folder of their own under the system's temporary one.
struct Rig: Sendable {
    static let device = "test-017"
    /// What the tests reckon with: CNY/t is µCNY a gram, kg/t is mg CO2e a gram.
    static let petPrice: Int64 = 2800
    static let filmPrice: Int64 = 1500
    static let petFactor: Int64 = 1910
    static let filmFactor: Int64 = 1740
    /// The scales' interval, grams.
    static let division: Int64 = 5

    let bin: Bin
    let database: String
    private let kept = Keeper()

    /// Processes of a rig, ended with it.
    private final class Keeper: Sendable {
        let children = Mutex<[Child]>([])

        func end() { for child in self.children.withLock({ $0 }) { child.end() } }
    }

    /// Makes a rig, hands it to `body`, and ends every process. If `body` throws, what the
    /// programs logged is printed: so expectations about a rig are `#require`d.
    static func run(_ body: (Rig) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("sy-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let rig = Rig(bin: Bin(in: folder), database: "sqlite:\(folder)/hub.db")
        do { try await body(rig) } catch {
            rig.kept.end()
            rig.printLogs()
            try FileManager.default.removeItem(atPath: folder)
            throw error
        }
        rig.kept.end()
        try FileManager.default.removeItem(atPath: folder)
    }

    private func printLogs() {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: self.bin.folder)) ?? []
        for file in files.sorted() where file.hasSuffix(".err") || file.hasSuffix(".out") {
            let text = (try? self.bin.text("\(self.bin.folder)/\(file)")) ?? ""
            guard !text.isEmpty else { continue }
            let lines = text.split(separator: "\n")
            // How it ended; and if it crashed, of what: the backtrace is long.
            let crash = lines.firstIndex { $0.contains("Fatal error") || $0.contains("crashed") }
            let shown = crash.map { lines[$0...].prefix(60) } ?? lines.suffix(60)
            print("--- \(file)\n\(shown.joined(separator: "\n"))")
        }
    }

    /// Ends `child` with the rig at the latest.
    func keep(_ child: Child) -> Child {
        self.kept.children.withLock { $0.append(child) }
        return child
    }

    /// The bin's configuration: two compartments and a reader on one bus.
    ///
    /// - Parameters:
    ///   - trust: The hub's key.
    ///   - idleSeconds: 5 to 600.
    ///   - more: Further top-level tables.
    func configure(trust: String, idleSeconds: Int = 60, more: String = "") throws {
        func scale(_ address: Int) -> String {
            """
            driver: modbus, bus: rs485, address: \(address), capacity: 30000, \
            division: \(Self.division), minimum: 20, registers: { \
            weight: { function: holding, address: 0, type: int32, order: big, scale: 1/1 }, \
            status: { function: holding, address: 2, stable: 0, overload: 1, error: 2 } }
            """
        }
        let reader = """
            driver: modbus, bus: rs485, address: 9, registers: { presence: counter, \
            counter: { function: holding, address: 0 }, \
            uid: { function: holding, address: 1, count: 4 } }
            """
        try self.bin.write(
            """
            device: { id: \(Self.device), community: baiyun }
            storage: { directory: store }
            trust: [\(trust.isEmpty ? "" : "\"\(trust)\"")]
            buses: { rs485: { port: rs485, timeout-ms: 200 } }
            scales:
              pet: { \(scale(1)) }
              film: { \(scale(2)) }
            compartments:
              pet: { material: pet-bottle, scale: pet }
              film: { material: pe-film, scale: film }
            readers: { front: { \(reader) } }
            session: { idle-seconds: \(idleSeconds) }
            \(more)

            """, to: "bin.yaml")
    }

    @discardableResult
    func hub(_ arguments: String..., input: String? = nil) async throws -> Said {
        try await self.bin.done(
            "steelyard-hub", arguments + ["--database", self.database], input: input)
    }

    /// Prepares the hub: a tariff, a carbon set, cards and the bin. Returns its key and the token.
    func prepareHub(cards: String) async throws -> (key: String, token: String) {
        let key = try await self.hub("key").line
        let token = try await self.hub("device", "add", Self.device, "--community", "baiyun").line
        try await self.hub("card", "import", "-", input: "card,account,role\n" + cards)
        try await self.hub(
            "tariff", "publish", "-",
            input: """
                {"effective":"2026-01-01T00:00:00Z","body":{"prices":\
                {"pet-bottle":\(Self.petPrice),"pe-film":\(Self.filmPrice)}}}
                """)
        try await self.hub(
            "carbon", "publish", "-",
            input: """
                {"effective":"2026-01-01T00:00:00Z","body":{"method":"test","source":"test",\
                "parameters":{},"factors":\
                {"pet-bottle":\(Self.petFactor),"pe-film":\(Self.filmFactor)}}}
                """)
        return (key, token)
    }

    /// Starts the hub's server; returns it with its port.
    func serveHub(port: Int = 0) async throws -> (Child, port: Int) {
        let name = "hub-\(UUID().uuidString.prefix(4))"
        let child = self.keep(
            try self.bin.start(
                "steelyard-hub",
                [
                    "serve", "--listen", "127.0.0.1:\(port)", "--json", "--database",
                    self.database,
                ], name: name))
        let chosen = try await waiting(for: "a hub that listens") {
            let line = try self.bin.text(child.output).prefix { $0 != "\n" }
            return try JSONParser.object(Array(line.utf8))["port"]?.integer
        }
        return (child, Int(chosen))
    }

    /// Starts simulator and daemon and waits until both scales are at rest.
    func startBin() async throws -> (simulator: Child, daemon: Child) {
        let simulator = self.keep(try await self.bin.startSimulator())
        let daemon = self.keep(try self.bin.startDaemon())
        try await self.bin.rest()
        return (simulator, daemon)
    }
}
