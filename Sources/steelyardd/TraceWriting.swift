import BinCore
import BinJournal
import Logging
import Records
import ServiceLifecycle

/// Writes traces in bulk, so that they wear the medium as little as they matter, and drops them
/// when records need their room.
struct TraceWriting: Service {
    /// How often it looks for room.
    private static let period = Duration.seconds(60)
    /// Every so many of these it writes.
    private static let periodsPerWrite = 10

    private static let dropped = FaultFact(
        source: "storage traces", code: "dropped",
        detail: "the weights around deposits made room for records: fetch the bin's batches, or "
            + "give it a larger medium")

    let traces: TraceStore
    let listener: any HardwareListening
    let clock: any MonotonicClock
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var isShort = false
            var round = 0
            while !Task.isCancelled {
                isShort = self.look(isShort, writes: round % Self.periodsPerWrite == 0)
                round += 1
                // `try?`: only cancelled, which the loop sees by itself.
                try? await Task.sleep(for: Self.period)
            }
            _ = self.look(isShort, writes: true)
        }
    }

    /// Returns whether records need the room.
    private func look(_ wasShort: Bool, writes: Bool) -> Bool {
        do throws(JournalError) {
            let isShort = try self.traces.makeRoom()
            if isShort != wasShort {
                let now = self.clock.now()
                self.listener.receive(
                    isShort ? .failed(Self.dropped, at: now) : .restored(Self.dropped, at: now))
            }
            if writes, !isShort { try self.traces.flush() }
            return isShort
        } catch {
            self.logger.warning("Traces were not written", metadata: ["problem": "\(error)"])
            return wasShort
        }
    }
}
