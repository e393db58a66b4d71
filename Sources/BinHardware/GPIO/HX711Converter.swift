package import BinCore
package import Logging
import ServiceLifecycle

/// An HX711 on two GPIO lines: tells its conversions, and faults with what to do about them.
///
/// Reads on a thread of its own, which the kernel wakes when a conversion is ready. `run()` ends on
/// graceful shutdown or cancellation.
package final class HX711Converter: Service, HealthReporting {
    private let thread: LineThread<Handler>
    private let snapshot: HealthSnapshot
    private let logger: Logger

    /// - Parameters:
    ///   - scale: Whose conversions they are.
    ///   - listener: Called on the converter's own thread.
    package init(
        scale: Name, settings: HX711Settings, listener: any HardwareListening,
        clock: any MonotonicClock, logger: Logger
    ) {
        var logger = logger
        logger[metadataKey: LogKey.scale] = "\(scale)"
        let timing = HX711Timing(rate: settings.rate)
        let teller = ConverterTeller(
            scale: scale, timing: timing, listener: listener, clock: clock, logger: logger)
        // The configuration has no other gains.
        let selection = HX711Selection(rawValue: settings.gain) ?? .a128
        let cycle = HX711Cycle(selection: selection, timing: timing, teller: teller)
        let plan = LinePlan(
            chip: settings.chip, inputs: [settings.data], setup: InputSetup(edges: .falling),
            outputs: [settings.clock])
        self.thread = LineThread(
            name: "hx711-\(scale)", plan: plan, handler: Handler(cycle: cycle), logger: logger)
        self.snapshot = teller.snapshot
        self.logger = logger
    }

    package func health() -> [DeviceHealth] { [self.snapshot.current] }

    package func run() async throws {
        self.logger.info("Converter started")
        await self.thread.run()
        self.logger.info("Converter stopped")
    }

    /// The cycle on real lines.
    private struct Handler: LineHandling {
        var cycle: HX711Cycle

        mutating func opened(_ lines: borrowing HeldLines) throws(LineError) -> LineWait {
            try self.cycle.opened(lines)
        }

        mutating func came(
            _ batch: EdgeBatch, _ lines: borrowing HeldLines
        ) throws(LineError) -> LineWait {
            try self.cycle.came(batch, lines)
        }

        mutating func timedOut(_ lines: borrowing HeldLines) throws(LineError) -> LineWait {
            try self.cycle.timedOut(lines)
        }

        mutating func failed(_ error: LineError) { self.cycle.failed(error) }
    }
}
