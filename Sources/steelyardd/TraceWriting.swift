import BinJournal
import Logging
import Records
import ServiceLifecycle

/// Writes traces in bulk, so that they wear the medium as little as they matter.
struct TraceWriting: Service {
    private static let period = Duration.seconds(600)

    let traces: TraceStore
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // `try?`: only cancelled, which the loop sees by itself.
                try? await Task.sleep(for: Self.period)
                self.flush()
            }
        }
    }

    private func flush() {
        do throws(JournalError) { try self.traces.flush() } catch {
            self.logger.warning("Traces were not written", metadata: ["problem": "\(error)"])
        }
    }
}
