package import Hummingbird
import NIOCore
import ServiceLifecycle

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A door that is served while it runs.
package struct DoorService<Context: RequestContext>: Service
where Context.Source == ApplicationRequestContextSource {
    let application: Application<RouterResponder<Context>>
    let address: DoorAddress

    /// Serves until it is stopped gracefully.
    ///
    /// - Throws: `DoorError` if the address can't be taken.
    package func run() async throws {
        try await self.wording { try await self.application.run() }
    }

    /// Serves until SIGTERM or SIGINT, for a program that runs nothing else.
    ///
    /// - Throws: `DoorError` if the address can't be taken.
    package func runUntilSignal() async throws {
        try await self.wording { try await self.application.runService() }
    }

    /// The library's errors name its types and calls.
    private func wording(_ body: () async throws -> Void) async throws {
        do { try await body() } catch let error as IOError {
            let problem = String(cString: strerror(error.errnoCode))
            switch self.address {
            case .unix(let path): throw DoorError.unusable(path, problem: problem)
            case .tcp: throw DoorError.notServed("\(self.address)", problem: problem)
            }
        } catch let error as SocketAddressError {
            throw DoorError.notServed("\(self.address)", problem: "\(error)")
        }
    }
}
