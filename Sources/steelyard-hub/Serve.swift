import ArgumentParser
import BinCore
import HTTPDoor
import HubAPI
import HubCore
import Hummingbird
import Logging
import Records
import ServiceLifecycle
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
            throw Failure(.usage, "`\(self.listen)` is no address; give HOST:PORT")
        }
        guard address.isLoopback else {
            throw Failure(
                .configuration,
                "\(address) is no loopback address, and this version has no TLS to serve others "
                    + "with; listen on 127.0.0.1:\(address.port)")
        }
        let store = try self.database.open()
        // A hub without a key would first make one while a device waits.
        _ = try await store.signingKey()
        var logger = Logger(label: "steelyard-hub")
        logger.logLevel = .notice
        let isJSON = self.output.json
        let application = try Door.application(
            serving: HubRoutes(store: store) { WallTime.now }.router(), at: .tcp(address),
            logger: logger
        ) { port in
            let url = "http://\(address.with(port: port))"
            if isJSON {
                Console.print(["url": .string(url), "port": .integer(Int64(port))])
            } else {
                Console.print("listening on \(url)")
            }
        }
        let group = ServiceGroup(
            services: [application], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        do { try await group.run() } catch {
            throw Failure(.unavailable, "\(address) can't be served: \(error)")
        }
    }
}

extension ListenAddress {
    fileprivate func with(port: Int) -> String {
        self.host.contains(":") ? "[\(self.host)]:\(port)" : "\(self.host):\(port)"
    }
}
