import ArgumentParser
import BinCore
import Console
import HTTPDoor
import HubAPI
import HubCore
import Hummingbird
import Logging
import Records
import ServiceLifecycle
import Supervision
import UnixSignals

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve devices and partners over HTTP on a loopback address.")

    @Option(help: "The address, as HOST:PORT; port 0 lets the system choose.")
    var listen = "127.0.0.1:8090"
    @OptionGroup var database: DatabaseOption
    @OptionGroup var output: OutputOption

    func run() async throws {
        guard let address = ListenAddress(self.listen) else {
            throw Failure("`\(self.listen)` is no address; give HOST:PORT", .usage)
        }
        guard address.isLoopback else {
            throw Failure(
                "\(address) is no loopback address, and this version has no TLS to serve others "
                    + "with; listen on 127.0.0.1:\(address.port)", .configuration)
        }
        let store = try self.database.open()
        // A hub without a key would first make one while a device waits.
        _ = try await store.signingKey()
        var logger = Logger(label: "steelyard-hub")
        logger.logLevel = .notice
        let isJSON = self.output.json
        // The watchdog's own timer shows that tasks still run; there is no loop that could hang.
        let alive = Supervisor(doors: 1, isAlive: { true }, logger: logger)
        let door = try Door.service(
            serving: HubRoutes(store: store) { WallTime.now }.router(), at: .tcp(address),
            logger: logger
        ) { port in
            let url = "http://\(address.with(port: port))"
            // `try?`: a hub whose output nobody reads serves all the same.
            try? Console.print(
                isJSON
                    ? JSONValue.object(
                        JSONObject([("url", .string(url)), ("port", .integer(Int64(port)))])
                    ).text : "listening on \(url)")
            alive.doorOpened()
        }
        let group = ServiceGroup(
            services: [door, alive], gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger)
        do { try await group.run() } catch DoorError.notServed(let place, let problem) {
            throw Failure(
                "\(place) can't be served: \(problem); stop what listens there or give another "
                    + "--listen", .unavailable)
        }
    }
}

extension ListenAddress {
    fileprivate func with(port: Int) -> String {
        self.host.contains(":") ? "[\(self.host)]:\(port)" : "\(self.host):\(port)"
    }
}
